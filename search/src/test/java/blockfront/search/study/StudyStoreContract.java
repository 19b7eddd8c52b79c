package blockfront.search.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blockfront.blocks.cost.Cost;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.network.Stage;
import blockfront.blocks.preset.Presets;
import blockfront.blocks.spi.Choice;
import blockfront.search.space.SearchSpace;
import blockfront.search.trial.Deployment;
import blockfront.search.trial.Epoch;
import blockfront.search.trial.FinalRun;
import blockfront.search.trial.FinalTraining;
import blockfront.search.trial.Inspection;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Metric;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Provenance;
import blockfront.search.trial.Recipe;
import blockfront.search.trial.Rung;
import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialId;
import blockfront.search.trial.TrialState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link StudyStore} promises. */
public abstract class StudyStoreContract {

  protected static final Instant NOW = Instant.parse("2030-01-02T03:04:05.123456789Z");
  protected static final Cost COST = new Cost(1_000_000, 20_000, 300, 4_000, 50, 600);
  protected static final Measurement MEASUREMENT =
      new Measurement(
              Metric.ACCURACY, 0.875, 0.4, 0.85, 2, 12.5, List.of(List.of(7, 1), List.of(0, 8)))
          .withInt8Drop(-0.0078125);
  protected static final Provenance PROVENANCE =
      new Provenance(-7, "d1ge57", 1, "0.1.0", "a machine", "worker 1", Optional.of(3));
  private static final int THREADS = 50;

  private StudyStore store;

  /** An empty store. */
  protected abstract StudyStore empty() throws Exception;

  @BeforeEach
  void openStore() throws Exception {
    store = empty();
  }

  protected static StudyPlan plan(String name, String data) {
    return new StudyPlan(
        name,
        data,
        new SearchSpace(
            List.of("isotropic"),
            List.of("pool_mixer", "softmax_mha"),
            List.of("mlp"),
            List.of("layer_norm"),
            List.of("learned_position"),
            List.of(2, 4),
            List.of(32, 64),
            2,
            4),
        Recipe.STANDARD,
        new Budget(Optional.of(20), Optional.of(Duration.ofMinutes(3))),
        new Limits(Optional.of(9_000_000_000L), Optional.empty()),
        "nsga2",
        Long.MIN_VALUE);
  }

  /** A network of one layer for each mixer. */
  protected static Architecture network(String... mixers) {
    List<Layer> layers =
        Stream.of(mixers)
            .map(
                mixer ->
                    new Layer(
                        Choice.of("metaformer_block"),
                        Choice.of("layer_norm"),
                        Optional.of(Choice.of(mixer)),
                        Optional.of(Choice.of("mlp")),
                        1e-5))
            .toList();
    return new Architecture(
        Shape.of(8, 8, 1),
        10,
        Choice.of("patch_embed"),
        Choice.of("no_position"),
        List.of(new Stage(32, Optional.empty(), layers)),
        Choice.of("layer_norm"),
        Choice.of("mean_pool"));
  }

  protected static Trial queued(StudyStore store, long study) {
    return store.enqueue(study, "a1b2", network("softmax_mha"), COST, 0, List.of(), NOW);
  }

  private long study() {
    return store.create(plan("A study", "digits"), NOW).id();
  }

  private TrialId running(long study) {
    TrialId trial = queued(store, study).id();
    assertThat(store.start(trial, 1, "worker 1", NOW)).isTrue();
    return trial;
  }

  private TrialState state(TrialId trial) {
    return store.trial(trial).orElseThrow().state();
  }

  private static Epoch epoch(int number) {
    return new Epoch(number, 1.5 / number, 1.25 / number, 0.5, 2e-3, 0.125);
  }

  // studies

  @Test
  void aNewStudyRunsAndHasItsPlan() {
    StudyPlan plan = plan("Größe 'x'; -- 模型", "/data/some folder");

    Study created = store.create(plan, NOW);

    assertThat(created)
        .isEqualTo(new Study(created.id(), plan, StudyState.RUNNING, "", NOW, Duration.ZERO, 0));
    assertThat(store.study(created.id())).contains(created);
  }

  @Test
  void whatAStudyKnewWhenItBeganIsKeptWithItAlone() {
    var first =
        new Imported(
            Presets.byName("deit_tiny"),
            new Measurement(
                Metric.ACCURACY,
                0.75,
                0.5,
                0.7,
                9,
                12.5,
                Optional.of(1.25),
                Optional.of(4096L),
                Optional.of(-0.015625),
                List.of(List.of(3, 1), List.of(0, 4))));
    var second =
        new Imported(Presets.byName("poolformer_s12"), ScriptedRunner.measurement(1.0 / 3));
    long knowing = store.create(plan("knowing", "digits"), List.of(first, second, first), NOW).id();
    long other = store.create(plan("other", "digits"), NOW).id();

    assertThat(store.imported(knowing)).containsExactly(first, second, first);
    assertThat(store.imported(other)).isEmpty();
    assertThat(store.imported(other + 1)).isEmpty();
    store.move(knowing, StudyState.STOPPED, "");
    assertThat(store.delete(knowing)).isTrue();
    assertThat(store.imported(knowing)).isEmpty();
  }

