package blockfront.web.architecture;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.cost.Cost;
import blockfront.blocks.cost.SpikeOperations;
import blockfront.blocks.network.Network;
import blockfront.search.data.DataSets;
import blockfront.search.export.NetworkFiles;
import blockfront.search.export.NetworkPicture;
import blockfront.search.space.ArchitectureJson;
import blockfront.search.study.Leaderboard;
import blockfront.search.study.Study;
import blockfront.search.study.StudyEvent;
import blockfront.search.study.StudyService;
import blockfront.search.study.StudyStore;
import blockfront.search.trial.Epoch;
import blockfront.search.trial.FinalTraining;
import blockfront.search.trial.Inspection;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Metric;
import blockfront.search.trial.Provenance;
import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialId;
import blockfront.search.trial.TrialState;
import blockfront.web.front.Chart;
import blockfront.web.front.Charts;
import blockfront.web.page.Aside;
import blockfront.web.page.ClassTitles;
import blockfront.web.page.Exports;
import blockfront.web.page.Figures;
import blockfront.web.page.LiveRefresh;
import blockfront.web.page.Parts;
import com.vaadin.flow.component.Component;
import com.vaadin.flow.component.Svg;
import com.vaadin.flow.component.UI;
import com.vaadin.flow.component.button.Button;
import com.vaadin.flow.component.html.Anchor;
import com.vaadin.flow.component.html.Div;
import com.vaadin.flow.component.html.NativeTable;
import com.vaadin.flow.component.html.NativeTableCell;
import com.vaadin.flow.component.html.NativeTableHeaderCell;
import com.vaadin.flow.component.html.NativeTableRow;
import com.vaadin.flow.component.html.Span;
import com.vaadin.flow.router.BeforeEnterEvent;
import com.vaadin.flow.router.BeforeEnterObserver;
import com.vaadin.flow.router.HasDynamicTitle;
import com.vaadin.flow.router.NotFoundException;
import com.vaadin.flow.router.Route;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** One network: its picture, what it costs, how it learned, where it comes from. */
@Route("network/:study([0-9]{1,18})/:trial([0-9]{1,9})")
final class NetworkView extends Div implements BeforeEnterObserver, HasDynamicTitle {

  private static final long serialVersionUID = 1;

  private final transient StudyStore store;
  private final transient StudyService service;
  private final transient Catalogue catalogue;
  private final transient Exports exports;
  private final transient ClassTitles titles;
  private final transient AtomicBoolean changed = new AtomicBoolean();
  private final Chart curves = new Chart("Loss and score by epoch");
  private transient TrialId id = new TrialId(0, 0);
  private transient Optional<Facts> shown = Optional.empty();
  private transient Errands errands = new Errands(id, this::draw);

  /** What the store knows of the network and this page shows. */
  private record Facts(
      Trial trial,
      List<Epoch> epochs,
      FinalTraining finals,
      Optional<Inspection> inspection,
      boolean weights) {}

  NetworkView(
      StudyStore store,
      StudyService service,
      Catalogue catalogue,
      Exports exports,
      ClassTitles titles) {
    this.store = store;
    this.service = service;
    this.catalogue = catalogue;
    this.exports = exports;
    this.titles = titles;
    addClassName("page");
    LiveRefresh.of(this, service, () -> changed.set(true), this::seen, this::refresh);
  }

  @Override
  public void beforeEnter(BeforeEnterEvent event) {
    var parameters = event.getRouteParameters();
    id =
        new TrialId(
            parameters.getLong("study").orElseThrow(),
            parameters.getInteger("trial").orElseThrow());
    Optional<Trial> trial = store.trial(id);
    Optional<Study> study = store.study(id.study());
    if (trial.isEmpty() || study.isEmpty()) {
      event.rerouteToError(NotFoundException.class, "There is no network %s.".formatted(id));
      return;
    }
    errands = new Errands(id, this::draw);
    show(study.get(), facts(trial.get()));
  }

  @Override
  public String getPageTitle() {
    return "Network %s · Blockfront".formatted(id);
  }

  private void seen(StudyEvent event) {
    boolean mine =
        switch (event) {
          case StudyEvent.TrialChanged(TrialId trial) -> trial.equals(id);
          case StudyEvent.EpochFinished(TrialId trial) -> trial.equals(id);
          case StudyEvent.StudyChanged _ -> false;
        };
    if (mine) {
      changed.set(true);
    }
  }

