package blockfront.search.study;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one thread that studies, their trials and their slots belong to. */
final class StudyThread {

  private static final Logger LOG = LoggerFactory.getLogger(StudyThread.class);

  private final ScheduledExecutorService scheduler =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("studies").factory());

  /** Does some work as soon as what was given before is done; nothing once it is closed. */
  void run(Runnable work) {
    try {
      scheduler.execute(guarded(work));
    } catch (RejectedExecutionException e) {
      LOG.debug("Ignored after closing: {}", e.getMessage());
    }
  }

  /** Does some work again and again, with a pause between. */
  void repeat(Runnable work, Duration pause) {
    var _ =
        scheduler.scheduleWithFixedDelay(
            guarded(work), pause.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Waits for what was given before. */
  void close() {
    scheduler.shutdown();
    try {
      if (!scheduler.awaitTermination(10, TimeUnit.SECONDS)) {
        LOG.warn("Studies did not end in time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A store that fails once must not end the thread's work for good. */
  private static Runnable guarded(Runnable work) {
    return () -> {
      try {
        work.run();
      } catch (RuntimeException e) {
        LOG.error("A change of a study failed", e);
      }
    };
  }
}
