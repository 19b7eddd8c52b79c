package blockfront.web.study;

import blockfront.search.study.Leaderboard;
import blockfront.search.study.Objective;
import blockfront.search.study.ParetoFront;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Metric;
import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialId;
import blockfront.web.front.Chart;
import blockfront.web.front.Charts;
import blockfront.web.page.Figures;
import blockfront.web.page.Parts;
import com.vaadin.flow.component.Component;
import com.vaadin.flow.component.UI;
import com.vaadin.flow.component.button.Button;
import com.vaadin.flow.component.button.ButtonVariant;
import com.vaadin.flow.component.checkbox.Checkbox;
import com.vaadin.flow.component.grid.Grid;
import com.vaadin.flow.component.grid.GridSortOrder;
import com.vaadin.flow.component.html.Anchor;
import com.vaadin.flow.component.html.Div;
import com.vaadin.flow.component.html.Span;
import com.vaadin.flow.component.textfield.TextField;
import com.vaadin.flow.data.value.ValueChangeMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** All networks of a study; what is marked in the chart filters it. */
final class TrialTable extends Div {

  private static final long serialVersionUID = 1;

  private final Grid<Trial> grid = new Grid<>();
  private final Grid.Column<Trial> score =
      grid.addColumn(trial -> measured(trial, m -> m.metric().text(m.validationScore())));
  private final Grid.Column<Trial> drop =
      grid.addColumn(trial -> measured(trial, m -> m.int8Drop().map(Figures::percent).orElse("–")));
  private final TextField text = new TextField();
  private final Checkbox frontOnly = new Checkbox("Front only");
  private final Span marked = Parts.text("faint", "");
  private final Button unmark = new Button("Show all");
  private final transient List<Trial> rows = new ArrayList<>();
  private transient List<Trial> all = List.of();
  private transient Set<Integer> onFront = Set.of();
  private transient Set<Integer> starred = Set.of();
  private transient String scoreWidth = "110px";
  private transient Chart.Area area = Chart.Area.ALL;
  private transient Set<Integer> chosen = Set.of();
  private transient Objective across = Objective.FLOPS;

  TrialTable() {
    addClassName("stack");
    text.setPlaceholder("Filter by block, state …");
    text.setAriaLabel("Filter networks");
    text.setClearButtonVisible(true);
    text.setValueChangeMode(ValueChangeMode.LAZY);
    text.addValueChangeListener(_ -> filter());
    frontOnly.addValueChangeListener(_ -> filter());
    unmark.addThemeVariants(ButtonVariant.TERTIARY);
    unmark.addClickListener(_ -> only(Chart.Area.ALL));
    add(Parts.div("actions", text, frontOnly, marked, unmark), grid());
  }

  /** Says what the scores are. */
  void judgedBy(Metric metric) {
    score.setHeader(metric.heading());
    scoreWidth = metric == Metric.ACCURACY ? "110px" : "180px";
    score.setWidth(scoreWidth);
    score.setTooltipGenerator(_ -> "Validation " + metric.title());
  }

  void show(List<Trial> trials, ParetoFront front) {
    all = trials;
    across = Charts.across(front.aims());
    drop.setVisible(front.aims().concern(Objective.INT8_DROP));
    onFront = front.points().stream().map(trial -> trial.id().number()).collect(Collectors.toSet());
    filter();
  }

  void only(Chart.Area shown) {
    area = shown;
    chosen = Set.of();
    filter();
  }

  /** Only networks of these numbers; all if there are none. */
  void only(Set<Integer> numbers) {
    area = Chart.Area.ALL;
    chosen = numbers;
    filter();
  }

  private void filter() {
    String words = text.getValue().strip().toLowerCase(Locale.ROOT);
    List<Trial> shown =
        all.stream()
            .filter(trial -> !frontOnly.getValue() || onFront.contains(trial.id().number()))
            .filter(this::inArea)
            .filter(trial -> chosen.isEmpty() || chosen.contains(trial.id().number()))
            .filter(
                trial ->
                    (Leaderboard.mixers(trial.architecture()) + " " + trial.status())
                        .toLowerCase(Locale.ROOT)
                        .contains(words))
            .toList();
    boolean everything = area.equals(Chart.Area.ALL) && chosen.isEmpty();
    marked.setText(everything ? "" : "%d marked in the chart".formatted(shown.size()));
    unmark.setVisible(!everything);
    draw(shown);
    Parts.height(grid, shown.size());
  }

  /** Touches only rows that are different: who is about to press a key in one keeps it. */
  private void draw(List<Trial> now) {
    if (!onFront.equals(starred) || !places(now).equals(places(rows))) {
      starred = onFront;
      rows.clear();
      rows.addAll(now);
      grid.getListDataView().refreshAll();
      return;
    }
    for (int i = 0; i < now.size(); i++) {
      if (!now.get(i).equals(rows.get(i))) {
        rows.set(i, now.get(i));
        grid.getListDataView().refreshItem(now.get(i));
      }
    }
  }