  @Test
  void studiesAreListedNewestFirst() {
    Study first = store.create(plan("First", "digits"), NOW);
    Study second = store.create(plan("Second", "digits"), NOW);

    assertThat(store.studies()).containsExactly(second, first);
  }

  @Test
  void whatWasNeverStoredIsAbsent() {
    var nowhere = new TrialId(77, 1);

    assertThat(store.study(77)).isEmpty();
    assertThat(store.trial(nowhere)).isEmpty();
    assertThat(store.trials(77)).isEmpty();
    assertThat(store.epochs(nowhere)).isEmpty();
    assertThat(store.move(77, StudyState.PAUSED, "")).isFalse();
    assertThat(store.delete(77)).isFalse();
    assertThat(store.start(nowhere, 1, "worker 1", NOW)).isFalse();
    assertThat(store.epoch(nowhere, 1, epoch(1))).isFalse();
    assertThat(store.workerLost(nowhere, 1, NOW)).isFalse();
    assertThat(store.requeue(nowhere, 1)).isFalse();
    assertThat(store.finish(nowhere, 1, new Outcome.Cancelled(), Optional.empty(), NOW)).isFalse();
  }

  @Test
  void aStudyPausesAndResumes() {
    long study = study();

    assertThat(store.move(study, StudyState.PAUSED, "Paused by a person")).isTrue();
    assertThat(store.study(study).orElseThrow().message()).isEqualTo("Paused by a person");
    assertThat(store.move(study, StudyState.RUNNING, "")).isTrue();
    assertThat(store.study(study).orElseThrow().state()).isEqualTo(StudyState.RUNNING);
  }

  @ParameterizedTest
  @EnumSource(
      value = StudyState.class,
      names = {"FINISHED", "STOPPED", "FAILED"})
  void aStudyThatHasEndedStaysSo(StudyState end) {
    long study = study();
    assertThat(store.move(study, end, "The end")).isTrue();

    assertThat(store.move(study, StudyState.RUNNING, "Again")).isFalse();

    assertThat(store.study(study).orElseThrow().state()).isEqualTo(end);
    assertThat(store.study(study).orElseThrow().message()).isEqualTo("The end");
  }

  @Test
  void timeOfSearchingAddsUp() {
    long study = study();

    store.searched(study, Duration.ofMillis(1500));
    store.searched(study, Duration.ofSeconds(2));

    assertThat(store.study(study).orElseThrow().searched()).isEqualTo(Duration.ofMillis(3500));
  }

  @Test
  void aStudyThatGoesOnIsNotDeleted() {
    long study = study();
    assertThat(store.delete(study)).isFalse();
    store.move(study, StudyState.PAUSED, "");

    assertThat(store.delete(study)).isFalse();

    assertThat(store.study(study)).isPresent();
  }

  @Test
  void aDeletedStudyTakesItsTrialsWithIt() {
    long study = study();
    TrialId trial = running(study);
    store.epoch(trial, 1, epoch(1));
    store.finish(trial, 1, new Outcome.Trained(MEASUREMENT), Optional.of(PROVENANCE), NOW);
    store.move(study, StudyState.FINISHED, "");

    assertThat(store.delete(study)).isTrue();

    assertThat(store.study(study)).isEmpty();
    assertThat(store.trials(study)).isEmpty();
    assertThat(store.epochs(trial)).isEmpty();
    assertThat(store.leaderboardSize(Leaderboard.Query.BEST)).isZero();
  }

  // trials

  @Test
  void trialsOfEachStudyAreNumberedFromOne() {
    long one = study();
    long other = study();

    assertThat(queued(store, one).id()).isEqualTo(new TrialId(one, 1));
    assertThat(queued(store, one).id()).isEqualTo(new TrialId(one, 2));
    assertThat(queued(store, other).id()).isEqualTo(new TrialId(other, 1));
    assertThat(store.trials(one)).extracting(trial -> trial.id().number()).containsExactly(1, 2);
  }

  @Test
  void aNewTrialWaitsForItsFirstAttempt() {
    long study = study();
    var architecture = network("pool_mixer", "softmax_mha");
    var repairs = List.of("stages.0.blocks.1: 32 channels for 3 heads", "");

    Trial trial = store.enqueue(study, "a1b2", architecture, COST, Long.MAX_VALUE, repairs, NOW);

    assertThat(trial)
        .isEqualTo(
            new Trial(
                new TrialId(study, 1),
                "a1b2",
                architecture,
                COST,
                Long.MAX_VALUE,
                repairs,
                NOW,
                new TrialState.Queued(1),
                List.of(),
                Optional.empty(),
                Optional.empty()));
    assertThat(store.trial(trial.id())).contains(trial);
  }

  // rungs

