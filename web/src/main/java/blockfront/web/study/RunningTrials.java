package blockfront.web.study;

import blockfront.search.data.DataSets;
import blockfront.search.study.Leaderboard;
import blockfront.search.study.Study;
import blockfront.search.study.StudyService;
import blockfront.search.study.StudyStore;
import blockfront.search.trial.Epoch;
import blockfront.search.trial.Metric;
import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialState;
import blockfront.web.front.Chart;
import blockfront.web.front.Charts;
import blockfront.web.page.Figures;
import blockfront.web.page.Parts;
import com.vaadin.flow.component.button.Button;
import com.vaadin.flow.component.button.ButtonVariant;
import com.vaadin.flow.component.html.Anchor;
import com.vaadin.flow.component.html.Div;
import com.vaadin.flow.component.html.H2;
import com.vaadin.flow.component.html.Span;
import com.vaadin.flow.component.icon.VaadinIcon;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What is being trained, with live curves. */
final class RunningTrials extends Div {

  private static final long serialVersionUID = 1;

  private final transient StudyStore store;
  private final transient StudyService service;
  private final transient Map<String, Row> rows = new LinkedHashMap<>();
  private final Div list = Parts.div("running-list");
  private final Span nothing = Parts.text("faint", "");

  /** One training. */
  private record Row(Div part, Span epochs, Chart curve) {}

  RunningTrials(StudyStore store, StudyService service) {
    this.store = store;
    this.service = service;
    setId("running");
    addClassName("card");
    add(new H2("In training"), nothing, list);
  }

  void show(Study study, List<Trial> trials, Instant now) {
    List<Trial> running = trials.stream().filter(RunningTrials::isRunning).toList();
    Set<String> keys = running.stream().map(RunningTrials::key).collect(Collectors.toSet());
    rows.entrySet()
        .removeIf(
            row -> {
              boolean gone = !keys.contains(row.getKey());
              if (gone) {
                list.remove(row.getValue().part());
              }
              return gone;
            });
    for (Trial trial : running) {
      Row row = rows.computeIfAbsent(key(trial), _ -> row(trial));
      List<Epoch> epochs = store.epochs(trial.id());
      int outOf = study.plan().recipe().epochs();
      Metric metric = DataSets.metric(study.plan().data());
      row.curve().show(Charts.spark(epochs, outOf, metric));
      row.epochs().setText(progress(trial, epochs, outOf, metric, now));
    }
    nothing.setVisible(running.isEmpty());
    nothing.setText(
        study.state().ended()
            ? "Nothing: the study has ended."
            : switch (study.state()) {
              case PAUSED -> "Nothing: the study is paused.";
              default -> "Waiting for a free worker …";
            });
  }

  private Row row(Trial trial) {
    var link =
        new Anchor(
            "network/%d/%d".formatted(trial.id().study(), trial.id().number()),
            "#%d %s".formatted(trial.id().number(), Leaderboard.mixers(trial.architecture())));
    var cancel = new Button(VaadinIcon.CLOSE_SMALL.create(), _ -> service.cancel(trial.id()));
    cancel.addThemeVariants(ButtonVariant.TERTIARY, ButtonVariant.SMALL);
    cancel.setAriaLabel("Cancel training " + trial.id().number());
    cancel.setTooltipText("Cancel this training");
    var epochs = Parts.text("faint", "");
    epochs.addClassName("small");
    var curve = new Chart("Score of network %d so far".formatted(trial.id().number()));
    curve.addClassName("chart-spark");
    Div part = Parts.div("running", Parts.div("row", link, cancel), epochs, curve);
    if (!trial.detail().isEmpty()) {
      part.add(Parts.text("notice", trial.detail()));
    }
    list.add(part);
    return new Row(part, epochs, curve);
  }

  private static String progress(
      Trial trial, List<Epoch> epochs, int outOf, Metric metric, Instant now) {
    Instant since =
        trial.state() instanceof TrialState.Running running ? running.since() : trial.created();
    String score = epochs.isEmpty() ? "" : " · " + metric.text(epochs.getLast().validationScore());
    return "epoch %d of %d%s · %s FLOPs · %s"
        .formatted(
            epochs.size(),
            outOf,
            score,
            Figures.count(trial.cost().flops()),
            Figures.duration(Duration.between(since, now)));
  }

  /** Whether it is on a worker now. */
  private static boolean isRunning(Trial trial) {
    return trial.state() instanceof TrialState.Running;
  }

  /** Each attempt is a training of its own. */
  private static String key(Trial trial) {
    return trial.state() instanceof TrialState.Running running
        ? "%d/%d".formatted(trial.id().number(), running.attempt())
        : "";
  }
}
