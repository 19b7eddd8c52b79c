package blockfront.web.architecture;

import blockfront.search.trial.TrialId;
import blockfront.web.page.Aside;
import blockfront.web.page.Parts;
import com.vaadin.flow.component.button.Button;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * What is done aside for one network when a button is pressed: each thing once at a time, however
 * many pages show the button and however often they are drawn or loaded meanwhile.
 *
 * <p>Used with the page locked.
 */
final class Errands {

  /** Of all pages: work goes on when the page that sent for it is gone. */
  private static final Set<Errand> UNDER_WAY = ConcurrentHashMap.newKeySet();

  private final Set<Errand> awaited = new HashSet<>();
  private final TrialId network;
  private final Runnable draw;

  private record Errand(TrialId network, String id) {}

  /**
   * Those of one page.
   *
   * @param draw shows the page anew, after each that it sent for
   */
  Errands(TrialId network, Runnable draw) {
    this.network = network;
    this.draw = draw;
  }

  /**
   * A button that sends for something; pressed in vain while that is under way.
   *
   * @param id of the button, and of what is done
   * @param work gives what is to be told in the end, nothing if empty
   */
  Button button(String id, String label, Supplier<String> work) {
    var errand = new Errand(network, id);
    var button = new Button(label);
    button.setId(id);
    if (UNDER_WAY.contains(errand)) {
      await(errand, button);
    }
    button.addClickListener(
        _ -> {
          await(errand, button);
          if (UNDER_WAY.add(errand)) {
            Aside.run(
                id,
                () -> once(errand, work),
                told -> end(errand, () -> tell(told)),
                why -> end(errand, () -> Parts.warn(why)));
          }
        });
    return button;
  }

  /** Whether anything has ended, since this was last asked, that a button of this page awaited. */
  boolean ended() {
    return awaited.removeIf(errand -> !UNDER_WAY.contains(errand));
  }

  private void await(Errand errand, Button button) {
    awaited.add(errand);
    button.setEnabled(false);
  }

  private static String once(Errand errand, Supplier<String> work) {
    try {
      return work.get();
    } finally {
      UNDER_WAY.remove(errand);
    }
  }

  private void end(Errand errand, Runnable words) {
    awaited.remove(errand);
    words.run();
    draw.run();
  }

  private static void tell(String words) {
    if (!words.isEmpty()) {
      Parts.tell(words);
    }
  }
}