  @Test
  void whatWasPausedAtARungIsKeptAsItWas() {
    TrialId trial = running(study());
    var rung = new Rung(2, NOW, List.of(0.25, 6.5), 0.125, 0.0625);

    assertThat(store.pause(trial, 1, MEASUREMENT, rung, PROVENANCE)).isTrue();

    assertThat(state(trial)).isEqualTo(new TrialState.Paused(1, MEASUREMENT, NOW));
    assertThat(store.trial(trial).orElseThrow().rungs()).containsExactly(rung);
    assertThat(store.trial(trial).orElseThrow().measurement()).contains(MEASUREMENT);
    assertThat(store.pause(trial, 1, MEASUREMENT, rung, PROVENANCE)).as("again").isFalse();
  }

  @Test
  void aTrialThatGoesOnAfterItsRungKeepsItThoughTheWorkerIsLost() {
    TrialId trial = running(study());
    store.epoch(trial, 1, epoch(1));
    store.epoch(trial, 1, epoch(2));
    var rung = new Rung(2, NOW, List.of(0.25, 6.5), 0, 0);
    store.pause(trial, 1, MEASUREMENT, rung, PROVENANCE);

    assertThat(store.start(trial, 1, "worker 2", NOW)).isTrue();
    store.epoch(trial, 1, epoch(3));
    assertThat(store.workerLost(trial, 1, NOW)).isTrue();

    assertThat(state(trial)).isEqualTo(new TrialState.Queued(2));
    assertThat(store.epochs(trial)).containsExactly(epoch(1), epoch(2));
    assertThat(store.trial(trial).orElseThrow().rungs()).containsExactly(rung);
    assertThat(store.trial(trial).orElseThrow().epochsKept()).isEqualTo(2);
  }

  @Test
  void whatATrialShowedAtItsRungIsKnownWhileItGoesOn() {
    TrialId trial = running(study());
    assertThat(store.atRung(trial)).isEmpty();
    store.pause(trial, 1, MEASUREMENT, new Rung(2, NOW, List.of(0.25, 6.5), 0, 0), PROVENANCE);
    assertThat(store.atRung(trial)).as("paused").contains(MEASUREMENT);

    store.start(trial, 1, "worker 2", NOW);
    assertThat(store.atRung(trial)).as("running").contains(MEASUREMENT);
    store.workerLost(trial, 1, NOW);
    assertThat(store.atRung(trial)).as("queued").contains(MEASUREMENT);

    store.finish(trial, 2, new Outcome.Cancelled(), Optional.empty(), NOW);
    assertThat(store.atRung(trial)).as("ended").isEmpty();
    assertThat(store.atRung(new TrialId(trial.study(), 9))).isEmpty();
  }

  @Test
  void howATrialWasTrainedIsKnownFromItsRungOn() {
    TrialId trial = running(study());
    var later = new Provenance(-7, "d1ge57", 1, "0.1.0", "another machine", "worker 2");
    store.pause(trial, 1, MEASUREMENT, new Rung(2, NOW, List.of(), 0, 0), PROVENANCE);
    assertThat(store.trial(trial).orElseThrow().provenance()).contains(PROVENANCE);

    store.start(trial, 1, "worker 2", NOW);
    assertThat(store.trial(trial).orElseThrow().provenance()).as("running").contains(PROVENANCE);
    store.pause(trial, 1, MEASUREMENT, new Rung(6, NOW, List.of(), 0, 0), later);
    assertThat(store.trial(trial).orElseThrow().provenance()).as("rung").contains(later);
    store.start(trial, 1, "worker 3", NOW);
    store.workerLost(trial, 1, NOW);
    store.finish(trial, 2, new Outcome.Cancelled(), Optional.empty(), NOW);

    assertThat(store.trial(trial).orElseThrow().provenance()).as("ended").contains(later);
  }

  @Test
  void aTrialThatIsPausedCanBeEnded() {
    TrialId trial = running(study());
    store.pause(trial, 1, MEASUREMENT, new Rung(2, NOW, List.of(), 0, 0), PROVENANCE);
    var stopped = new Outcome.StoppedEarly(MEASUREMENT, "Stopped after 2 of 20 epochs");

    assertThat(store.finish(trial, 1, stopped, Optional.empty(), NOW)).isTrue();

    assertThat(state(trial)).isEqualTo(new TrialState.Finished(1, stopped, NOW));
  }

  @Test
  void duplicatesAreKeptAsTheyWereLastCounted() {
    long study = study();
    store.duplicates(study, 3);
    store.duplicates(study, 7);
    assertThat(store.study(study).orElseThrow().duplicates()).isEqualTo(7);
  }

  @ParameterizedTest
  @ValueSource(strings = {"deit_tiny", "poolformer_s36", "kat_t"})
  void aNetworkComesBackAsItWas(String preset) {
    Architecture architecture = Presets.byName(preset);

    TrialId trial = store.enqueue(study(), "a1b2", architecture, COST, 0, List.of(), NOW).id();

    assertThat(store.trial(trial).orElseThrow().architecture()).isEqualTo(architecture);
  }

  @Test
  void aRefusedTrialIsFinishedFromTheStart() {
    Trial trial =
        store.refuse(study(), "a1b2", network("pool_mixer"), COST, 3, "Over the limit", NOW);

    assertThat(trial.state())
        .isEqualTo(
            new TrialState.Finished(
                1, new Outcome.Failed(Outcome.Reason.REFUSED, "Over the limit"), NOW));
    assertThat(store.trial(trial.id())).contains(trial);
    assertThat(store.start(trial.id(), 1, "worker 1", NOW)).isFalse();
  }

