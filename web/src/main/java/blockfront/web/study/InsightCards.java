package blockfront.web.study;

import blockfront.search.study.Insight;
import blockfront.search.study.ParetoFront;
import blockfront.search.trial.Metric;
import blockfront.search.trial.Trial;
import blockfront.web.front.Chart;
import blockfront.web.front.Charts;
import blockfront.web.page.Aside;
import blockfront.web.page.Parts;
import com.vaadin.flow.component.UI;
import com.vaadin.flow.component.html.Div;
import com.vaadin.flow.component.html.Span;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/** Which choices matter for which objective, and all networks over all choices; made aside. */
final class InsightCards extends Div {

  private static final long serialVersionUID = 1;

  private static final ExecutorService ASIDE =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("study insight").factory());

  /** Networks before choices are compared. */
  private static final int FEWEST = 8;

  private static final int BARS = 10;
  private static final int AXES = 7;

  private final Chart importance = new Chart("How much of each objective each choice explains");
  private final Chart parallel = new Chart("All networks over their choices and objectives");
  private final Span waiting =
      Parts.text("faint", "Shown once %d networks are measured.".formatted(FEWEST));
  private final Div matters =
      Parts.card(
          "What matters",
          Parts.text(
              "faint",
              "How much of the differences in each objective a choice explains alone. What choices"
                  + " do only together is in no bar."),
          importance);
  private final Div all =
      Parts.card(
          "Choices and results",
          Parts.text(
              "faint",
              "A line a network, the front in colour. Drag along an axis to keep what passes there;"
                  + " the table follows."),
          parallel);
  private transient int shown;
  private transient boolean busy;

  InsightCards(Consumer<Set<Integer>> chosen) {
    addClassName("insight");
    setId("insight");
    importance.addClassName("chart-importance");
    parallel.addClassName("chart-parallel");
    parallel.onChosen(event -> chosen.accept(event.numbers()));
    matters.setVisible(false);
    all.setVisible(false);
    add(Parts.card("What matters", waiting), matters, all);
  }

  /** Computes anew when a good part is new, or the study has ended; on the UI's thread. */
  void show(List<Trial> trials, ParetoFront front, Metric metric, boolean ended) {
    int measured = (int) trials.stream().filter(trial -> trial.measurement().isPresent()).count();
    boolean due = ended ? measured != shown : measured >= 1.1 * shown + 1;
    UI ui = UI.getCurrent();
    if (measured < FEWEST || busy || !due || ui == null) {
      return;
    }
    busy = true;
    shown = measured;
    // not submitted: a result that nobody asks for would hide what went wrong
    ASIDE.execute(
        () -> {
          Insight insight = Insight.of(trials, front.aims());
          Aside.show(
              ui,
              () -> {
                busy = false;
                show(insight, front, metric);
              });
        });
  }

  private void show(Insight insight, ParetoFront front, Metric metric) {
    getChildren().findFirst().ifPresent(first -> first.setVisible(false));
    matters.setVisible(true);
    all.setVisible(true);
    importance.show(Charts.importance(insight, BARS));
    parallel.show(Charts.parallel(insight, front, metric, AXES));
  }
}