  /** All that rows are in order by. */
  private record Place(TrialId id, Optional<Measurement> measurement) {}

  private static List<Place> places(List<Trial> trials) {
    return trials.stream().map(trial -> new Place(trial.id(), trial.measurement())).toList();
  }

  private boolean inArea(Trial trial) {
    return area.equals(Chart.Area.ALL)
        || trial
            .measurement()
            .filter(
                measurement ->
                    across.of(trial).isPresent()
                        && area.holds(
                            Charts.place(across, across.of(trial).getAsDouble()),
                            measurement.metric().plotted(measurement.validationScore())))
            .isPresent();
  }

  private Component grid() {
    grid.setId("networks");
    grid.setItems(rows).setIdentifierProvider(Trial::id);
    grid.setEmptyStateText("No network is like that");
    var number =
        grid.addComponentColumn(this::number)
            .setHeader("#")
            .setComparator(Comparator.comparingInt((Trial trial) -> trial.id().number()))
            .setFlexGrow(0);
    var mixers =
        grid.addColumn(trial -> Leaderboard.mixers(trial.architecture()))
            .setHeader("Token mixers")
            .setFlexGrow(3)
            .setWidth("80px")
            .setTooltipGenerator(trial -> Leaderboard.mixers(trial.architecture()))
            .setSortable(true);
    score
        .setHeader("Score")
        .setComparator(Comparator.comparingDouble(TrialTable::goodness))
        .setFlexGrow(0);
    var flops =
        grid.addColumn(trial -> Figures.flops(trial.cost().multiplyAdds()))
            .setHeader("FLOPs")
            .setComparator(Comparator.comparingLong((Trial trial) -> trial.cost().multiplyAdds()))
            .setWidth("124px")
            .setFlexGrow(0);
    var parameters =
        grid.addColumn(trial -> Figures.count(trial.cost().parameters()))
            .setHeader("Parameters")
            .setComparator(Comparator.comparingLong((Trial trial) -> trial.cost().parameters()))
            .setWidth("130px")
            .setFlexGrow(0);
    var seconds =
        grid.addColumn(trial -> measured(trial, m -> Figures.seconds(m.seconds())))
            .setHeader("Time")
            .setComparator(Comparator.comparingDouble(TrialTable::seconds))
            .setWidth("100px")
            .setFlexGrow(0);
    var state =
        grid.addComponentColumn(TrialTable::state)
            .setHeader("State")
            .setWidth("150px")
            .setFlexGrow(1);
    drop.setHeader(Objective.INT8_DROP.title())
        .setTooltipGenerator(_ -> "How much more of the validation examples it fails with 8 bits")
        .setComparator(Comparator.comparingDouble(TrialTable::drop))
        .setWidth("120px")
        .setFlexGrow(0)
        .setVisible(false);
    grid.setColumnOrder(List.of(number, mixers, score, flops, parameters, drop, seconds, state));
    grid.sort(GridSortOrder.desc(score).build());
    grid.addItemClickListener(
        click ->
            UI.getCurrent()
                .navigate(
                    "network/%d/%d"
                        .formatted(click.getItem().id().study(), click.getItem().id().number())));
    Parts.whenNarrow(
        grid,
        narrow -> {
          List.of(parameters, seconds, state).forEach(column -> column.setVisible(!narrow));
          number.setWidth(narrow ? "58px" : "76px");
          score.setWidth(narrow ? "88px" : scoreWidth);
          flops.setWidth(narrow ? "106px" : "124px");
        });
    return grid;
  }

  private Component number(Trial trial) {
    var link =
        new Anchor(
            "network/%d/%d".formatted(trial.id().study(), trial.id().number()),
            String.valueOf(trial.id().number()));
    if (!onFront.contains(trial.id().number())) {
      return link;
    }
    Span star = Parts.text("star", " ★");
    star.getElement().setAttribute("title", "On the front");
    return new Span(link, star);
  }

  private static Component state(Trial trial) {
    Span badge = Parts.badge(trial);
    badge.getElement().setAttribute("title", trial.detail());
    return badge;
  }

  private static String measured(Trial trial, Function<Measurement, String> text) {
    return trial.measurement().map(text).orElse("–");
  }

  /** What was not measured is below everything that was. */
  private static double goodness(Trial trial) {
    return trial.measurement().map(measurement -> -measurement.validationError()).orElse(-2.0);
  }

  private static double drop(Trial trial) {
    return trial.measurement().flatMap(Measurement::int8Drop).orElse(2.0);
  }

  private static double seconds(Trial trial) {
    return trial.measurement().map(Measurement::seconds).orElse(-1.0);
  }
}