  @Test
  void aTrialOfNoStudyIsAnError() {
    assertThatThrownBy(() -> queued(store, 77))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("No study 77");
  }

  @Test
  void aTrialIsStartedOnce() {
    TrialId trial = queued(store, study()).id();

    assertThat(store.start(trial, 1, "worker 1", NOW)).isTrue();
    assertThat(store.start(trial, 1, "worker 2", NOW)).isFalse();

    assertThat(state(trial)).isEqualTo(new TrialState.Running(1, "worker 1", NOW));
  }

  @Test
  void anAttemptThatIsNotTheTrialsIsNotStarted() {
    TrialId trial = queued(store, study()).id();

    assertThat(store.start(trial, 2, "worker 1", NOW)).isFalse();

    assertThat(state(trial)).isEqualTo(new TrialState.Queued(1));
  }

  @ParameterizedTest
  @MethodSource("outcomes")
  void aTrialEndsWithWhatCameOut(Outcome outcome) {
    TrialId trial = running(study());
    Instant later = NOW.plusSeconds(60);

    assertThat(store.finish(trial, 1, outcome, Optional.of(PROVENANCE), later)).isTrue();

    Trial finished = store.trial(trial).orElseThrow();
    assertThat(finished.state()).isEqualTo(new TrialState.Finished(1, outcome, later));
    assertThat(finished.provenance()).contains(PROVENANCE);
  }

  static List<Outcome> outcomes() {
    return List.of(
        new Outcome.Trained(MEASUREMENT),
        new Outcome.StoppedEarly(MEASUREMENT, "No progress in 5 epochs"),
        new Outcome.Cancelled(),
        new Outcome.Failed(Outcome.Reason.DIVERGED, "Loss is NaN\nin step 12"));
  }

  @Test
  void aFinishedTrialCannotChange() {
    TrialId trial = running(study());
    store.finish(trial, 1, new Outcome.Trained(MEASUREMENT), Optional.of(PROVENANCE), NOW);
    Trial finished = store.trial(trial).orElseThrow();

    assertThat(store.start(trial, 1, "worker 2", NOW)).isFalse();
    assertThat(store.epoch(trial, 1, epoch(3))).isFalse();
    assertThat(store.workerLost(trial, 1, NOW)).isFalse();
    assertThat(store.requeue(trial, 1)).isFalse();
    assertThat(store.finish(trial, 1, new Outcome.Cancelled(), Optional.empty(), NOW)).isFalse();

    assertThat(store.trial(trial)).contains(finished);
  }

  @Test
  void aTrialThatNeverBeganCanBeCancelled() {
    TrialId trial = queued(store, study()).id();

    assertThat(store.finish(trial, 1, new Outcome.Cancelled(), Optional.empty(), NOW)).isTrue();

    assertThat(state(trial)).isEqualTo(new TrialState.Finished(1, new Outcome.Cancelled(), NOW));
    assertThat(store.trial(trial).orElseThrow().provenance()).isEmpty();
  }

  @Test
  void anEarlierAttemptCannotEndALaterOne() {
    TrialId trial = running(study());
    store.workerLost(trial, 1, NOW);
    store.start(trial, 2, "worker 2", NOW);

    assertThat(store.finish(trial, 1, new Outcome.Cancelled(), Optional.empty(), NOW)).isFalse();

    assertThat(state(trial)).isEqualTo(new TrialState.Running(2, "worker 2", NOW));
  }

  @Test
  void aLostWorkerLeavesTheTrialToItsNextAttempt() {
    TrialId trial = running(study());

    assertThat(store.workerLost(trial, 1, NOW)).isTrue();

    assertThat(state(trial)).isEqualTo(new TrialState.Queued(2));
  }

  @Test
  void aTrialFailsWithTheWorkerOfItsLastAttempt() {
    TrialId trial = queued(store, study()).id();
    for (int attempt = 1; attempt <= TrialState.ATTEMPTS; attempt++) {
      assertThat(store.start(trial, attempt, "worker " + attempt, NOW)).isTrue();
      assertThat(store.workerLost(trial, attempt, NOW)).isTrue();
    }

    assertThat(state(trial))
        .isEqualTo(
            new TrialState.Finished(
                3,
                new Outcome.Failed(
                    Outcome.Reason.WORKER_LOST, "Lost worker 'worker 3' in attempt 3 of 3"),
                NOW));
  }

  @Test
  void aTrialThatIsPutBackKeepsItsAttempt() {
    TrialId trial = running(study());
    store.epoch(trial, 1, epoch(1));

    assertThat(store.requeue(trial, 1)).isTrue();

    assertThat(state(trial)).isEqualTo(new TrialState.Queued(1));
    assertThat(store.epochs(trial)).isEmpty();
  }

