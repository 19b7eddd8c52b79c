package blockfront.web.catalogue;

import static org.jsoup.nodes.Entities.escape;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.cost.Cost;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Block;
import blockfront.blocks.spi.Category;
import blockfront.blocks.spi.ChannelMixer;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.spi.Traits;
import blockfront.web.front.Chart;
import blockfront.web.front.Charts;
import blockfront.web.page.Figures;
import blockfront.web.page.Parts;
import com.vaadin.flow.component.Component;
import com.vaadin.flow.component.Html;
import com.vaadin.flow.component.combobox.MultiSelectComboBox;
import com.vaadin.flow.component.details.Details;
import com.vaadin.flow.component.html.Div;
import com.vaadin.flow.component.html.H2;
import com.vaadin.flow.component.html.NativeTable;
import com.vaadin.flow.component.html.NativeTableCell;
import com.vaadin.flow.component.html.NativeTableHeaderCell;
import com.vaadin.flow.component.html.NativeTableRow;
import com.vaadin.flow.component.html.Paragraph;
import com.vaadin.flow.component.html.Span;
import com.vaadin.flow.component.select.Select;
import com.vaadin.flow.component.textfield.TextField;
import com.vaadin.flow.data.value.ValueChangeMode;
import com.vaadin.flow.router.PageTitle;
import com.vaadin.flow.router.Route;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The catalogue: what each block is, where it is from, what can be set, how its cost grows. */
@Route("blocks")
@PageTitle("Blocks · Blockfront")
final class BlocksView extends Div {

  private static final long serialVersionUID = 1;

  private static final String ALL = "All categories";
  private static final String EVERY = "All families";
  private static final int CHANNELS = 64;
  private static final List<Integer> SIDES = List.of(4, 8, 16, 32, 64);

  private final TextField text = new TextField("Contains");
  private final Select<String> category = new Select<>();
  private final Select<String> family = new Select<>();
  private final MultiSelectComboBox<Wanted> wanted = new MultiSelectComboBox<>("Only those that");
  private final Span count = Parts.text("faint", "");
  private final transient Map<Block, Div> cards = new LinkedHashMap<>();
  private final transient Map<String, Div> families = new LinkedHashMap<>();

  /** What a person may ask of blocks. */
  private enum Wanted {
    MIX_TOKENS("mix tokens"),
    CAUSAL("can be causal"),
    LINEAR("are linear in N"),
    GRID("work on 2-D grids"),
    SEQUENCE("work on 1-D sequences"),
    ANY_NUMBER("take any number of tokens");

    private final String text;

    Wanted(String text) {
      this.text = text;
    }

    boolean holds(Traits traits) {
      return switch (this) {
        case MIX_TOKENS -> traits.mixes() != Traits.Mixing.NONE;
        case CAUSAL ->
            switch (traits.causality()) {
              case ALWAYS, OPTIONAL -> true;
              case NEVER, INHERITED -> false;
            };
        case LINEAR -> traits.linear();
        case GRID -> traits.layout() != Traits.Layout.SEQUENCE;
        case SEQUENCE -> traits.layout() != Traits.Layout.GRID;
        case ANY_NUMBER -> !traits.fixedTokens();
      };
    }
  }

  BlocksView(Catalogue catalogue) {
    addClassName("page");
    addClassName("catalogue");
    var lead =
        new Paragraph(
            "Everything a network can be made of, each exactly as its paper defines it. Costs are"
                + " counted from the same description that is trained.");
    lead.addClassName("lead");
    var grids = new LinkedHashMap<String, Div>();
    for (Block block : catalogue.all()) {
      Div card = card(block);
      cards.put(block, card);
      grids.computeIfAbsent(block.family(), _ -> Parts.div("blocks")).add(card);
    }
    grids.forEach((name, grid) -> families.put(name, Parts.div("stack", new H2(name), grid)));
    add(Parts.header(Parts.title("Blocks"), count), lead, filters(catalogue));
    families.values().forEach(this::add);
    filter();
  }

  private Component filters(Catalogue catalogue) {
    text.setPlaceholder("attention, causal, linear, Yu …");
    text.setClearButtonVisible(true);
    text.setValueChangeMode(ValueChangeMode.LAZY);
    text.addValueChangeListener(_ -> filter());
    category.setLabel("Category");
    category.setItems(
        Stream.concat(
                Stream.of(ALL),
                Stream.of(Category.values())
                    .filter(each -> !catalogue.all(each).isEmpty())
                    .map(Category::text))
            .toList());
    category.setValue(ALL);
    category.addValueChangeListener(_ -> filter());
    family.setLabel("Family");
    family.setItems(Stream.concat(Stream.of(EVERY), families.keySet().stream()).toList());
    family.setValue(EVERY);
    family.addValueChangeListener(_ -> filter());
    wanted.setItems(Wanted.values());
    wanted.setItemLabelGenerator(each -> each.text);
    wanted.addValueChangeListener(_ -> filter());
    return Parts.div("form", text, category, family, wanted);
  }

  private void filter() {
    String words = text.getValue().strip().toLowerCase(Locale.ROOT);
    cards.forEach(
        (block, card) ->
            card.setVisible(
                (category.getValue().equals(ALL)
                        || block.category().text().equals(category.getValue()))
                    && (family.getValue().equals(EVERY) || block.family().equals(family.getValue()))
                    && wanted.getValue().stream().allMatch(each -> each.holds(block.traits()))
                    && description(block).contains(words)));
    families.forEach(
        (name, section) ->
            section.setVisible(
                cards.entrySet().stream()
                    .anyMatch(
                        each ->
                            each.getKey().family().equals(name) && each.getValue().isVisible())));
    long shown = cards.values().stream().filter(Component::isVisible).count();
    count.setText("%d of %d".formatted(shown, cards.size()));
  }