  private void refresh() {
    if (errands.ended()) {
      draw(); // another page sent for it, or this one before it was loaded again
    } else if (changed.getAndSet(false)) {
      // nobody likes a page that is drawn anew under the hand for nothing
      Optional<Facts> now = store.trial(id).map(this::facts);
      if (!now.equals(shown)) {
        now.ifPresent(this::show);
      }
    }
  }

  /** As it is now, whether or not something is different. */
  private void draw() {
    store.trial(id).map(this::facts).ifPresent(this::show);
  }

  private void show(Facts facts) {
    store.study(id.study()).ifPresent(study -> show(study, facts));
  }

  private Facts facts(Trial trial) {
    return new Facts(
        trial, store.epochs(id), store.finals(id), store.inspection(id), exports.has(id));
  }

  private void show(Study study, Facts facts) {
    Trial trial = facts.trial();
    shown = Optional.of(facts);
    removeAll();
    Network network = Network.of(trial.architecture(), catalogue);
    var titleLine = Parts.div("title-line", Parts.title(heading(trial)), Parts.badge(trial));
    add(
        Parts.header(titleLine, actions(trial)),
        Parts.div(
            "actions",
            new Anchor("study/" + study.id(), "← " + study.plan().name()),
            Parts.text("faint", "network %d · %s".formatted(id.number(), trial.architectureId()))));
    if (!trial.detail().isEmpty()) {
      add(Parts.text(trial.measurement().isPresent() ? "notice" : "problem", trial.detail()));
    }
    trial.repairs().forEach(repair -> add(Parts.text("notice", "Changed to fit: " + repair)));
    add(tiles(trial, network));
    if (trial.measurement().isPresent() && facts.weights()) {
      add(new Afterwards(service, exports, errands, study, trial, facts.finals()));
    }
    if (trial.measurement().isPresent() && (facts.weights() || facts.inspection().isPresent())) {
      add(new Inside(exports, errands, id, facts.inspection()));
    }
    Div picture =
        Parts.div("picture", new Svg(NetworkPicture.svg(trial.architecture(), network, catalogue)));
    picture.setId("picture");
    Div right = Parts.div("stack", learning(study, facts.epochs()));
    trial
        .measurement()
        .filter(measurement -> !measurement.confusion().isEmpty())
        .ifPresent(measurement -> right.add(confusion(study, measurement)));
    add(Parts.div("halves", Parts.div("stack", Parts.card("The network", picture)), right));
    add(Parts.card("What it costs, by part", costTable(network)));
    add(Parts.div("halves", provenance(study, trial), json(trial)));
  }

  private static String heading(Trial trial) {
    String mixers = Leaderboard.mixers(trial.architecture());
    return mixers.isEmpty() ? "Network without token mixer" : mixers;
  }

  private Component actions(Trial trial) {
    Div actions = Parts.div("actions");
    if (trial.state() instanceof TrialState.Running) {
      actions.add(new Button("Cancel training", _ -> service.cancel(id)));
    }
    actions.add(
        Parts.download(
            "Architecture, JSON",
            "architecture.json",
            "application/json",
            () -> ArchitectureJson.write(trial.architecture()) + "\n"));
    if (trial.measurement().isPresent() && exports.has(id)) {
      for (NetworkFiles.Format format : NetworkFiles.Format.values()) {
        if (format != NetworkFiles.Format.JSON) {
          Anchor link = exports.link(format.label(), id, format, Exports.Weights.OF_THE_SEARCH);
          link.setId("export-" + format.name().toLowerCase(Locale.ROOT));
          actions.add(link);
        }
      }
    }
    return actions;
  }

  private static Component tiles(Trial trial, Network network) {
    Div tiles = Parts.div("tiles");
    trial
        .measurement()
        .ifPresent(
            measurement -> {
              Metric metric = measurement.metric();
              tiles.add(
                  Parts.tile(
                      "Validation " + metric.title(), metric.text(measurement.validationScore())));
              tiles.add(Parts.tile("Test " + metric.title(), metric.text(measurement.testScore())));
            });
    Cost cost = trial.cost();
    tiles.add(
        Parts.tile("FLOPs", Figures.count(cost.flops())),
        Parts.tile("Parameters", Figures.count(cost.parameters())),
        Parts.tile("Fourier, multiply-adds", Figures.count(cost.fourier())),
        Parts.tile("Elementwise", Figures.count(cost.elementwise())),
        Parts.tile("Softmax", Figures.count(cost.softmax())),
        Parts.tile("Peak activations", Figures.count(cost.peakActivations())));
    trial
        .measurement()
        .flatMap(Measurement::stateBytes)
        .ifPresent(bytes -> tiles.add(Parts.tile("State kept for a token", Figures.bytes(bytes))));
    long spikes = SpikeOperations.of(network.logits()).multiplyAdds();
    if (spikes > 0) {
      tiles.add(Parts.tile("Spike operations, at most", Figures.count(spikes)));
    }
    trial
        .measurement()
        .ifPresent(
            measurement -> {
              measurement
                  .latencyMillis()
                  .ifPresent(millis -> tiles.add(Parts.tile("Latency", Figures.millis(millis))));
              measurement
                  .int8Drop()
                  .ifPresent(drop -> tiles.add(Parts.tile("INT8 drop", Figures.percent(drop))));
              tiles.add(Parts.tile("Training", Figures.seconds(measurement.seconds())));
            });
    return tiles;
  }

