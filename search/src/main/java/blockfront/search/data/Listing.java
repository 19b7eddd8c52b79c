package blockfront.search.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Names in a folder, sorted by code unit so that labels and hashes are the same on every file
 * system; names that begin with a dot are passed over.
 *
 * @param files names of what is no folder
 * @param folders names of sub-folders
 */
record Listing(List<String> files, List<String> folders) {

  private static final int NAMES_SHOWN = 8;

  /**
   * Lists a folder.
   *
   * @throws DataException if the folder cannot be read
   */
  static Listing of(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      List<Path> visible =
          entries
              .filter(entry -> !entry.getFileName().toString().startsWith("."))
              .sorted((a, b) -> a.getFileName().toString().compareTo(b.getFileName().toString()))
              .toList();
      return new Listing(
          names(visible.stream().filter(entry -> !Files.isDirectory(entry))),
          names(visible.stream().filter(Files::isDirectory)));
    } catch (IOException e) {
      throw new DataException(
          "%s: wanted a folder that can be read: %s".formatted(folder.toAbsolutePath(), e), e);
    }
  }

  /** The first few names, for messages. */
  String text() {
    List<String> all = Stream.concat(files.stream(), folders.stream()).toList();
    if (all.isEmpty()) {
      return "an empty folder";
    }
    String first = String.join(", ", all.subList(0, Math.min(all.size(), NAMES_SHOWN)));
    int more = all.size() - NAMES_SHOWN;
    return more > 0 ? "%s and %d more".formatted(first, more) : first;
  }

  private static List<String> names(Stream<Path> entries) {
    return entries.map(entry -> entry.getFileName().toString()).toList();
  }
}
