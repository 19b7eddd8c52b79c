package blockfront.web.study;

import blockfront.search.data.DataSets;
import blockfront.search.export.StudyFiles;
import blockfront.search.study.Aims;
import blockfront.search.study.Objective;
import blockfront.search.study.ParetoFront;
import blockfront.search.study.Progress;
import blockfront.search.study.Study;
import blockfront.search.study.StudyEvent;
import blockfront.search.study.StudyPlan;
import blockfront.search.study.StudyPlanJson;
import blockfront.search.study.StudyService;
import blockfront.search.study.StudyState;
import blockfront.search.study.StudyStore;
import blockfront.search.trial.Metric;
import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialId;
import blockfront.web.front.Chart;
import blockfront.web.front.Charts;
import blockfront.web.page.Exports;
import blockfront.web.page.Figures;
import blockfront.web.page.LiveRefresh;
import blockfront.web.page.Parts;
import com.vaadin.flow.component.Component;
import com.vaadin.flow.component.UI;
import com.vaadin.flow.component.button.Button;
import com.vaadin.flow.component.button.ButtonVariant;
import com.vaadin.flow.component.confirmdialog.ConfirmDialog;
import com.vaadin.flow.component.html.Anchor;
import com.vaadin.flow.component.html.Div;
import com.vaadin.flow.component.html.Span;
import com.vaadin.flow.component.icon.VaadinIcon;
import com.vaadin.flow.component.progressbar.ProgressBar;
import com.vaadin.flow.component.tabs.TabSheet;
import com.vaadin.flow.component.tabs.TabSheetVariant;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** All that is shown of one study: its front as it grows, what is being trained, all networks. */
final class StudyPage extends Div {

  private static final long serialVersionUID = 1;

  private final transient StudyStore store;
  private final transient Exports exports;
  private final transient StudyService service;
  private final transient Clock clock = Clock.systemUTC();
  private final long id;
  private final String name;
  private final Metric metric;

  /** By number; changed with the page locked. */
  private final transient SortedMap<Integer, Trial> trials = new TreeMap<>();

  private final transient Set<TrialId> changed = ConcurrentHashMap.newKeySet();

  private final Span state = new Span();
  private final Button pause = new Button("Pause", VaadinIcon.PAUSE.create());
  private final Button resume = new Button("Resume", VaadinIcon.PLAY.create());
  private final Button stop = new Button("Stop", VaadinIcon.STOP.create());
  private final Div tiles = Parts.div("tiles");
  private final ProgressBar bar = new ProgressBar();
  private final Span message = Parts.text("faint", "");
  private final Chart front = new Chart("Scores against cost of all networks");
  private final Chart hypervolume = new Chart("Hypervolume over networks");
  private final Chart byTime = new Chart("Hypervolume over time");
  private final RunningTrials running;
  private final TrialTable table = new TrialTable();
  private final InsightCards insight = new InsightCards(numbers -> table.only(numbers));

  /** Reads the trials once it is shown. */
  StudyPage(Study study, StudyStore store, StudyService service, Exports exports) {
    this.store = store;
    this.exports = exports;
    this.service = service;
    this.id = study.id();
    this.name = study.plan().name();
    this.metric = DataSets.metric(study.plan().data());
    this.running = new RunningTrials(store, service);
    addClassName("page");
    build(study);
    LiveRefresh.of(this, service, this::readAll, this::seen, this::refresh);
  }

