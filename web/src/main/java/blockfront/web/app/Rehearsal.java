package blockfront.web.app;

import blockfront.search.study.Budget;
import blockfront.search.study.ExamplePlans;
import blockfront.search.study.Study;
import blockfront.search.study.StudyPlan;
import blockfront.search.study.StudyService;
import blockfront.search.study.StudyState;
import blockfront.search.study.StudyStore;
import blockfront.search.worker.WorkerMain;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.util.FileSystemUtils;

/** Serves all pages to itself, those of a small study too, trains for a moment and ends. */
public final class Rehearsal {

  private static final int PATIENT_SECONDS = 120;

  private Rehearsal() {}

  /**
   * Goes through all of it, on a port that is free and in a folder that is gone afterwards.
   *
   * @throws IOException if a page is not served
   * @throws IllegalStateException if the study does not finish
   */
  public static void run() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("blockfront");
    try {
      var options = new ServeOptions("127.0.0.1", freePort(), folder, 1);
      try (ConfigurableApplicationContext context = Application.start(options)) {
        StudyStore store = context.getBean(StudyStore.class);
        finish(context.getBean(StudyService.class), store);
        new Visitor(URI.create(options.address())).open(Visitor.pages(store));
      }
      WorkerMain.rehearse();
    } finally {
      FileSystemUtils.deleteRecursively(folder);
    }
  }

  private static void finish(StudyService service, StudyStore store) throws InterruptedException {
    StudyPlan example = ExamplePlans.DIGITS.plan();
    var ended = new CountDownLatch(1);
    try (var _ =
        service.subscribe(
            event -> {
              if (store
                  .study(event.study())
                  .map(Study::state)
                  .filter(StudyState::ended)
                  .isPresent()) {
                ended.countDown();
              }
            })) {
      service.start(
          example
              .withRecipe(example.recipe().withEpochs(1))
              .withBudget(Budget.ofTrials(example.start().size())));
      if (!ended.await(PATIENT_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException("The small study has not ended");
      }
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