  private Component learning(Study study, List<Epoch> epochs) {
    if (epochs.isEmpty()) {
      return Parts.card(
          "Learning", Parts.text("faint", "Nothing yet: no epoch of its training is over."));
    }
    curves.addClassName("chart-curves");
    curves.setId("curves");
    String data = study.plan().data();
    curves.show(Charts.curves(epochs, DataSets.metric(data), DataSets.baselines(data)));
    return Parts.card(
        "Learning",
        curves,
        Parts.text(
            "faint",
            "%d of %d epochs on %s"
                .formatted(epochs.size(), study.plan().recipe().epochs(), study.plan().data())));
  }

  private Component confusion(Study study, Measurement measurement) {
    var chart = new Chart("Confusion matrix of the validation examples");
    chart.addClassName("chart-confusion");
    UI ui = UI.getCurrent();
    Consumer<List<String>> show =
        classes -> chart.show(Charts.confusion(measurement.confusion(), classes));
    show.accept(
        titles.of(
            study.plan().data(),
            measurement.confusion().size(),
            classes -> Aside.show(ui, () -> show.accept(classes))));
    return Parts.card("Which classes it takes for which", chart);
  }

  private static Component costTable(Network network) {
    Map<String, Cost> parts = Cost.byScope(network.logits(), 4);
    long most = parts.values().stream().mapToLong(Cost::multiplyAdds).max().orElse(1);
    var table = new NativeTable();
    table.addClassName("figures");
    var head = new NativeTableRow();
    for (String name :
        List.of("Part", "Multiply-adds", "", "Parameters", "Fourier", "Elementwise")) {
      var cell = new NativeTableHeaderCell(name);
      if (!name.equals("Part")) {
        cell.addClassName("number");
      }
      head.add(cell);
    }
    table.add(head);
    parts.forEach(
        (scope, cost) -> {
          var row = new NativeTableRow();
          var bar = Parts.div("bar");
          bar.setWidth(Math.round(100.0 * cost.multiplyAdds() / Math.max(1, most)) + "%");
          row.add(
              new NativeTableCell(Parts.text("mono", scope)),
              number(cost.multiplyAdds()),
              new NativeTableCell(Parts.div("bar-ground", bar)),
              number(cost.parameters()),
              number(cost.fourier()),
              number(cost.elementwise()));
          table.add(row);
        });
    return Parts.div("table-scroll", table);
  }

  private static NativeTableCell number(long value) {
    var cell = new NativeTableCell(value == 0 ? "–" : Figures.exact(value));
    cell.addClassName("number");
    return cell;
  }

  private static Component provenance(Study study, Trial trial) {
    Div facts = Parts.div("facts");
    facts.add(new Span("Study"), new Span(study.plan().name()));
    facts.add(
        new Span("Question"),
        new Span("%d of %s".formatted(trial.askIndex(), study.plan().strategy())));
    trial.provenance().ifPresent(known -> add(facts, known));
    facts.add(new Span("Begun"), new Span(Figures.minute(trial.created())));
    return Parts.card("Where it comes from", facts);
  }

  private static void add(Div facts, Provenance known) {
    facts.add(new Span("Seed"), new Span(String.valueOf(known.seed())));
    facts.add(
        new Span("Began with"),
        new Span(
            known.parent().map("the weights of network %d"::formatted).orElse("drawn weights")));
    facts.add(new Span("Data, SHA-256"), Parts.text("mono", known.dataHash()));
    facts.add(new Span("Counting rules"), new Span("version " + known.costRules()));
    facts.add(new Span("Blockfront"), new Span(known.version()));
    facts.add(new Span("Machine"), new Span(known.machine()));
    facts.add(new Span("Worker"), new Span(known.worker()));
  }

  private static Component json(Trial trial) {
    return Parts.card("As JSON", Parts.text("mono", ArchitectureJson.write(trial.architecture())));
  }
}