  private void build(Study study) {
    pause.addClickListener(_ -> service.pause(id));
    resume.addClickListener(_ -> service.resume(id));
    bar.getElement().setAttribute("aria-label", "Budget used");
    resume.addThemeVariants(ButtonVariant.PRIMARY);
    stop.addClickListener(_ -> confirmStop());
    table.judgedBy(metric);
    front.setId("front");
    front.addClassName("chart-front");
    front.onPicked(
        picked -> UI.getCurrent().navigate("network/%d/%d".formatted(id, picked.number())));
    front.onBrushed(brushed -> table.only(brushed.area()));
    hypervolume.addClassName("chart-line");
    byTime.addClassName("chart-line");
    var volumes = new TabSheet();
    volumes.add("By networks", hypervolume);
    volumes.add("By time", byTime);
    volumes.setId("volumes");
    // the card has both
    volumes.addThemeVariants(TabSheetVariant.AURA_NO_BORDER, TabSheetVariant.NO_PADDING);
    Objective across = Charts.across(study.plan().aims());
    String against =
        metric.heading()
            + " against "
            + (across == Objective.FLOPS
                ? across.title()
                : across.title().toLowerCase(Locale.ROOT));
    var left = Parts.div("stack", Parts.card(against, front));
    var right = Parts.div("stack", running, Parts.card("Hypervolume", volumes));
    add(
        Parts.header(Parts.div("title-line", Parts.title(name), state), pause, resume, stop),
        planLine(study),
        tiles,
        bar,
        message,
        columns(left, right),
        insight,
        Parts.card("Networks", table),
        Parts.card("Take it along", downloads(study)));
  }

  /** Of one height: the chart takes what the list of trainings needs. */
  private static Component columns(Component left, Component right) {
    Div columns = Parts.div("split", left, right);
    columns.addClassName("split-level");
    return columns;
  }

  private static Component planLine(Study study) {
    var plan = study.plan();
    return Parts.text(
        "faint",
        "%s · %s · seed %d · %d token mixers, %d channel mixers · %s · begun %s"
            .formatted(
                plan.data(),
                plan.strategy(),
                plan.seed(),
                plan.space().mixers().size(),
                plan.space().channelMixers().size(),
                epochs(plan),
                Figures.minute(study.created())));
  }

  private static String epochs(StudyPlan plan) {
    int epochs = plan.recipe().epochs();
    return plan.halving()
        .map(
            halving ->
                "%d epochs at most, halved at %s"
                    .formatted(
                        epochs,
                        halving.rungs(epochs).stream()
                            .filter(rung -> rung < epochs)
                            .map(String::valueOf)
                            .collect(Collectors.joining(", "))))
        .orElse("%d epochs a network".formatted(epochs));
  }

  private Component downloads(Study study) {
    return Parts.div(
        "actions",
        Parts.download(
            "Front, CSV", "front.csv", "text/csv", () -> StudyFiles.frontCsv(currentFront())),
        Parts.download(
            "Front, JSON",
            "front.json",
            "application/json",
            () -> StudyFiles.frontJson(currentFront())),
        Parts.download(
            "All trials, CSV",
            "trials.csv",
            "text/csv",
            () -> StudyFiles.trialsCsv(store.trials(study.id()))),
        Parts.download(
            "Plan, JSON", "plan.json", "application/json", () -> StudyPlanJson.write(study.plan())),
        frontNetworks(study),
        copy(study));
  }

  private Component frontNetworks(Study study) {
    Anchor link = exports.front("Networks of the front, everything", study.id());
    link.setId("export-front");
    return link;
  }

  private static Component copy(Study study) {
    var link = new Anchor("new?from=" + study.id(), "Plan another like it");
    link.addClassName("download");
    return link;
  }

  private ParetoFront currentFront() {
    return ParetoFront.of(store.trials(id), store.study(id).orElseThrow().plan().aims());
  }

  private void confirmStop() {
    var dialog = new ConfirmDialog();
    dialog.setHeader("Stop '%s'?".formatted(name));
    dialog.setText(
        "Networks in training are cancelled, and the study cannot go on later. Everything that was"
            + " measured stays.");
    dialog.setCancelable(true);
    dialog.setConfirmText("Stop");
    dialog.addConfirmListener(_ -> service.stop(id));
    dialog.open();
  }

