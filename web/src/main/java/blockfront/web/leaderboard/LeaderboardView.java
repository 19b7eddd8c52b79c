package blockfront.web.leaderboard;

import blockfront.search.export.NetworkFiles.Format;
import blockfront.search.study.FinalPlan;
import blockfront.search.study.Leaderboard;
import blockfront.search.study.Leaderboard.Column;
import blockfront.search.study.Study;
import blockfront.search.study.StudyEvent;
import blockfront.search.study.StudyService;
import blockfront.search.study.StudyStore;
import blockfront.search.trial.FinalTraining;
import blockfront.search.trial.Inspection.Energy;
import blockfront.search.trial.Metric;
import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialId;
import blockfront.web.page.Exports;
import blockfront.web.page.Figures;
import blockfront.web.page.LiveRefresh;
import blockfront.web.page.Parts;
import com.vaadin.flow.component.Component;
import com.vaadin.flow.component.UI;
import com.vaadin.flow.component.button.Button;
import com.vaadin.flow.component.button.ButtonVariant;
import com.vaadin.flow.component.combobox.MultiSelectComboBox;
import com.vaadin.flow.component.grid.Grid;
import com.vaadin.flow.component.grid.GridSortOrder;
import com.vaadin.flow.component.html.Anchor;
import com.vaadin.flow.component.html.Div;
import com.vaadin.flow.component.html.Paragraph;
import com.vaadin.flow.component.html.Span;
import com.vaadin.flow.component.select.Select;
import com.vaadin.flow.component.textfield.NumberField;
import com.vaadin.flow.component.textfield.TextField;
import com.vaadin.flow.data.provider.Query;
import com.vaadin.flow.data.provider.QuerySortOrder;
import com.vaadin.flow.data.provider.SortDirection;
import com.vaadin.flow.data.value.ValueChangeMode;
import com.vaadin.flow.router.PageTitle;
import com.vaadin.flow.router.Route;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The best networks over all studies. */
@Route("leaderboard")
@PageTitle("Leaderboard · Blockfront")
final class LeaderboardView extends Div {

  private static final long serialVersionUID = 1;
  private static final String ALL = "All data sets";
  private static final String UNKNOWN = "–";

  private final transient StudyStore store;
  private final transient StudyService service;
  private final transient Exports exports;
  private final Grid<Leaderboard.Row> grid = new Grid<>();
  private final Grid.Column<Leaderboard.Row> score =
      grid.addColumn(row -> row.metric().text(row.validationScore()));
  private final TextField text = new TextField("Contains");
  private final Select<String> data = new Select<>();
  private final Select<Metric> metric = new Select<>();
  private final NumberField megaflops = new NumberField("At most, MFLOPs");
  private final MultiSelectComboBox<More> more = new MultiSelectComboBox<>("Also show");
  private final transient Map<More, Grid.Column<Leaderboard.Row>> columns =
      new EnumMap<>(More.class);
  private final Span count = Parts.text("faint", "");
  private final Component none =
      Parts.empty("Nothing trained yet", "Networks come here as soon as they are trained.");
  private final transient Set<StudyEvent> heard = ConcurrentHashMap.newKeySet();

  /** Columns that are shown if a person asks for them. */
  private enum More {
    FOURIER("Fourier"),
    ELEMENTWISE("Elementwise"),
    SOFTMAX("Softmax"),
    STATE("State"),
    PEAK_ACTIVATIONS("Peak activations"),
    SPIKE_OPERATIONS("Spike operations"),
    ENERGY("Energy");

    private final String title;

    More(String title) {
      this.title = title;
    }

    String explanation() {
      return switch (this) {
        case FOURIER -> "Multiply-adds of transforms, which FLOPs leave out";
        case ELEMENTWISE -> "Operations on single elements: norms, gates, activations";
        case SOFTMAX -> "Elements that a softmax is taken over";
        case STATE -> "What is kept from token to token when they come one at a time";
        case PEAK_ACTIVATIONS -> "The most numbers alive at a time";
        case SPIKE_OPERATIONS -> "Additions that spikes ask for, once its inside was looked at";
        case ENERGY ->
            "Of an answer at %s pJ a multiply-add and %s pJ a spike operation; of spiking networks"
                    .formatted(
                        Energy.STANDARD.picojoulesPerMultiplyAdd(),
                        Energy.STANDARD.picojoulesPerSpike())
                + " once their inside was looked at";
      };
    }

    String text(Leaderboard.Row row) {
      return switch (this) {
        case FOURIER -> Figures.count(row.cost().fourier());
        case ELEMENTWISE -> Figures.count(row.cost().elementwise());
        case SOFTMAX -> Figures.count(row.cost().softmax());
        case STATE -> row.stateBytes().map(Figures::bytes).orElse(UNKNOWN);
        case PEAK_ACTIVATIONS -> Figures.count(row.cost().peakActivations());
        case SPIKE_OPERATIONS ->
            row.activity()
                .filter(activity -> activity.mostSpikeOperations() > 0)
                .map(activity -> Figures.count(Math.round(activity.spikeOperations())))
                .orElse(UNKNOWN);
        case ENERGY ->
            row.activity()
                .map(activity -> Figures.energy(Energy.STANDARD.picojoules(activity)))
                .orElse(UNKNOWN);
      };
    }
  }

