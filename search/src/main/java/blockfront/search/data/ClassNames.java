package blockfront.search.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Names of classes that formats with numbered labels keep in a text file, one a line. */
final class ClassNames {

  private static final List<String> FILES = List.of("classes.txt", "batches.meta.txt");

  private ClassNames() {}

  /**
   * The lines of the first such file in a folder; blank lines are passed over.
   *
   * @throws DataException if they are fewer than 2
   */
  static Optional<List<String>> in(Path folder) {
    return FILES.stream()
        .map(folder::resolve)
        .filter(Files::isRegularFile)
        .findFirst()
        .map(ClassNames::lines);
  }

  private static List<String> lines(Path file) {
    List<String> names =
        DataFile.read(file)
            .text()
            .lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty())
            .toList();
    if (names.size() < 2) {
      throw new DataException(
          "%s: wanted the names of at least 2 classes, one a line, got %s".formatted(file, names));
    }
    return names;
  }

  /** {@code "0"}, {@code "1"}, ... */
  static List<String> numbered(int classes) {
    return IntStream.range(0, classes).mapToObj(Integer::toString).toList();
  }
}
