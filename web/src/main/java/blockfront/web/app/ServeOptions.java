package blockfront.web.app;

import java.nio.file.Path;

/**
 * How the workbench is served.
 *
 * @param host address to listen on
 * @param port 1 to 65535
 * @param dataDirectory holds the database and the weights; made if it is missing
 * @param slots trainings at a time
 */
public record ServeOptions(String host, int port, Path dataDirectory, int slots) {

  public ServeOptions {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("Port must be from 1 to 65535, got " + port);
    }
  }

  /** Where a browser on this machine finds the pages. */
  String address() {
    return "http://%s:%d".formatted(host.equals("0.0.0.0") ? "localhost" : host, port);
  }
}
