package blockfront.search.export;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Zip files that are the same bytes for the same content, whenever they are written. */
final class Zip {

  /** The earliest that the format knows. */
  private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  private Zip() {}

  /**
   * Writes files.
   *
   * @param root what their names in it are relative to
   */
  static void write(OutputStream to, Path root, List<Path> files) throws IOException {
    try (var zip = new ZipOutputStream(to)) {
      for (Path file : files) {
        var entry = new ZipEntry(root.relativize(file).toString().replace('\\', '/'));
        entry.setTimeLocal(TIME);
        zip.putNextEntry(entry);
        Files.copy(file, zip);
        zip.closeEntry();
      }
    }
  }
}
