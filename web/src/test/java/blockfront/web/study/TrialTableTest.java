package blockfront.web.study;

import static org.assertj.core.api.Assertions.assertThat;

import blockfront.blocks.cost.Cost;
import blockfront.search.study.Aims;
import blockfront.search.study.ExamplePlans;
import blockfront.search.study.MemoryStudyStore;
import blockfront.search.study.ParetoFront;
import blockfront.search.study.Study;
import blockfront.search.study.StudyPlan;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Metric;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialId;
import com.vaadin.flow.component.grid.Grid;
import com.vaadin.flow.data.provider.DataChangeEvent.DataRefreshEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TrialTableTest {

  private static final StudyPlan PLAN = ExamplePlans.DIGITS.plan();

  private final MemoryStudyStore store = new MemoryStudyStore();
  private final Study study = store.create(PLAN, Instant.EPOCH);
  private final TrialTable table = new TrialTable();
  private final List<String> drawn = new ArrayList<>();

  @BeforeEach
  void listen() {
    queue();
    queue();
    show();
    grid()
        .getDataProvider()
        .addDataProviderListener(
            event ->
                drawn.add(
                    event instanceof DataRefreshEvent<Trial> one
                        ? one.getItem().id().toString()
                        : "all"));
  }

  @Test
  void whatDidNotChangeIsNotDrawnAgain() {
    show();
    assertThat(drawn).isEmpty();
  }

  @Test
  void aTrainingThatBeginsIsDrawnAlone() {
    start(2);
    show();
    assertThat(drawn).containsExactly("1/2");
    assertThat(grid().getListDataView().getItems().map(Trial::status))
        .containsExactlyInAnyOrder("queued", "running");
  }

  @Test
  void aMeasurementPutsAllRowsInOrder() {
    start(2);
    train(2);
    show();
    assertThat(drawn).containsExactly("all");
  }

  @Test
  void aNewNetworkGetsARow() {
    queue();
    show();
    assertThat(drawn).containsExactly("all");
    assertThat(grid().getListDataView().getItemCount()).isEqualTo(3);
  }

  private void show() {
    List<Trial> trials = store.trials(study.id());
    table.show(trials, ParetoFront.of(trials, Aims.STANDARD));
  }

  private void queue() {
    store.enqueue(
        study.id(),
        "id",
        PLAN.start().getFirst(),
        new Cost(1000, 100, 0, 0, 0, 0),
        0,
        List.of(),
        Instant.EPOCH);
  }

  private void start(int number) {
    store.start(new TrialId(study.id(), number), 1, "worker", Instant.EPOCH);
  }

  private void train(int number) {
    var measurement = new Measurement(Metric.ACCURACY, 0.75, 1, 0.75, 1, 1, List.of());
    store.finish(
        new TrialId(study.id(), number),
        1,
        new Outcome.Trained(measurement),
        Optional.empty(),
        Instant.EPOCH);
  }

  @SuppressWarnings("unchecked")
  private Grid<Trial> grid() {
    return table
        .getChildren()
        .filter(Grid.class::isInstance)
        .map(grid -> (Grid<Trial>) grid)
        .findFirst()
        .orElseThrow();
  }
}
