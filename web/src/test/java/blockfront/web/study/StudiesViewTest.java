package blockfront.web.study;

import static org.assertj.core.api.Assertions.assertThat;

import blockfront.blocks.cost.Cost;
import blockfront.search.study.ExamplePlans;
import blockfront.search.study.MemoryStudyStore;
import blockfront.search.study.Study;
import blockfront.search.study.StudyEvent;
import blockfront.search.study.StudyPlan;
import blockfront.search.study.StudyService;
import blockfront.search.study.StudyState;
import blockfront.search.study.StudyStore;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Metric;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Trial;
import com.vaadin.flow.component.Component;
import com.vaadin.flow.component.grid.Grid;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StudiesViewTest {

  private static final StudyPlan PLAN = ExamplePlans.DIGITS.plan();

  private final StudyStore kept = new MemoryStudyStore();
  private final List<String> reads = new ArrayList<>();
  private final Set<Object> unreadable = new HashSet<>();
  private final EndedStudies ended = new EndedStudies();
  private final StudiesView view = open();

  @Test
  void trialsThatDidNotChangeAreReadOnce() {
    Study study = kept.create(PLAN, Instant.EPOCH);
    trial(study);
    view.readAll();
    view.refresh();
    view.refresh();
    assertThat(reads).containsExactly("trials 1");
  }

  @Test
  void ofAStudyThatGoesOnOnlyWhatChangedIsRead() {
    Study study = kept.create(PLAN, Instant.EPOCH);
    Trial first = trial(study);
    trial(study);
    view.readAll();
    assertThat(lines().getFirst().best()).isEqualTo("–");

    train(first, 0.75);
    view.seen(new StudyEvent.TrialChanged(first.id()));
    view.refresh();
    assertThat(reads).containsExactly("trials 1", "trial 1/1");
    assertThat(lines().getFirst().best()).isEqualTo("75.00 %");
    assertThat(lines().getFirst().onFront()).isEqualTo(1);
  }

  @Test
  void whatAStudyEndedWithIsReadEvenIfNothingWasHeard() {
    Study study = kept.create(PLAN, Instant.EPOCH);
    Trial trial = trial(study);
    view.readAll();
    train(trial, 0.75);
    kept.move(study.id(), StudyState.FINISHED, "");
    view.refresh();
    assertThat(lines().getFirst().state()).isEqualTo(StudyState.FINISHED);
    assertThat(lines().getFirst().best()).isEqualTo("75.00 %");
  }

  @Test
  void aStudyThatHasEndedIsReadOnceForAllWhoOpenThePage() {
    Study study = kept.create(PLAN, Instant.EPOCH);
    train(trial(study), 0.75);
    kept.move(study.id(), StudyState.FINISHED, "");
    view.readAll();
    StudiesView another = open();
    another.readAll();
    assertThat(reads).containsExactly("trials 1");
    assertThat(lines(another)).isEqualTo(lines());
  }

  @Test
  void aStudyThatCannotBeReadIsListedBesideTheOthers() {
    Study broken = kept.create(PLAN, Instant.EPOCH);
    kept.move(broken.id(), StudyState.FAILED, "Cannot go on");
    unreadable.add(broken.id());
    train(trial(kept.create(PLAN, Instant.EPOCH)), 0.75);
    view.readAll();
    assertThat(lines()).extracting(StudiesView.Line::best).containsExactly("75.00 %", "–");
    assertThat(lines()).extracting(StudiesView.Line::state).contains(StudyState.FAILED);
  }

  @Test
  void studiesComeAndGo() {
    Study first = kept.create(PLAN, Instant.EPOCH);
    view.readAll();
    kept.create(PLAN, Instant.EPOCH);
    view.refresh();
    assertThat(lines()).extracting(StudiesView.Line::id).containsExactly(2L, 1L);
    kept.move(first.id(), StudyState.STOPPED, "");
    kept.delete(first.id());
    view.refresh();
    assertThat(lines()).extracting(StudiesView.Line::id).containsExactly(2L);
  }

  private StudiesView open() {
    return new StudiesView(
        made(
            StudyStore.class,
            (_, method, arguments) -> {
              if (method.getName().equals("trials") && unreadable.contains(arguments[0])) {
                throw new IllegalStateException("Cannot read a stored network");
              }
              if (method.getName().startsWith("trial")) {
                reads.add(method.getName() + " " + arguments[0]);
              }
              return method.invoke(kept, arguments);
            }),
        made(
            StudyService.class,
            (_, method, _) -> {
              throw new UnsupportedOperationException(method.getName());
            }),
        ended);
  }

  private List<StudiesView.Line> lines() {
    return lines(view);
  }

  private static List<StudiesView.Line> lines(StudiesView view) {
    return grid(view).getListDataView().getItems().toList();
  }

  @SuppressWarnings("unchecked")
  private static Grid<StudiesView.Line> grid(Component view) {
    return view.getChildren()
        .filter(Grid.class::isInstance)
        .map(grid -> (Grid<StudiesView.Line>) grid)
        .findFirst()
        .orElseThrow();
  }

  private Trial trial(Study study) {
    Trial trial =
        kept.enqueue(
            study.id(),
            "id",
            PLAN.start().getFirst(),
            new Cost(1000, 100, 0, 0, 0, 0),
            0,
            List.of(),
            Instant.EPOCH);
    kept.start(trial.id(), 1, "worker", Instant.EPOCH);
    return trial;
  }

  private void train(Trial trial, double accuracy) {
    var measurement = new Measurement(Metric.ACCURACY, accuracy, 1, accuracy, 1, 1, List.of());
    kept.finish(trial.id(), 1, new Outcome.Trained(measurement), Optional.empty(), Instant.EPOCH);
  }

  private static <T> T made(Class<T> port, InvocationHandler answers) {
    return port.cast(Proxy.newProxyInstance(port.getClassLoader(), new Class<?>[] {port}, answers));
  }
}
