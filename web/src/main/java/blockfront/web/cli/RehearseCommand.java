package blockfront.web.cli;

import blockfront.search.worker.WorkerMain;
import blockfront.web.app.Application;
import blockfront.web.app.ServeOptions;
import java.io.IOException;
import java.net.CookieManager;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.springframework.util.FileSystemUtils;
import picocli.CommandLine.Command;

/**
 * Serves a page to itself, trains for a moment and ends.
 *
 * <p>The launcher runs it after a build, under a JVM that keeps what it has loaded: from then on
 * all commands start in about half the time.
 */
@Command(name = "rehearse", hidden = true, description = "Starts, shows a page, trains and ends.")
final class RehearseCommand implements Callable<Integer> {

  /** The page, and the first answer of the server to it. */
  private static final List<String> REQUESTS = List.of("", "?v-r=init&location=&query=");

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("blockfront");
    try {
      var options = new ServeOptions("127.0.0.1", freePort(), folder, 1);
      try (var _ = Application.start(options);
          HttpClient browser = HttpClient.newBuilder().cookieHandler(new CookieManager()).build()) {
        for (String request : REQUESTS) {
          URI page = URI.create("http://127.0.0.1:%d/%s".formatted(options.port(), request));
          int status =
              browser
                  .send(HttpRequest.newBuilder(page).build(), BodyHandlers.discarding())
                  .statusCode();
          if (status != 200) {
            throw new IllegalStateException("%s answers %d".formatted(page, status));
          }
        }
      }
      WorkerMain.rehearse();
      return 0;
    } finally {
      FileSystemUtils.deleteRecursively(folder);
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
