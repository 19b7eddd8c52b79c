package blockfront.search.trial;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Properties;

/** Which Blockfront this is. */
public final class Version {

  /** As in {@code pom.xml}. */
  public static final String CURRENT = read();

  private Version() {}

  private static String read() {
    try (var in = Version.class.getResourceAsStream("version.properties")) {
      if (in == null) {
        throw new IllegalStateException("This build of Blockfront lacks its version.properties");
      }
      var properties = new Properties();
      properties.load(in);
      return properties.getProperty("version");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
