package blockfront.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import blockfront.web.cli.Blockfront;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.PlaywrightException;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Workers and the server are killed as hard as can be; nothing that was measured is lost. */
class KilledProcessIT {

  private static final double PATIENT_MILLIS = 240_000;

  @TempDir private Path folder;

  private final List<Process> servers = new ArrayList<>();

  @AfterEach
  void endServers() throws InterruptedException {
    for (Process server : servers) {
      // workers end by themselves when their server is gone
      server.destroyForcibly();
      assertThat(server.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void aStudySurvivesTheDeathOfItsWorkerAndOfItsServer() throws Exception {
    int port = Chromium.freePort();
    Process first = serve(port);
    try (var chromium = new Chromium()) {
      Page page = chromium.open(1440, 900, ColorScheme.LIGHT);
      navigate(page, port, "/");
      page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Start the example"))
          .click();
      page.waitForURL("**/study/1");
      waitForPoints(page, 1);

      ProcessHandle worker = first.toHandle().children().findFirst().orElseThrow();
      assertThat(worker.destroyForcibly()).isTrue();
      assertThat(page.locator("#running"))
          .containsText(
              "Attempt 2 of 3: the worker was lost before",
              new LocatorAssertions.ContainsTextOptions().setTimeout(PATIENT_MILLIS));
      waitForPoints(page, 3);
      List<String> before = finished(page);

      first.destroyForcibly().waitFor();
      serve(port);
      navigate(page, port, "/study/1");
      assertThat(page.locator(".title-line")).containsText("running");
      assertThat(finished(page)).containsAll(before);
      waitForPoints(page, before.size() + 1);
    }
  }

  @Test
  void aSecondServerOnTheSameDataIsToldSo() throws Exception {
    serveAndWait(Chromium.freePort());
    Process second = serve(Chromium.freePort());
    assertThat(second.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(second.exitValue()).isEqualTo(1);
    assertThat(Files.readString(log(second)))
        .contains("blockfront: Data directory", "is in use by another Blockfront")
        .doesNotContain("Exception");
  }

  private void serveAndWait(int port) throws IOException {
    serve(port);
    try (var chromium = new Chromium()) {
      navigate(chromium.open(1440, 900, ColorScheme.LIGHT), port, "/");
    }
  }

  private Process serve(int port) throws IOException {
    var words =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                Blockfront.class.getName(),
                "serve",
                "--port",
                String.valueOf(port),
                "--data-dir",
                folder.resolve("data").toString(),
                "--slots",
                "2"));
    Path log = Files.createTempFile(folder, "server", ".log");
    Process server =
        new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    servers.add(server);
    Files.move(log, log(server));
    return server;
  }

  private Path log(Process server) {
    return folder.resolve(server.pid() + ".log");
  }

  /** Tries until the server answers. */
  private static void navigate(Page page, int port, String path) {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos((long) PATIENT_MILLIS);
    while (true) {
      try {
        page.navigate("http://127.0.0.1:" + port + path);
        page.locator(".page").waitFor();
        return;
      } catch (PlaywrightException e) {
        if (System.nanoTime() > end) {
          throw e;
        }
        page.waitForTimeout(500);
      }
    }
  }

  private static void waitForPoints(Page page, int wanted) {
    page.waitForFunction(
        "wanted => { const front = document.querySelector('#front'); return front &&"
            + " front.description && JSON.parse(front.description).points.length >= wanted; }",
        wanted,
        new Page.WaitForFunctionOptions().setTimeout(PATIENT_MILLIS));
  }

  /** Number and accuracy of what is measured. */
  private static List<String> finished(Page page) {
    Object points =
        page.evaluate(
            "() => JSON.parse(document.querySelector('#front').description).points.map(p => p[2] +"
                + " ': ' + p[1])");
    return ((List<?>) points).stream().map(String::valueOf).toList();
  }
}