  private static String description(Block block) {
    return String.join(
            " ",
            List.of(
                block.id(),
                block.title(),
                block.family(),
                block.role().text(),
                block.summary(),
                block.source().title(),
                block.source().authors(),
                String.join(" ", traits(block))))
        .toLowerCase(Locale.ROOT);
  }

  private static Div card(Block block) {
    Div card = Parts.div("card", facts(block), details(block));
    card.addClassName("block");
    card.setId("block-" + block.id());
    return card;
  }

  /** As one piece of HTML: a hundred cards of components each would be slow. */
  private static Html facts(Block block) {
    String traits =
        traits(block).stream()
            .map(trait -> "<span class=\"badge badge-quiet\">%s</span>".formatted(escape(trait)))
            .collect(Collectors.joining());
    return new Html(
        """
        <div class="stack">
          <div class="row"><h3>%s</h3><span class="faint">%s</span></div>
          <div class="row">
            <span class="mono">%s</span>
            <a class="small" href="%s" title="%s" target="_blank">%s (%d)</a>
          </div>
          <p>%s</p>
          <div class="traits">%s</div>
        </div>
        """
            .formatted(
                escape(block.title()),
                escape(block.role().text()),
                escape(block.id()),
                escape(block.source().address()),
                escape(block.source().title()),
                escape(block.source().authors()),
                block.source().year(),
                escape(block.summary()),
                traits));
  }

  private static List<String> traits(Block block) {
    Traits traits = block.traits();
    var words = new ArrayList<String>();
    words.add(block.category().text());
    words.add(traits.complexity());
    words.add(
        switch (traits.mixes()) {
          case NONE -> "mixes no tokens";
          case LOCAL -> "mixes nearby tokens";
          case GLOBAL -> "mixes all tokens";
        });
    switch (traits.causality()) {
      case ALWAYS -> words.add("causal");
      case OPTIONAL -> words.add("can be causal");
      case NEVER, INHERITED -> {}
    }
    switch (traits.layout()) {
      case GRID -> words.add("2-D");
      case SEQUENCE -> words.add("1-D");
      case BOTH -> {}
    }
    if (traits.linear()) {
      words.add("linear in N");
    }
    if (traits.fixedTokens()) {
      words.add("fixed number of tokens");
    }
    return words;
  }

  /** Made when it is opened: a hundred charts at once would be slow. */
  private static Details details(Block block) {
    var details = new Details("Paper, knobs and cost");
    details.setWidthFull();
    details.addOpenedChangeListener(
        opened -> {
          if (opened.isOpened() && details.getContent().findAny().isEmpty()) {
            details.add(new Paragraph(block.source().title()), knobs(block));
            growth(block).ifPresent(details::add);
          }
        });
    return details;
  }

  private static Component knobs(Block block) {
    if (block.knobs().isEmpty()) {
      return Parts.text("faint", "Nothing can be set.");
    }
    var table = new NativeTable();
    table.addClassName("figures");
    var head = new NativeTableRow();
    Stream.of("Knob", "Meaning", "Standard", "Searched")
        .forEach(name -> head.add(new NativeTableHeaderCell(name)));
    table.add(head);
    for (Knob<?> knob : block.knobs()) {
      var row = new NativeTableRow();
      row.add(
          new NativeTableCell(Parts.text("mono", knob.name())),
          new NativeTableCell(knob.meaning()),
          new NativeTableCell(String.valueOf(knob.standard())),
          new NativeTableCell(knob.choices().size() < 2 ? "–" : knob.choices().toString()));
      table.add(row);
    }
    return Parts.div("table-scroll", table);
  }

  private static Optional<Component> growth(Block block) {
    return switch (block) {
      case TokenMixer mixer -> Optional.of(growth(x -> mixer.mix(x, Setting.STANDARD)));
      case ChannelMixer mixer -> Optional.of(growth(x -> mixer.mix(x, Setting.STANDARD)));
      default -> Optional.empty();
    };
  }

  private static Component growth(UnaryOperator<Tensor> mixing) {
    var points = new ArrayList<List<Long>>();
    String refused = "";
    for (int side : SIDES) {
      try {
        Tensor x = Tensor.input("tokens", Shape.of(side, side, CHANNELS));
        Cost cost = Cost.of(Scope.collectingRepairs(() -> mixing.apply(x)).value());
        long flops = cost.flops() + 2 * cost.fourier() + cost.elementwise();
        if (flops > 0) {
          points.add(List.of((long) side * side, flops));
        }
      } catch (IllegalArgumentException e) {
        refused = String.valueOf(e.getMessage());
      }
    }
    if (points.isEmpty()) {
      return Parts.text("faint", refused.isEmpty() ? "It costs nothing." : refused);
    }
    var chart = new Chart("Operations against tokens at %d channels".formatted(CHANNELS));
    chart.addClassName("chart-growth");
    chart.show(Charts.growth("tokens, at %d channels".formatted(CHANNELS), "operations", points));
    return Parts.div(
        "stack",
        chart,
        Parts.text(
            "faint",
            "FLOPs, Fourier and elementwise together; %s at %s tokens"
                .formatted(
                    Figures.count(points.getLast().getLast()),
                    Figures.exact(points.getLast().getFirst()))));
  }
}
