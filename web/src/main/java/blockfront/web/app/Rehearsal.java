package blockfront.web.app;

import blockfront.search.worker.WorkerMain;
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
import org.springframework.util.FileSystemUtils;

/** Serves a page to itself, trains for a moment and ends. */
public final class Rehearsal {

  /** The page, and the first answer of the server to it. */
  private static final List<String> REQUESTS = List.of("", "?v-r=init&location=&query=");

  private Rehearsal() {}

  /**
   * Goes through all of it, on a port that is free and in a folder that is gone afterwards.
   *
   * @throws IllegalStateException if a page is not served
   */
  public static void run() throws IOException, InterruptedException {
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