  @Test
  void epochsAreThoseOfTheAttemptThatRuns() {
    TrialId trial = running(study());
    assertThat(store.epoch(trial, 1, epoch(1))).isTrue();
    assertThat(store.epoch(trial, 1, epoch(2))).isTrue();
    assertThat(store.epochs(trial)).containsExactly(epoch(1), epoch(2));
    store.workerLost(trial, 1, NOW);
    assertThat(store.epoch(trial, 2, epoch(1))).isFalse();
    store.start(trial, 2, "worker 2", NOW);

    assertThat(store.epoch(trial, 1, epoch(3))).isFalse();
    assertThat(store.epoch(trial, 2, epoch(1))).isTrue();

    assertThat(store.epochs(trial)).containsExactly(epoch(1));
  }

  // many threads

  @Test
  void oneOfManyThreadsStartsATrial() throws Exception {
    TrialId trial = queued(store, study()).id();

    List<Boolean> started = together(thread -> store.start(trial, 1, "worker " + thread, NOW));

    assertThat(started).hasSize(THREADS).containsOnlyOnce(true);
    int winner = started.indexOf(true);
    assertThat(state(trial)).isEqualTo(new TrialState.Running(1, "worker " + winner, NOW));
  }

  @Test
  void trialsOfManyThreadsHaveDistinctNumbers() throws Exception {
    long study = study();

    List<Integer> numbers = together(_ -> queued(store, study).id().number());

    assertThat(numbers)
        .containsExactlyInAnyOrderElementsOf(IntStream.rangeClosed(1, THREADS).boxed().toList());
  }

  @Test
  void oneOfManyThreadsEndsATrial() throws Exception {
    TrialId trial = running(study());

    List<Boolean> ended =
        together(
            thread ->
                switch (thread % 3) {
                  case 0 -> store.workerLost(trial, 1, NOW);
                  case 1 -> store.requeue(trial, 1);
                  default ->
                      store.finish(
                          trial,
                          1,
                          new Outcome.Failed(Outcome.Reason.ERROR, "thread " + thread),
                          Optional.empty(),
                          NOW);
                });

    // a trial that was put back may still be ended, but only one finish can win
    assertThat(ended).contains(true);
    List<Integer> finishes =
        IntStream.range(0, THREADS).filter(i -> i % 3 == 2 && ended.get(i)).boxed().toList();
    assertThat(finishes).hasSizeLessThanOrEqualTo(1);
    if (finishes.isEmpty()) {
      assertThat(state(trial)).isEqualTo(new TrialState.Queued(2));
    } else {
      assertThat(state(trial))
          .isEqualTo(
              new TrialState.Finished(
                  1,
                  new Outcome.Failed(Outcome.Reason.ERROR, "thread " + finishes.getFirst()),
                  NOW));
    }
  }

  private interface ForThread<T> {
    T run(int thread) throws Exception;
  }

  private static <T> List<T> together(ForThread<T> work)
      throws InterruptedException, ExecutionException {
    var barrier = new CyclicBarrier(THREADS);
    try (var threads = Executors.newFixedThreadPool(THREADS)) {
      List<Callable<T>> tasks =
          IntStream.range(0, THREADS)
              .<Callable<T>>mapToObj(
                  thread ->
                      () -> {
                        barrier.await();
                        return work.run(thread);
                      })
              .toList();
      var results = new ArrayList<T>();
      for (Future<T> future : threads.invokeAll(tasks)) {
        results.add(future.get());
      }
      return results;
    }
  }

  // the leaderboard

  private TrialId measured(long study, Architecture architecture, Cost cost, double accuracy) {
    return measured(study, architecture, cost, Metric.ACCURACY, accuracy);
  }

  private TrialId measured(
      long study, Architecture architecture, Cost cost, Metric metric, double score) {
    TrialId trial = store.enqueue(study, "net" + score, architecture, cost, 0, List.of(), NOW).id();
    store.start(trial, 1, "worker 1", NOW);
    var measurement = new Measurement(metric, score, 0.4, 0.85, 2, 1 - score, List.of());
    store.finish(trial, 1, new Outcome.Trained(measurement), Optional.of(PROVENANCE), NOW);
    return trial;
  }

  @Test
  void theLeaderboardShowsWhatWasMeasured() {
    Study study = store.create(plan("A study", "digits"), NOW);
    var architecture = network("pool_mixer", "softmax_mha", "pool_mixer");
    TrialId trial = measured(study.id(), architecture, COST, 0.75);

    assertThat(store.leaderboard(Leaderboard.Query.BEST, 0, 10))
        .containsExactly(
            new Leaderboard.Row(
                trial,
                "A study",
                "digits",
                "net0.75",
                "pool_mixer · softmax_mha",
                Metric.ACCURACY,
                0.75,
                COST,
                Optional.empty(),
                Optional.empty(),
                0.25,
                Optional.empty(),
                Optional.empty()));
  }

  // after the search

  private static final Deployment DEPLOYMENT =
      new Deployment(
          Metric.ACCURACY,
          new Deployment.Model(0.875, 0.125, 40_000),
          new Deployment.Model(0.75, 0.0625, 12_000));

