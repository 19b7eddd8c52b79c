package blockfront.web.page;

import com.vaadin.flow.component.UI;
import com.vaadin.flow.component.UIDetachedException;
import com.vaadin.flow.server.Command;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What takes too long for a page to wait: done on another thread, shown when it is done. */
public final class Aside {

  private static final Logger LOG = LoggerFactory.getLogger(Aside.class);

  private Aside() {}

  /**
   * Begins some work for the page that is being handled.
   *
   * @param name of the thread
   * @param done told of the result, with the page locked
   * @param failed told why there is none, whatever the reason, with the page locked
   */
  public static <T> void run(
      String name, Supplier<T> work, Consumer<T> done, Consumer<String> failed) {
    UI ui = UI.getCurrent();
    Thread.ofVirtual().name(name).start(() -> show(ui, ended(name, work, done, failed)));
  }

  /** Runs something with a page locked, unless the page is gone. */
  public static void show(UI ui, Command change) {
    try {
      var _ = ui.access(change);
    } catch (UIDetachedException _) {
      // nobody is there to be shown anything
    }
  }

  /** Why something failed, for people. */
  public static String reason(Throwable failure) {
    return Optional.ofNullable(failure.getMessage()).orElseGet(failure::toString);
  }

  /** Does the work, and gives what is to be done with the page locked then. */
  static <T> Command ended(
      String name, Supplier<T> work, Consumer<T> done, Consumer<String> failed) {
    try {
      T result = work.get();
      return () -> done.accept(result);
    } catch (IllegalArgumentException | IllegalStateException e) {
      return () -> failed.accept(reason(e)); // its words are for people
    } catch (RuntimeException | Error e) {
      LOG.warn("Failed: {}", name, e);
      return () -> failed.accept(reason(e));
    }
  }
}
