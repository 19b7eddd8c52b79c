package blockfront.web.study;

import blockfront.blocks.spi.Block;
import blockfront.blocks.spi.Traits;
import blockfront.web.page.Parts;
import com.vaadin.flow.component.button.Button;
import com.vaadin.flow.component.button.ButtonVariant;
import com.vaadin.flow.component.checkbox.Checkbox;
import com.vaadin.flow.component.html.Div;
import com.vaadin.flow.component.html.H3;
import com.vaadin.flow.component.html.Span;
import com.vaadin.flow.component.textfield.TextField;
import com.vaadin.flow.data.value.ValueChangeMode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Blocks of one category to allow, by family, with a filter. */
final class BlockPicker extends Div {

  private static final long serialVersionUID = 1;

  private final transient Map<Block, Checkbox> boxes = new LinkedHashMap<>();
  private final transient List<Div> families = new ArrayList<>();
  private final Span problem = Parts.problem();
  private final transient Runnable changed;
  private transient boolean settingMany;
  private transient Predicate<Block> admitted = _ -> true;
  private transient String words = "";

  /**
   * All of them, none allowed yet.
   *
   * @param changed run after each change
   */
  BlockPicker(String heading, List<? extends Block> blocks, Runnable changed) {
    this.changed = changed;
    addClassName("stack");
    var filter = new TextField();
    filter.setPlaceholder("Filter: attention, linear, causal …");
    filter.setWidth("260px");
    filter.setAriaLabel("Filter " + heading);
    filter.setClearButtonVisible(true);
    filter.setValueChangeMode(ValueChangeMode.EAGER);
    filter.addValueChangeListener(event -> filter(event.getValue()));
    var actions = Parts.div("actions", filter, button("All", true), button("None", false));
    filter.setVisible(blocks.size() > 5);
    add(Parts.div("row", new H3(heading), actions), problem, families(blocks));
  }

  List<String> allowed() {
    return boxes.entrySet().stream()
        .filter(entry -> entry.getValue().getValue() && admitted.test(entry.getKey()))
        .map(entry -> entry.getKey().id())
        .toList();
  }

  /** Offers only these; what was chosen of the others comes back when they do. */
  void admit(Predicate<Block> wanted) {
    admitted = wanted;
    filter(words);
  }

  void allow(Collection<String> ids) {
    setMany(block -> ids.contains(block.id()));
  }

  /** Shows what is wrong with the choice; empty if nothing. */
  void complain(String words) {
    problem.setText(words);
    problem.setVisible(!words.isEmpty());
  }

  private Div families(List<? extends Block> blocks) {
    var byFamily = new LinkedHashMap<String, List<Block>>();
    blocks.forEach(
        block -> byFamily.computeIfAbsent(block.family(), _ -> new ArrayList<>()).add(block));
    Div all = Parts.div("families");
    byFamily.forEach(
        (family, members) -> {
          Div part = Parts.div("family", Parts.text("faint", family));
          members.forEach(block -> part.add(box(block)));
          families.add(part);
          all.add(part);
        });
    return all;
  }

  private Checkbox box(Block block) {
    var box = new Checkbox(block.title());
    box.setTooltipText(
        "%s %s, mixes tokens: %s".formatted(block.summary(), traits(block), mixes(block)));
    box.addValueChangeListener(
        _ -> {
          complain("");
          if (!settingMany) {
            changed.run();
          }
        });
    boxes.put(block, box);
    return box;
  }

  private Button button(String text, boolean value) {
    var button = new Button(text, _ -> setMany(block -> visible(block) ? value : checked(block)));
    button.addThemeVariants(ButtonVariant.TERTIARY, ButtonVariant.SMALL);
    return button;
  }

  private boolean visible(Block block) {
    Checkbox box = boxes.get(block);
    return box != null && box.isVisible();
  }

  private boolean checked(Block block) {
    Checkbox box = boxes.get(block);
    return box != null && box.getValue();
  }

  private void setMany(Predicate<Block> wanted) {
    settingMany = true;
    boxes.forEach((block, box) -> box.setValue(wanted.test(block)));
    settingMany = false;
    changed.run();
  }

  private void filter(String given) {
    words = given;
    String wanted = given.strip().toLowerCase(Locale.ROOT);
    boxes.forEach(
        (block, box) -> box.setVisible(text(block).contains(wanted) && admitted.test(block)));
    families.forEach(
        family ->
            family.setVisible(
                family
                    .getChildren()
                    .anyMatch(part -> part instanceof Checkbox && part.isVisible())));
  }

  private static String text(Block block) {
    return String.join(
            " ", Set.of(block.id(), block.title() + " ", block.family() + "  ", traits(block)))
        .toLowerCase(Locale.ROOT);
  }

  private static String traits(Block block) {
    Traits traits = block.traits();
    return traits.complexity()
        + (traits.linear() ? " linear" : "")
        + switch (traits.causality()) {
          case ALWAYS, OPTIONAL -> " causal";
          case NEVER, INHERITED -> "";
        }
        + (traits.layout() == Traits.Layout.GRID ? " 2-D" : "");
  }

  private static String mixes(Block block) {
    return block.traits().mixes().name().toLowerCase(Locale.ROOT);
  }
}