  @Test
  void whatExportedModelsShowIsKeptWithTheTrialAndOnTheLeaderboard() {
    TrialId trial = measured(study(), network("pool_mixer"), COST, 0.75);

    assertThat(store.deploy(trial, MEASUREMENT.epochs(), DEPLOYMENT)).isTrue();

    assertThat(store.trial(trial).orElseThrow().deployment()).contains(DEPLOYMENT);
    assertThat(store.leaderboard(Leaderboard.Query.BEST, 0, 1).getFirst().int8Drop())
        .contains(0.125);
  }

  private static final Inspection INSPECTION =
      new Inspection(
          32,
          List.of(new Inspection.Layer("stages.0.blocks.0", 12, 0.5, 3.25)),
          Optional.of(new Inspection.Attention(0.5, 0.0625, 0.75, 0.625)),
          new Inspection.Activity(900_000, 12_500.5, 100_000));

  @Test
  void whatProbesSawIsKeptWithTheTrialAndOnTheLeaderboard() {
    TrialId trial = measured(study(), network("pool_mixer"), COST, 0.75);
    assertThat(store.inspection(trial)).isEmpty();

    assertThat(store.inspect(trial, MEASUREMENT.epochs(), INSPECTION)).isTrue();
    assertThat(store.inspection(trial)).contains(INSPECTION);
    assertThat(store.leaderboard(Leaderboard.Query.BEST, 0, 1).getFirst().activity())
        .contains(INSPECTION.activity());

    var again =
        new Inspection(8, List.of(), Optional.empty(), new Inspection.Activity(900_000, 0, 0));
    assertThat(store.inspect(trial, MEASUREMENT.epochs(), again)).isTrue();
    assertThat(store.inspection(trial)).contains(again);
  }

  @Test
  void whatWasNotTrainedIsNotLookedInto() {
    TrialId trial = running(study());

    assertThat(store.inspect(trial, MEASUREMENT.epochs(), INSPECTION)).isFalse();
    assertThat(store.inspection(trial)).isEmpty();
  }

  @Test
  void theLeaderboardKnowsTheState() {
    TrialId trial = store.enqueue(study(), "net", network("gla"), COST, 0, List.of(), NOW).id();
    store.start(trial, 1, "worker 1", NOW);
    var measurement =
        new Measurement(
            Metric.ACCURACY,
            0.75,
            0.4,
            0.85,
            2,
            1,
            Optional.of(0.5),
            Optional.of(4096L),
            Optional.empty(),
            List.of());
    store.finish(trial, 1, new Outcome.Trained(measurement), Optional.of(PROVENANCE), NOW);

    assertThat(store.leaderboard(Leaderboard.Query.BEST, 0, 1).getFirst().stateBytes())
        .contains(4096L);
  }

  @Test
  void whatWasNotTrainedHasNoExportedModels() {
    TrialId trial = running(study());

    assertThat(store.deploy(trial, MEASUREMENT.epochs(), DEPLOYMENT)).isFalse();
    assertThat(store.trial(trial).orElseThrow().deployment()).isEmpty();
  }

  @Test
  void whatWasMeasuredOfAPausedTrialIsForgottenWhenItIsTrainedOn() {
    TrialId trial = running(study());
    store.pause(trial, 1, MEASUREMENT, new Rung(2, NOW, List.of(), 0, 0), PROVENANCE);
    assertThat(store.deploy(trial, MEASUREMENT.epochs(), DEPLOYMENT)).isTrue();
    assertThat(store.inspect(trial, MEASUREMENT.epochs(), INSPECTION)).isTrue();

    store.start(trial, 1, "worker 2", NOW);
    assertThat(store.trial(trial).orElseThrow().deployment()).isEmpty();
    assertThat(store.inspection(trial)).isEmpty();
    assertThat(store.deploy(trial, MEASUREMENT.epochs(), DEPLOYMENT))
        .as("measured too late")
        .isFalse();
    assertThat(store.inspect(trial, MEASUREMENT.epochs(), INSPECTION))
        .as("looked into too late")
        .isFalse();

    var later = new Measurement(Metric.ACCURACY, 0.9, 0.3, 0.85, 4, 25, List.of());
    store.pause(trial, 1, later, new Rung(4, NOW, List.of(), 0, 0), PROVENANCE);
    assertThat(store.deploy(trial, 2, DEPLOYMENT)).as("of older weights").isFalse();
    assertThat(store.inspect(trial, 2, INSPECTION)).as("of older weights").isFalse();
    assertThat(store.trial(trial).orElseThrow().deployment()).isEmpty();
    assertThat(store.inspection(trial)).isEmpty();
    assertThat(store.deploy(trial, 4, DEPLOYMENT)).isTrue();
  }

  @Test
  void whatWasMeasuredOfAPausedTrialIsOnTheLeaderboardOnceItEnds() {
    TrialId trial = running(study());
    store.pause(trial, 1, MEASUREMENT, new Rung(2, NOW, List.of(), 0, 0), PROVENANCE);
    store.deploy(trial, MEASUREMENT.epochs(), DEPLOYMENT);
    store.inspect(trial, MEASUREMENT.epochs(), INSPECTION);
    store.addFinals(trial, List.of(1L), Recipe.STANDARD);
    store.finishFinal(trial, 1, new Outcome.Trained(MEASUREMENT), Optional.empty());

    store.finish(trial, 1, new Outcome.StoppedEarly(MEASUREMENT, ""), Optional.empty(), NOW);

    Leaderboard.Row row = store.leaderboard(Leaderboard.Query.BEST, 0, 1).getFirst();
    assertThat(row.int8Drop()).contains(0.125);
    assertThat(row.activity()).contains(INSPECTION.activity());
    assertThat(row.finalTest()).isPresent();
  }

