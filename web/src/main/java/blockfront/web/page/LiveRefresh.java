package blockfront.web.page;

import blockfront.search.study.StudyEvent;
import blockfront.search.study.StudyService;
import com.vaadin.flow.component.Component;
import com.vaadin.flow.component.UI;
import com.vaadin.flow.component.UIDetachedException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Redraws a component while it is shown and something happens: at most four times a second, and
 * every other second for clocks.
 *
 * <p>Events are hints; the redrawing reads the store.
 */
public final class LiveRefresh {

  private static final long SHORTEST_MILLIS = 250;
  private static final long CLOCK_MILLIS = 2000;

  private static final ScheduledExecutorService TIMER =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("page refresh").factory());

  private final UI ui;
  private final Runnable redraw;
  private final AtomicBoolean waiting = new AtomicBoolean();

  LiveRefresh(UI ui, Runnable redraw) {
    this.ui = ui;
    this.redraw = redraw;
  }

  /**
   * Begins when the component is attached and ends when it is detached.
   *
   * @param missed run once it listens, with the page locked: what happened since the page last read
   *     the store was told to nobody
   * @param seen told of every event at once, on the thread that stored it
   * @param redraw run with the page locked
   */
  public static void of(
      Component component,
      StudyService service,
      Runnable missed,
      Consumer<StudyEvent> seen,
      Runnable redraw) {
    component.addAttachListener(
        attached -> {
          var refresh = new LiveRefresh(attached.getUI(), redraw);
          StudyService.Subscription subscription = refresh.begin(service, missed, seen);
          ScheduledFuture<?> clock =
              TIMER.scheduleWithFixedDelay(
                  refresh::soon, CLOCK_MILLIS, CLOCK_MILLIS, TimeUnit.MILLISECONDS);
          component.addDetachListener(
              detached -> {
                subscription.close();
                clock.cancel(false);
                detached.unregisterListener();
              });
        });
  }

  /** First listens, then looks at what was before: the other way round something is lost. */
  StudyService.Subscription begin(
      StudyService service, Runnable missed, Consumer<StudyEvent> seen) {
    StudyService.Subscription subscription =
        service.subscribe(
            event -> {
              seen.accept(event);
              soon();
            });
    try {
      missed.run();
    } catch (RuntimeException | Error e) {
      subscription.close(); // nobody would
      throw e;
    }
    soon();
    return subscription;
  }

  private void soon() {
    if (!waiting.getAndSet(true)) {
      var _ = TIMER.schedule(this::now, SHORTEST_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void now() {
    waiting.set(false);
    try {
      var _ = ui.access(redraw::run);
    } catch (UIDetachedException e) {
      waiting.set(true); // the page is gone: nothing more to draw
    }
  }
}