  private void seen(StudyEvent event) {
    switch (event) {
      case StudyEvent.TrialChanged(TrialId trial) -> {
        if (trial.study() == id) {
          changed.add(trial);
        }
      }
      case StudyEvent.EpochFinished _, StudyEvent.StudyChanged _ -> {}
    }
  }

  private void readAll() {
    store.trials(id).forEach(trial -> trials.put(trial.id().number(), trial));
    store.study(id).ifPresent(study -> show(study, true));
  }

  private void refresh() {
    boolean anew = false;
    for (TrialId trial : List.copyOf(changed)) {
      changed.remove(trial);
      Optional<Trial> now = store.trial(trial);
      now.ifPresent(known -> trials.put(trial.number(), known));
      anew |= now.isPresent();
    }
    boolean redrawn = anew;
    store.study(id).ifPresent(study -> show(study, redrawn));
  }

  private void show(Study study, boolean trialsChanged) {
    List<Trial> all = List.copyOf(trials.values());
    Progress progress = Progress.of(study, all);
    Aims aims = study.plan().aims();
    ParetoFront best = ParetoFront.of(all, aims);
    state.removeAll();
    state.add(Parts.badge(study.state()));
    pause.setVisible(study.state() == StudyState.RUNNING);
    resume.setVisible(study.state() == StudyState.PAUSED);
    stop.setVisible(!study.state().ended());
    bar.setValue(study.state() == StudyState.FINISHED ? 1 : progress.share());
    bar.setVisible(!study.state().ended());
    message.setText(study.message());
    message.setVisible(!study.message().isEmpty());
    running.show(study, all, clock.instant());
    tiles(study, progress, best);
    if (trialsChanged) {
      front.show(Charts.front(all, best, metric));
      hypervolume.show(Charts.hypervolume(all, aims));
      byTime.show(Charts.hypervolume(all, aims, study.created()));
      table.show(all, best);
    }
    insight.show(all, best, metric, study.state().ended());
  }

  private void tiles(Study study, Progress progress, ParetoFront best) {
    tiles.removeAll();
    tiles.add(
        Parts.tile("Best " + metric.title(), score(best)),
        Parts.tile("On the front", String.valueOf(best.points().size())),
        Parts.tile("Trained", trained(study, progress)),
        Parts.tile("Hypervolume", Figures.percent(best.hypervolume())),
        Parts.tile("Searched", Figures.duration(study.searched())));
    if (progress.failed() + progress.cancelled() + progress.refused() > 0) {
      tiles.add(Parts.tile("Not trained", notTrained(progress)));
    }
    if (study.duplicates() > 0) {
      Div tile = Parts.tile("Duplicates drawn", String.valueOf(study.duplicates()));
      tile.getElement().setAttribute("title", "Drawn again by the strategy and not trained again");
      tiles.add(tile);
    }
    if (!study.state().ended()) {
      tiles.add(
          Parts.tile(
              "Time left", progress.remaining().map(StudyPage::about).orElse("not known yet")));
    }
  }

  private static String score(ParetoFront best) {
    return best.best()
        .flatMap(Trial::measurement)
        .map(measurement -> measurement.metric().text(measurement.validationScore()))
        .orElse("–");
  }

  private static String trained(Study study, Progress progress) {
    return study
        .plan()
        .budget()
        .trials()
        .map(most -> "%d of %d".formatted(progress.measured() + progress.paused(), most))
        .orElseGet(() -> String.valueOf(progress.measured() + progress.paused()));
  }

  private static String notTrained(Progress progress) {
    var words = new StringBuilder();
    append(words, progress.failed(), "failed");
    append(words, progress.cancelled(), "cancelled");
    append(words, progress.refused(), "refused");
    return words.toString();
  }

  private static void append(StringBuilder words, int count, String word) {
    if (count > 0) {
      words.append(words.isEmpty() ? "" : ", ").append(count).append(' ').append(word);
    }
  }

  private static String about(Duration left) {
    return "about " + Figures.duration(left);
  }
}
