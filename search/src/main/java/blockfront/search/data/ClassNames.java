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

  /** The lines of the first such file in a folder; blank lines are passed over. */
  static Optional<List<String>> in(Path folder) {
    return FILES.stream()
        .map(folder::resolve)
        .filter(Files::isRegularFile)
        .findFirst()
        .map(file -> DataFile.read(file).text().lines().map(String::strip).toList())
        .map(lines -> lines.stream().filter(line -> !line.isEmpty()).toList());
  }

  /** {@code "0"}, {@code "1"}, ... */
  static List<String> numbered(int classes) {
    return IntStream.range(0, classes).mapToObj(Integer::toString).toList();
  }
}
