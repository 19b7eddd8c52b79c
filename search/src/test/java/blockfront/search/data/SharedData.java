package blockfront.search.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/**
 * Data that tests use where they find it but the repository may not hold: a folder {@code data} in
 * the folder that the system property or the environment variable {@code BLOCKFRONT_SHARED} names,
 * else in {@code ../shared} beside the checkout.
 */
public final class SharedData {

  private static final String NAME = "BLOCKFRONT_SHARED";

  private SharedData() {}

  /** The folder of a data set; the test is skipped where it is absent. */
  public static Path folder(String name) {
    // tests run in the folder of their module
    Path shared =
        Optional.ofNullable(System.getProperty(NAME))
            .or(() -> Optional.ofNullable(System.getenv(NAME)))
            .map(Path::of)
            .orElse(Path.of("../../shared"));
    Path folder = shared.resolve("data").resolve(name);
    Assumptions.assumeTrue(
        Files.isDirectory(folder),
        "needs the data set '%s', absent at %s; set %s"
            .formatted(name, folder.toAbsolutePath().normalize(), NAME));
    return folder;
  }
}