  @Test
  void finalTrainingsAreNumberedOnAndAreNoTrials() {
    long study = study();
    TrialId trial = measured(study, network("pool_mixer"), COST, 0.75);
    Recipe recipe = Recipe.STANDARD.withPatience(4);

    assertThat(store.finals(trial).runs()).isEmpty();
    assertThat(store.addFinals(trial, List.of(1L, 2L), recipe))
        .containsExactly(FinalRun.queued(1, 1, recipe), FinalRun.queued(2, 2, recipe));
    assertThat(store.addFinals(trial, List.of(-3L), recipe))
        .containsExactly(FinalRun.queued(3, -3, recipe));

    assertThat(store.finals(trial).runs()).extracting(FinalRun::number).containsExactly(1, 2, 3);
    assertThat(store.openFinals()).containsExactly(trial);
    assertThat(store.trials(study)).hasSize(1);
  }

  @Test
  void aFinalTrainingEndsOnce() {
    TrialId trial = measured(study(), network("pool_mixer"), COST, 0.75);
    store.addFinals(trial, List.of(1L), Recipe.STANDARD);
    var trained = new Outcome.Trained(MEASUREMENT);

    assertThat(store.finishFinal(trial, 1, trained, Optional.of(PROVENANCE))).isTrue();
    assertThat(store.finishFinal(trial, 1, new Outcome.Cancelled(), Optional.empty())).isFalse();
    assertThat(store.finishFinal(trial, 2, trained, Optional.empty())).isFalse();

    FinalRun run = store.finals(trial).runs().getFirst();
    assertThat(run.outcome()).contains(trained);
    assertThat(run.provenance()).contains(PROVENANCE);
    assertThat(store.openFinals()).isEmpty();
  }

  @Test
  void theLeaderboardHasMeanAndDeviationOfFinalTrainings() {
    TrialId trial = measured(study(), network("pool_mixer"), COST, 0.75);
    store.addFinals(trial, List.of(1L, 2L), Recipe.STANDARD);
    for (int run = 1; run <= 2; run++) {
      var measurement =
          new Measurement(Metric.ACCURACY, 0.9, 0.1, run == 1 ? 0.5 : 0.75, 2, 1, List.of());
      store.finishFinal(trial, run, new Outcome.Trained(measurement), Optional.empty());
    }

    assertThat(store.leaderboard(Leaderboard.Query.BEST, 0, 1).getFirst().finalTest())
        .contains(new FinalTraining.Spread(0.625, Math.sqrt(2 * 0.125 * 0.125)));
  }

  @Test
  void theBestFinalTrainingKeepsWhatItsModelsShow() {
    TrialId trial = measured(study(), network("pool_mixer"), COST, 0.75);
    store.addFinals(trial, List.of(1L, 2L), Recipe.STANDARD);
    store.finishFinal(trial, 2, new Outcome.Trained(MEASUREMENT), Optional.empty());

    assertThat(store.deployFinal(trial, 1, DEPLOYMENT)).isFalse();
    assertThat(store.deployFinal(trial, 2, DEPLOYMENT)).isTrue();

    FinalRun best = store.finals(trial).best().orElseThrow();
    assertThat(best.number()).isEqualTo(2);
    assertThat(best.deployment()).contains(DEPLOYMENT);
  }

  @Test
  void theLeaderboardShowsOneMetricAtATimeTheBestFirst() {
    Study digits = store.create(plan("A study", "digits"), NOW);
    Study text = store.create(plan("Another", "text:a.txt"), NOW);
    var architecture = network("softmax_mha");
    measured(digits.id(), architecture, COST, 0.75);
    TrialId worse = measured(text.id(), architecture, COST, Metric.BITS_PER_BYTE, 3.5);
    TrialId better = measured(text.id(), architecture, COST, Metric.BITS_PER_BYTE, 2.5);

    var bits = Leaderboard.Query.best(Metric.BITS_PER_BYTE);
    assertThat(store.leaderboard(bits, 0, 10))
        .extracting(Leaderboard.Row::trial)
        .containsExactly(better, worse);
    assertThat(store.leaderboardSize(bits)).isEqualTo(2);
    assertThat(store.leaderboardSize(Leaderboard.Query.BEST)).isEqualTo(1);
    assertThat(store.trial(better).orElseThrow().measurement().orElseThrow().metric())
        .isEqualTo(Metric.BITS_PER_BYTE);
  }

