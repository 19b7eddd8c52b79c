package blockfront.web.architecture;

import blockfront.web.page.Aside;
import blockfront.web.page.Parts;
import com.vaadin.flow.component.button.Button;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What is done aside for one network when a button is pressed: each thing once at a time, however
 * often the page around the button is drawn meanwhile.
 *
 * <p>Used with the page locked.
 */
final class Errands {

  private final Set<String> underWay = new HashSet<>();
  private final Runnable draw;

  /**
   * None yet.
   *
   * @param draw shows the page anew, after each of them
   */
  Errands(Runnable draw) {
    this.draw = draw;
  }

  /**
   * A button that sends for something; pressed in vain while that is under way.
   *
   * @param id of the button, and of what is done
   * @param work gives what is to be told in the end, nothing if empty
   */
  Button button(String id, String label, Supplier<String> work) {
    var button = new Button(label);
    button.setId(id);
    button.setEnabled(!underWay.contains(id));
    button.addClickListener(
        _ -> {
          if (underWay.add(id)) {
            button.setEnabled(false);
            Aside.run(
                id, work, told -> end(id, () -> tell(told)), why -> end(id, () -> Parts.warn(why)));
          }
        });
    return button;
  }

  private void end(String id, Runnable words) {
    underWay.remove(id);
    words.run();
    draw.run();
  }

  private static void tell(String words) {
    if (!words.isEmpty()) {
      Parts.tell(words);
    }
  }
}