  LeaderboardView(StudyStore store, StudyService service, Exports exports) {
    this.store = store;
    this.service = service;
    this.exports = exports;
    addClassName("page");
    var lead =
        new Paragraph(
            "Every network that was trained, over all studies. The validation score is what"
                + " searches go by; a network's own page has its test score.");
    lead.addClassName("lead");
    add(Parts.header(Parts.title("Leaderboard"), count), lead, filters(), none, grid());
    LiveRefresh.of(this, service, this::reload, this::seen, this::refresh);
  }

  private void seen(StudyEvent event) {
    if (!(event instanceof StudyEvent.EpochFinished)) {
      heard.add(event);
    }
  }

  private void refresh() {
    List<StudyEvent> events = List.copyOf(heard);
    events.forEach(heard::remove);
    if (events.stream().anyMatch(this::concerns)) {
      reload();
    }
  }

  /** Whether rows are others since: those of networks that were measured, or of a study gone. */
  private boolean concerns(StudyEvent event) {
    return switch (event) {
      case StudyEvent.TrialChanged(TrialId trial) ->
          store.trial(trial).flatMap(Trial::measurement).isPresent();
      case StudyEvent.StudyChanged(long study) -> store.study(study).isEmpty();
      case StudyEvent.EpochFinished _ -> false;
    };
  }

  private Component filters() {
    text.setPlaceholder("block, study or network id");
    text.setClearButtonVisible(true);
    text.setValueChangeMode(ValueChangeMode.LAZY);
    text.addValueChangeListener(_ -> reload());
    data.setLabel("Data set");
    var sets = new ArrayList<String>(List.of(ALL));
    store.studies().stream().map(study -> study.plan().data()).distinct().forEach(sets::add);
    data.setItems(sets);
    data.setValue(ALL);
    data.addValueChangeListener(_ -> reload());
    metric.setLabel("Judged by");
    metric.setItemLabelGenerator(Metric::title);
    metric.setItems(Metric.values());
    metric.setValue(judged().stream().findFirst().orElse(Metric.ACCURACY));
    metric.addValueChangeListener(
        _ -> {
          bestFirst();
          reload();
        });
    megaflops.setMin(0);
    megaflops.setClearButtonVisible(true);
    megaflops.setValueChangeMode(ValueChangeMode.LAZY);
    megaflops.addValueChangeListener(_ -> reload());
    more.setItems(More.values());
    more.setItemLabelGenerator(each -> each.title);
    more.addValueChangeListener(_ -> showMore());
    return Parts.div("form", text, data, metric, megaflops, more);
  }

  private Component grid() {
    grid.setId("leaderboard");
    grid.setEmptyStateText("No network is like that");
    var network =
        grid.addComponentColumn(
                row ->
                    new Anchor(
                        "network/%d/%d".formatted(row.trial().study(), row.trial().number()),
                        row.architectureId().substring(0, 8)))
            .setHeader("Network")
            .setWidth("104px")
            .setFlexGrow(0);
    var mixers =
        grid.addColumn(Leaderboard.Row::mixers)
            .setHeader("Token mixers")
            .setTooltipGenerator(Leaderboard.Row::mixers)
            .setWidth("120px")
            .setFlexGrow(3);
    score.setSortProperty(Column.VALIDATION_SCORE.name()).setWidth("106px").setFlexGrow(0);
    var flops =
        grid.addColumn(row -> Figures.flops(row.cost().multiplyAdds()))
            .setHeader("FLOPs")
            .setSortProperty(Column.MULTIPLY_ADDS.name())
            .setWidth("118px")
            .setFlexGrow(0);
    var parameters =
        grid.addColumn(row -> Figures.count(row.cost().parameters()))
            .setHeader("Parameters")
            .setSortProperty(Column.PARAMETERS.name())
            .setWidth("122px")
            .setFlexGrow(0);
    var seconds =
        grid.addColumn(row -> Figures.seconds(row.seconds()))
            .setHeader("Training")
            .setSortProperty(Column.SECONDS.name())
            .setWidth("100px")
            .setFlexGrow(0);
    var finals =
        grid.addColumn(row -> row.finalTest().map(test -> spread(row.metric(), test)).orElse("–"))
            .setHeader("To the end, test")
            .setTooltipGenerator(
                _ -> "Mean and standard deviation over the seeds of its final trainings")
            .setWidth("142px")
            .setFlexGrow(0);
    var int8 =
        grid.addColumn(row -> row.int8Drop().map(drop -> row.metric().text(drop)).orElse("–"))
            .setHeader("Lost by int8")
            .setTooltipGenerator(_ -> "What quantisation to 8 bits costs of the test score")
            .setWidth("108px")
            .setFlexGrow(0);
    for (More each : More.values()) {
      columns.put(
          each,
          grid.addColumn(each::text)
              .setHeader(each.title)
              .setTooltipGenerator(_ -> each.explanation())
              .setWidth("126px")
              .setFlexGrow(0));
    }
    showMore();
    var actions =
        grid.addComponentColumn(this::actions).setHeader("").setWidth("172px").setFlexGrow(0);
    var study =
        grid.addComponentColumn(row -> new Anchor("study/" + row.trial().study(), row.study()))
            .setHeader("Study")
            .setSortProperty(Column.STUDY.name())
            .setWidth("132px")
            .setFlexGrow(1);
    var set = grid.addColumn(Leaderboard.Row::data).setHeader("Data").setWidth("104px");
    grid.setItems(
        query -> store.leaderboard(asked(query), query.getOffset(), query.getLimit()).stream(),
        query -> store.leaderboardSize(asked(query)));
    var order = new ArrayList<>(List.of(network, mixers, score, flops, parameters));
    order.addAll(columns.values());
    order.addAll(List.of(seconds, finals, int8, study, set, actions));
    grid.setColumnOrder(order);
    bestFirst();
    grid.addItemClickListener(
        click ->
            UI.getCurrent()
                .navigate(
                    "network/%d/%d"
                        .formatted(
                            click.getItem().trial().study(), click.getItem().trial().number())));
    Parts.whenNarrow(
        grid,
        narrow -> {
          Stream.of(network, parameters, seconds, finals, int8, actions, study, set)
              .forEach(c -> c.setVisible(!narrow));
          flops.setWidth(narrow ? "108px" : "128px");
        });
    return grid;
  }