  @ParameterizedTest
  @MethodSource("outcomes")
  void theLeaderboardLeavesOutWhatWasNotMeasured(Outcome outcome) {
    long study = study();
    queued(store, study);
    running(study);
    store.refuse(study, "a1b2", network("pool_mixer"), COST, 0, "Over the limit", NOW);
    TrialId trial = running(study);
    store.finish(trial, 1, outcome, Optional.empty(), NOW);
    boolean measured = store.trial(trial).orElseThrow().measurement().isPresent();

    assertThat(store.leaderboard(Leaderboard.Query.BEST, 0, 10))
        .extracting(Leaderboard.Row::trial)
        .isEqualTo(measured ? List.of(trial) : List.of());
    assertThat(store.leaderboardSize(Leaderboard.Query.BEST)).isEqualTo(measured ? 1 : 0);
  }

  @Test
  void theLeaderboardIsFiltered() {
    long digits = store.create(plan("Small ÄRGER 100%", "digits"), NOW).id();
    long fashion = store.create(plan("Large_one", "fashion-mini"), NOW).id();
    TrialId cheap = measured(digits, network("pool_mixer"), new Cost(10, 1, 0, 0, 0, 0), 0.5);
    TrialId dear = measured(fashion, network("softmax_mha"), new Cost(1000, 1, 0, 0, 0, 0), 0.9);

    assertThat(found("", 1000)).containsExactly(dear, cheap);
    assertThat(found("", 999)).containsExactly(cheap);
    assertThat(found("LARGE", 1000)).containsExactly(dear);
    assertThat(found("ärger", 1000)).containsExactly(cheap);
    assertThat(found("Softmax", 1000)).containsExactly(dear);
    assertThat(found("net0.5", 1000)).containsExactly(cheap);
    // no wild cards
    assertThat(found("%", 1000)).containsExactly(cheap);
    assertThat(found("_one", 1000)).containsExactly(dear);
    assertThat(found("nowhere", 1000)).isEmpty();
    var ofDigits =
        new Leaderboard.Query(
            Metric.ACCURACY,
            Optional.of("digits"),
            Optional.empty(),
            Optional.empty(),
            Leaderboard.Column.VALIDATION_SCORE,
            true);
    assertThat(store.leaderboard(ofDigits, 0, 10))
        .extracting(Leaderboard.Row::trial)
        .containsExactly(cheap);
    assertThat(store.leaderboardSize(ofDigits)).isEqualTo(1);
  }

  private List<TrialId> found(String text, long maxMultiplyAdds) {
    var query =
        new Leaderboard.Query(
            Metric.ACCURACY,
            Optional.empty(),
            Optional.of(text),
            Optional.of(maxMultiplyAdds),
            Leaderboard.Column.VALIDATION_SCORE,
            true);
    List<TrialId> trials =
        store.leaderboard(query, 0, 10).stream().map(Leaderboard.Row::trial).toList();
    assertThat(store.leaderboardSize(query)).isEqualTo(trials.size());
    return trials;
  }

  @Test
  void pagesOfTheLeaderboardGiveEveryNetworkOnceAndInOrder() {
    int trials = 2000;
    var random = new Random(1);
    List<Long> studies =
        List.of(
            store.create(plan("b", "digits"), NOW).id(),
            store.create(plan("a", "digits"), NOW).id(),
            store.create(plan("B", "digits"), NOW).id());
    for (int i = 0; i < trials; i++) {
      // few distinct values, so that most rows have equals
      var cost = new Cost(random.nextInt(20), random.nextInt(20), 0, 0, 0, 0);
      measured(
          studies.get(random.nextInt(3)), network("pool_mixer"), cost, random.nextInt(20) / 20.0);
    }
    for (Leaderboard.Column column : Leaderboard.Column.values()) {
      for (boolean descending : new boolean[] {false, true}) {
        var query =
            new Leaderboard.Query(
                Metric.ACCURACY,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                column,
                descending);
        var rows = new ArrayList<Leaderboard.Row>();
        for (int offset = 0; offset < trials; offset += 150) {
          rows.addAll(store.leaderboard(query, offset, 150));
        }

        assertThat(rows).as("%s", query).hasSize(trials).doesNotHaveDuplicates();
        assertThat(rows).as("%s", query).isSortedAccordingTo(order(column, descending));
      }
    }
    assertThat(store.leaderboardSize(Leaderboard.Query.BEST)).isEqualTo(trials);
  }

  private static Comparator<Leaderboard.Row> order(Leaderboard.Column column, boolean descending) {
    Comparator<Leaderboard.Row> byTrial =
        Comparator.<Leaderboard.Row>comparingLong(row -> row.trial().study())
            .thenComparing(row -> row.trial().number());
    Comparator<Leaderboard.Row> by =
        switch (column) {
          case VALIDATION_SCORE -> Comparator.comparing(Leaderboard.Row::validationScore);
          case MULTIPLY_ADDS -> Comparator.comparing(row -> row.cost().multiplyAdds());
          case PARAMETERS -> Comparator.comparing(row -> row.cost().parameters());
          case SECONDS -> Comparator.comparing(Leaderboard.Row::seconds);
          case STUDY -> Comparator.comparing(Leaderboard.Row::study);
          case TRIAL -> byTrial;
        };
    return (descending ? by.reversed() : by).thenComparing(byTrial);
  }
}