  private void showMore() {
    columns.forEach((each, column) -> column.setVisible(more.getValue().contains(each)));
  }

  private Component actions(Leaderboard.Row row) {
    var train = new Button("Train on", _ -> train(row));
    train.setTooltipText("Train to the end: longer, with several seeds");
    train.addThemeVariants(ButtonVariant.SMALL);
    Div actions = Parts.div("row", train);
    if (exports.has(row.trial())) {
      actions.add(exports.link("Export", row.trial(), Format.ALL, Exports.Weights.OF_THE_SEARCH));
    }
    // or the click would open the network too
    actions.getElement().addEventListener("click", _ -> {}).stopPropagation();
    return actions;
  }

  private void train(Leaderboard.Row row) {
    try {
      Study study = store.study(row.trial().study()).orElseThrow();
      FinalPlan plan = FinalPlan.after(study.plan().recipe());
      service.trainFinal(row.trial(), plan);
      Parts.tell(
          "Training %s with %d seeds, up to %d epochs"
              .formatted(row.architectureId().substring(0, 8), plan.seeds(), plan.epochs()));
    } catch (IllegalArgumentException e) {
      Parts.warn(String.valueOf(e.getMessage()));
    }
  }

  private static String spread(Metric metric, FinalTraining.Spread spread) {
    return metric.text(spread.mean()) + " ± " + metric.text(spread.deviation());
  }

  private Leaderboard.Query asked(Query<Leaderboard.Row, Void> query) {
    Optional<QuerySortOrder> order = query.getSortOrders().stream().findFirst();
    return new Leaderboard.Query(
        metric.getValue(),
        Optional.of(data.getValue()).filter(name -> !name.equals(ALL)),
        Optional.of(text.getValue().strip()).filter(words -> !words.isEmpty()),
        Optional.ofNullable(megaflops.getValue()).map(most -> Math.round(most * 1e6 / 2)),
        order.map(given -> Column.valueOf(given.getSorted())).orElse(Column.VALIDATION_SCORE),
        order
            .map(given -> given.getDirection() == SortDirection.DESCENDING)
            .orElse(metric.getValue().higherIsBetter()));
  }

  /** What any network was judged by. */
  private List<Metric> judged() {
    return Stream.of(Metric.values())
        .filter(each -> store.leaderboardSize(Leaderboard.Query.best(each)) > 0)
        .toList();
  }

  private void bestFirst() {
    Metric shown = metric.getValue();
    score.setHeader(shown.heading());
    score.setWidth(shown == Metric.ACCURACY ? "110px" : "180px");
    score.setTooltipGenerator(_ -> "Validation " + shown.title());
    grid.sort(
        (shown.higherIsBetter() ? GridSortOrder.desc(score) : GridSortOrder.asc(score)).build());
  }

  private void reload() {
    List<Metric> judged = judged();
    metric.setVisible(judged.size() > 1 || !judged.contains(metric.getValue()));
    int all = store.leaderboardSize(Leaderboard.Query.best(metric.getValue()));
    int shown = store.leaderboardSize(asked(new Query<>()));
    count.setText(
        shown == all
            ? "%s networks".formatted(Figures.exact(all))
            : "%s of %s networks".formatted(Figures.exact(shown), Figures.exact(all)));
    Parts.height(grid, shown);
    none.setVisible(judged.isEmpty());
    grid.setVisible(!judged.isEmpty());
    grid.getDataProvider().refreshAll();
  }
}
