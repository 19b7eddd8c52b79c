package blockfront.search.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.cost.Cost;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.spi.Block;
import blockfront.search.data.DataSets;
import blockfront.search.space.SearchSpace;
import blockfront.search.strategy.Strategies;
import blockfront.search.study.ScriptedRunner.ScriptedRun;
import blockfront.search.trial.Epoch;
import blockfront.search.trial.FinalRun;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Provenance;
import blockfront.search.trial.Recipe;
import blockfront.search.trial.Rung;
import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialId;
import blockfront.search.trial.TrialRunner;
import blockfront.search.trial.TrialSpec;
import blockfront.search.trial.TrialState;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class LocalStudyServiceTest {

  private static final Catalogue CATALOGUE = Catalogue.load();
  private static final List<String> MIXERS =
      List.of("pool_mixer", "dwconv", "identity_mixer", "token_mlp");

  @TempDir private Path weights;

  private final SettableClock clock = new SettableClock();
  private final MemoryStudyStore store = new MemoryStudyStore();
  private final List<LocalStudyService> services = new ArrayList<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  @AfterEach
  void closeServices() {
    services.forEach(LocalStudyService::close);
  }

  // ---- final trainings

  @Test
  void aFinalTrainingIsLongerHasItsOwnSeedsAndIsNoTrial() throws Exception {
    LocalStudyService service = service(ScriptedRunner.atOnce());
    Study study = awaitEnd(service.start(plan(Budget.ofTrials(2))).id());
    TrialId winner = store.trials(study.id()).getFirst().id();

    service.trainFinal(winner, new FinalPlan(3, 30, 5));
    await(() -> store.finals(winner).runs().size() == 3 && store.finals(winner).ended());

    Recipe recipe = study.plan().recipe().withEpochs(30).withPatience(5);
    assertThat(store.finals(winner).runs())
        .allSatisfy(run -> assertThat(run.recipe()).isEqualTo(recipe))
        .extracting(FinalRun::seed)
        .containsExactly(1L, 2L, 3L);
    assertThat(store.finals(winner).trained()).hasSize(3);
    assertThat(store.trials(study.id())).hasSize(2);
  }

  @Test
  void aFinalTrainingIsToldAllThatAWorkerNeeds() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(1);
    LocalStudyService service = service(runner);
    long study = service.start(plan(Budget.ofTrials(1))).id();
    runner.next().train();
    awaitEnd(study);
    Trial winner = store.trials(study).getFirst();

    service.trainFinal(winner.id(), new FinalPlan(1, 30, 5));
    TrialSpec spec = runner.next().spec();

    assertThat(spec.architecture()).isEqualTo(winner.architecture());
    assertThat(spec.data()).isEqualTo("digits");
    assertThat(spec.dataHash()).isEqualTo(winner.provenance().map(Provenance::dataHash));
    assertThat(spec.seed()).isEqualTo(1);
    assertThat(spec.recipe().patience()).isEqualTo(5);
    assertThat(spec.weights())
        .contains(weights.resolve(String.valueOf(study)).resolve("1-final-1.safetensors"));
  }

  @Test
  void aFinalTrainingWhoseWorkerIsLostIsTriedAgain() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(1);
    LocalStudyService service = service(runner);
    long study = service.start(plan(Budget.ofTrials(1))).id();
    runner.next().train();
    awaitEnd(study);
    var winner = new TrialId(study, 1);

    service.trainFinal(winner, new FinalPlan(1, 30, 5));
    runner.next().lose();
    runner.next().lose();
    runner.next().train();
    await(() -> store.finals(winner).ended());
    assertThat(store.finals(winner).trained()).hasSize(1);

    service.trainFinal(winner, new FinalPlan(1, 30, 5));
    runner.next().lose();
    runner.next().lose();
    ScriptedRun third = runner.next();
    third.lose();
    await(() -> store.finals(winner).ended());
    assertThat(store.finals(winner).runs().getLast().outcome())
        .contains(new Outcome.Failed(Outcome.Reason.WORKER_LOST, "worker 7 died"));
  }

  @Test
  void aFinalTrainingThatItsRunnerRefusesOnceIsTriedAgain() throws Exception {
    var refusals = new AtomicInteger(1);
    var runner =
        new ScriptedRunner(
            1,
            run -> {
              if (isFinal(run) && refusals.getAndDecrement() > 0) {
                throw new IllegalStateException("no memory left");
              }
              run.train();
            });
    LocalStudyService service = service(runner);
    long study = awaitEnd(service.start(plan(Budget.ofTrials(1))).id()).id();
    var winner = new TrialId(study, 1);

    service.trainFinal(winner, new FinalPlan(2, 30, 5));
    await(() -> store.finals(winner).ended());

    assertThat(store.finals(winner).trained()).hasSize(2);
    assertThat(runner.runs().stream().filter(LocalStudyServiceTest::isFinal))
        .extracting(run -> run.spec().attempt())
        .containsExactly(2, 1);
  }

  @Test
  void aFinalTrainingThatItsRunnerAlwaysRefusesFailsWithItsWordsAndHoldsUpNothing()
      throws Exception {
    var runner =
        new ScriptedRunner(
            1,
            run -> {
              if (isFinal(run)) {
                throw new IllegalStateException("no memory left");
              }
              run.train();
            });
    LocalStudyService service = service(runner);
    long study = awaitEnd(service.start(plan(Budget.ofTrials(1))).id()).id();
    var winner = new TrialId(study, 1);

    service.trainFinal(winner, new FinalPlan(1, 30, 5));
    Study other = awaitEnd(service.start(plan(Budget.ofTrials(3))).id());
    await(() -> store.finals(winner).ended());

    assertThat(other.message()).isEqualTo("All 3 trials are done");
    assertThat(store.finals(winner).runs().getFirst().outcome())
        .contains(
            new Outcome.Failed(Outcome.Reason.ERROR, "The runner refuses it: no memory left"));
    // and the slot is not lost
    assertThat(awaitEnd(service.start(plan(Budget.ofTrials(2))).id()).message())
        .isEqualTo("All 2 trials are done");
  }

  private static boolean isFinal(ScriptedRun run) {
    return run.spec().recipe().epochs() == 30;
  }

  @Test
  void finalTrainingsAreCancelledTogether() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(1);
    LocalStudyService service = service(runner);
    long study = service.start(plan(Budget.ofTrials(1))).id();
    runner.next().train();
    awaitEnd(study);
    var winner = new TrialId(study, 1);
    service.trainFinal(winner, new FinalPlan(2, 30, 5));
    ScriptedRun first = runner.next();
    assertThatThrownBy(() -> service.trainFinal(winner, new FinalPlan(1, 30, 5)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Network %s is being trained to the end", winner);

    service.cancelFinal(winner);
    assertThat(first.awaitCancel()).isTrue();
    first.end(new Outcome.Cancelled());
    await(() -> store.finals(winner).ended());

    assertThat(store.finals(winner).runs())
        .allSatisfy(run -> assertThat(run.outcome()).contains(new Outcome.Cancelled()));
    assertThat(runner.runs()).hasSize(2);
  }

  @Test
  void finalTrainingsThatTheProcessDiedWithGoOn() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(1);
    LocalStudyService service = service(runner);
    long study = service.start(plan(Budget.ofTrials(1))).id();
    runner.next().train();
    awaitEnd(study);
    var winner = new TrialId(study, 1);
    service.trainFinal(winner, new FinalPlan(2, 30, 5));
    runner.next().train();
    runner.next();
    service.close();

    LocalStudyService next = service(ScriptedRunner.atOnce());
    next.recover();
    await(() -> store.finals(winner).ended());

    assertThat(store.finals(winner).trained()).hasSize(2);
  }

  @Test
  void onlyWhatWasTrainedIsTrainedToTheEnd() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(1);
    LocalStudyService service = service(runner);
    long study = service.start(plan(Budget.ofTrials(1))).id();
    runner.next().end(new Outcome.Failed(Outcome.Reason.DIVERGED, "Loss is NaN"));
    awaitEnd(study);

    assertThatThrownBy(() -> service.trainFinal(new TrialId(study, 1), new FinalPlan(1, 30, 5)))
        .hasMessage("Network %d/1 cannot be trained to the end: it is diverged", study);
    assertThatThrownBy(() -> service.trainFinal(new TrialId(study, 9), new FinalPlan(1, 30, 5)))
        .hasMessage("No network %d/9", study);
    assertThatThrownBy(() -> new FinalPlan(0, 30, 5))
        .hasMessage("Final training needs from 1 to 100 seeds, got 0");
    assertThatThrownBy(() -> new FinalPlan(1, 30, 0))
        .hasMessage("Final training needs a patience of at least 1 epoch, got 0");
  }

  // ---- budgets

  @Test
  void aStudyEndsWhenItsTrialsAreDone() throws Exception {
    ScriptedRunner runner = ScriptedRunner.atOnce();
    long study = service(runner).start(plan(Budget.ofTrials(7))).id();

    Study ended = awaitEnd(study);

    assertThat(ended.state()).isEqualTo(StudyState.FINISHED);
    assertThat(ended.message()).isEqualTo("All 7 trials are done");
    assertThat(store.trials(study))
        .hasSize(7)
        .allSatisfy(trial -> assertThat(trial.status()).isEqualTo("trained"));
    assertThat(runner.runs()).hasSize(7);
  }

  @Test
  void failedAndCancelledTrialsUseTheBudgetToo() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(1);
    long study = service(runner).start(plan(Budget.ofTrials(3))).id();

    runner.next().end(new Outcome.Failed(Outcome.Reason.DIVERGED, "Loss is NaN"));
    runner.next().end(new Outcome.Cancelled());
    runner.next().train();

    assertThat(awaitEnd(study).state()).isEqualTo(StudyState.FINISHED);
    assertThat(store.trials(study).stream().map(Trial::status))
        .containsExactly("diverged", "cancelled", "trained");
  }

  @Test
  void aStudyEndsWhenItsTimeIsUsedAndItsLastTrialHasEnded() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(1);
    long study = service(runner).start(plan(budget(Duration.ofMinutes(10)))).id();

    ScriptedRun first = runner.next();
    clock.advance(Duration.ofMinutes(9));
    first.train();
    ScriptedRun second = runner.next();
    clock.advance(Duration.ofMinutes(2));
    second.train();

    Study ended = awaitEnd(study);
    assertThat(ended.state()).isEqualTo(StudyState.FINISHED);
    assertThat(ended.message()).isEqualTo("The time of 10 minutes is used");
    assertThat(ended.searched()).isEqualTo(Duration.ofMinutes(11));
    assertThat(runner.runs()).hasSize(2);
  }

  @Test
  void theSleepOfTheMachineIsNoTimeOfSearching() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(1);
    long study = service(runner).start(plan(budget(Duration.ofMinutes(10)))).id();

    ScriptedRun first = runner.next();
    clock.advance(Duration.ofMinutes(4));
    clock.sleep(Duration.ofHours(8));
    first.train();
    ScriptedRun second = runner.next();
    clock.advance(Duration.ofMinutes(6));
    second.train();

    assertThat(awaitEnd(study).searched()).isEqualTo(Duration.ofMinutes(10));
    assertThat(runner.runs()).hasSize(2);
  }

  @Test
  void timeThatIsNoWholeMinutesIsToldInSeconds() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(1);
    long study = service(runner).start(plan(budget(Duration.ofMillis(90_500)))).id();

    ScriptedRun only = runner.next();
    clock.advance(Duration.ofMinutes(2));
    only.train();

    assertThat(awaitEnd(study).message()).isEqualTo("The time of 90.5 seconds is used");
  }

  @Test
  void ofTwoBudgetsTheFirstToBeUsedEndsTheStudy() throws Exception {
    var both = new Budget(Optional.of(2), Optional.of(Duration.ofMinutes(10)));
    ScriptedRunner quick = ScriptedRunner.atOnce();
    long byTrials = service(quick).start(plan(both)).id();
    assertThat(awaitEnd(byTrials).message()).isEqualTo("All 2 trials are done");

    ScriptedRunner slow = ScriptedRunner.byHand(1);
    long byTime = service(slow).start(plan(both)).id();
    ScriptedRun only = slow.next();
    clock.advance(Duration.ofMinutes(10));
    only.train();
    assertThat(awaitEnd(byTime).message()).isEqualTo("The time of 10 minutes is used");
    assertThat(store.trials(byTime)).hasSize(1);
  }

  @Test
  void aSpaceWithoutOtherNetworksEndsTheStudy() throws Exception {
    ScriptedRunner runner = ScriptedRunner.atOnce();
    long study =
        service(runner)
            .start(plan(space(List.of(8, 16), 1), Budget.ofTrials(1000), Limits.NONE))
            .id();

    assertThat(awaitEnd(study).message()).isEqualTo("The space has no other networks");
    // each mixer and the channel mixer with all their settings, in two widths
    Catalogue catalogue = Catalogue.load();
    long mixings =
        space(List.of(8, 16), 1).mixers().stream()
            .mapToLong(id -> settings(catalogue.tokenMixer(id)))
            .sum();
    assertThat(store.trials(study))
        .hasSize(Math.toIntExact(2 * mixings * settings(catalogue.channelMixer("mlp"))));
  }

  private static long settings(Block block) {
    return block.knobs().stream()
        .mapToLong(knob -> knob.choices().size())
        .reduce(1, (a, b) -> a * b);
  }

  // ---- order of things

  @ParameterizedTest
  @EnumSource(Strategies.class)
  void noNetworkIsTrainedTwice(Strategies strategy) throws Exception {
    ScriptedRunner runner = ScriptedRunner.atOnce();
    long study =
        service(runner).start(plan(strategy, space(List.of(8, 16), 1), Budget.ofTrials(1000))).id();
    awaitEnd(study);

    assertThat(store.trials(study).stream().map(Trial::architectureId)).doesNotHaveDuplicates();
    assertThat(runner.runs().stream().map(run -> run.spec().architecture()))
        .doesNotHaveDuplicates();
  }

  @Test
  void asManyTrialsRunAsThereAreSlots() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(3);
    LocalStudyService service = service(runner);
    long study = service.start(plan(Budget.ofTrials(10))).id();
    runner.next();
    ScriptedRun second = runner.next();
    runner.next();
    second.train();
    runner.next();
    service.close();

    assertThat(runner.runs()).hasSize(4);
    assertThat(store.trials(study).get(1).status()).isEqualTo("trained");
  }

  @Test
  void studiesShareTheSlots() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(2);
    LocalStudyService service = service(runner);
    long one = service.start(plan(Budget.ofTrials(5))).id();
    ScriptedRun first = runner.next();
    runner.next();
    long other = service.start(plan(Budget.ofTrials(5))).id();
    runThrough(service);
    first.train();

    // whose strategy answers first takes what is free
    assertThat(List.of(one, other)).contains(runner.next().spec().id().study());
    runner.runs().get(1).train();
    assertThat(List.of(one, other)).contains(runner.next().spec().id().study());
    service.stop(one);
    runner.runs().stream()
        .filter(run -> run.spec().id().study() == one)
        .forEach(run -> run.end(new Outcome.Cancelled()));
    await(() -> runner.runs().stream().anyMatch(run -> run.spec().id().study() == other));
  }

  @Test
  void studiesTakeTurnsThoughEachAlwaysHasATrialThatWaits() throws Exception {
    ScriptedRunner before = ScriptedRunner.byHand(6);
    LocalStudyService service = service(before);
    long one = service.start(plan(Budget.ofTrials(3))).id();
    await(() -> openTrials(one) == 3);
    long other = service.start(plan(Budget.ofTrials(3))).id();
    await(() -> openTrials(other) == 3);
    service.close();

    ScriptedRunner runner = ScriptedRunner.atOnce();
    service(runner).recover();
    awaitEnd(one);
    awaitEnd(other);

    assertThat(runner.runs())
        .extracting(run -> run.spec().id().study())
        .containsExactly(one, other, one, other, one, other);
  }

  @Test
  void anEpochThatIsDoneBeforeTheRunnerAnswersIsKept() throws Exception {
    var runner =
        new ScriptedRunner(
            1,
            run -> {
              run.epoch(1);
              run.epoch(2);
              run.train();
            });
    long study = service(runner).start(plan(Budget.ofTrials(3))).id();
    awaitEnd(study);

    for (Trial trial : store.trials(study)) {
      assertThat(store.epochs(trial.id()).stream().map(Epoch::number)).containsExactly(1, 2);
    }
  }

  @Test
  void eventsComeAfterTheFactIsStored() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(1);
    LocalStudyService service = service(runner);
    var seen = new CopyOnWriteArrayList<String>();
    try (var _ =
        service.subscribe(
            event ->
                seen.add(
                    switch (event) {
                      case StudyEvent.StudyChanged(long id) ->
                          "study " + store.study(id).orElseThrow().state();
                      case StudyEvent.TrialChanged(TrialId id) ->
                          "trial " + store.trial(id).orElseThrow().status();
                      case StudyEvent.EpochFinished(TrialId id) ->
                          "epochs " + store.epochs(id).size();
                    }))) {
      service.start(plan(Budget.ofTrials(1)));
      ScriptedRun run = runner.next();
      run.epoch(1);
      run.epoch(2);
      run.train();
      await(() -> seen.contains("study FINISHED"));
    }

    assertThat(seen)
        .containsExactly(
            "study RUNNING",
            "trial running",
            "epochs 1",
            "epochs 2",
            "trial trained",
            "study FINISHED");
  }

  @Test
  void aListenerThatThrowsStopsNothing() throws Exception {
    LocalStudyService service = service(ScriptedRunner.atOnce());
    var _ =
        service.subscribe(
            _ -> {
              throw new IllegalStateException("a page that is gone");
            });
    long study = service.start(plan(Budget.ofTrials(3))).id();

    assertThat(awaitEnd(study).message()).isEqualTo("All 3 trials are done");
  }

  @Test
  void aSubscriptionThatIsClosedHearsNothing() throws Exception {
    LocalStudyService service = service(ScriptedRunner.atOnce());
    var heard = new AtomicInteger();
    service.subscribe(_ -> heard.incrementAndGet()).close();
    awaitEnd(service.start(plan(Budget.ofTrials(1))).id());

    assertThat(heard).hasValue(0);
  }

  @Test
  void aWorkerIsToldAllOfThePlan() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(1);
    StudyPlan plan = plan(Budget.ofTrials(1));
    long study = service(runner).start(plan).id();
    TrialSpec spec = runner.next().spec();
    await(() -> !store.trials(study).isEmpty());

    Trial trial = store.trials(study).getFirst();
    assertThat(spec.id()).isEqualTo(trial.id());
    assertThat(spec.attempt()).isEqualTo(1);
    assertThat(spec.architecture()).isEqualTo(trial.architecture());
    assertThat(spec.data()).isEqualTo("digits");
    assertThat(spec.dataHash()).contains(DataSets.load("digits").hash());
    assertThat(spec.recipe()).isEqualTo(plan.recipe());
    assertThat(spec.weights()).contains(weights.resolve(study + "/1.safetensors"));
  }

  @Test
  void theSeedOfATrainingFollowsFromStudyAndNetwork() throws Exception {
    List<Long> seeds = seeds(plan(Budget.ofTrials(4)));

    assertThat(seeds(plan(Budget.ofTrials(4)))).isEqualTo(seeds);
    assertThat(seeds).doesNotHaveDuplicates();
    assertThat(seeds(plan(Budget.ofTrials(4)).withSeed(6))).doesNotContainAnyElementsOf(seeds);
  }

  private List<Long> seeds(StudyPlan plan) throws InterruptedException {
    ScriptedRunner runner = ScriptedRunner.atOnce();
    awaitEnd(service(runner).start(plan).id());
    return runner.runs().stream().map(run -> run.spec().seed()).toList();
  }

  // ---- steering

  @Test
  void pauseLetsTrialsEndAndBeginsNone() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(1);
    LocalStudyService service = service(runner);
    long study = service.start(plan(Budget.ofTrials(5))).id();
    ScriptedRun run = runner.next();
    service.pause(study);
    await(() -> state(study) == StudyState.PAUSED);
    assertThat(run.isCancelled()).isFalse();
    run.train();
    await(() -> store.trials(study).getFirst().measurement().isPresent());
    runThrough(service);

    assertThat(runner.runs()).hasSize(1);
    assertThat(store.trials(study)).hasSize(1);
    assertThat(store.study(study).orElseThrow().message())
        .isEqualTo("Paused; trials under way are finished");
  }

  @Test
  void resumeGoesOnAndThePauseIsNotCounted() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(1);
    LocalStudyService service = service(runner);
    long study = service.start(plan(budget(Duration.ofMinutes(10)))).id();
    ScriptedRun first = runner.next();
    clock.advance(Duration.ofMinutes(4));
    service.pause(study);
    await(() -> state(study) == StudyState.PAUSED);
    first.train();
    await(() -> store.trials(study).getFirst().measurement().isPresent());
    clock.advance(Duration.ofHours(3));
    service.resume(study);
    ScriptedRun second = runner.next();
    assertThat(store.study(study).orElseThrow().message()).isEmpty();
    clock.advance(Duration.ofMinutes(6));
    second.train();

    assertThat(awaitEnd(study).searched()).isEqualTo(Duration.ofMinutes(10));
    assertThat(runner.runs()).hasSize(2);
  }

  @Test
  void stopCancelsWhatRunsAndEndsTheStudyForGood() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(2);
    LocalStudyService service = service(runner);
    long study = service.start(plan(Budget.ofTrials(5))).id();
    ScriptedRun one = runner.next();
    ScriptedRun other = runner.next();
    service.stop(study);

    assertThat(one.awaitCancel()).isTrue();
    assertThat(other.awaitCancel()).isTrue();
    Study stopped = awaitEnd(study);
    assertThat(stopped.state()).isEqualTo(StudyState.STOPPED);
    assertThat(stopped.message()).isEqualTo("Stopped by a person");
    // though the workers have not heeded it yet: whoever stops the process now leaves nothing open
    assertThat(store.trials(study).stream().map(Trial::status))
        .containsExactly("cancelled", "cancelled");

    one.end(new Outcome.Cancelled());
    other.train();
    service.resume(study);
    runThrough(service);
    assertThat(store.trials(study).stream().map(Trial::status))
        .containsExactly("cancelled", "cancelled");
    assertThat(runner.runs()).hasSize(2);
    assertThat(state(study)).isEqualTo(StudyState.STOPPED);
  }

  @Test
  void slotsOfAStoppedStudyAreFreeOnceItsTrialsHaveEnded() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(1);
    LocalStudyService service = service(runner);
    long stopped = service.start(plan(Budget.ofTrials(5))).id();
    ScriptedRun run = runner.next();
    long next = service.start(plan(Budget.ofTrials(5))).id();
    service.stop(stopped);
    assertThat(run.awaitCancel()).isTrue();
    awaitEnd(stopped);
    runThrough(service);
    assertThat(runner.runs()).hasSize(1);
    run.lose();

    assertThat(runner.next().spec().id().study()).isEqualTo(next);
  }

  @Test
  void cancelEndsARunningTrialAndTheStudyGoesOn() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(1);
    LocalStudyService service = service(runner);
    long study = service.start(plan(Budget.ofTrials(2))).id();
    ScriptedRun run = runner.next();
    service.cancel(run.spec().id());
    assertThat(run.awaitCancel()).isTrue();
    run.end(new Outcome.Cancelled());
    runner.next().train();

    awaitEnd(study);
    assertThat(store.trials(study).stream().map(Trial::status))
        .containsExactly("cancelled", "trained");
  }

  @Test
  void cancelEndsAQueuedTrialThatNeverBeganAgain() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(1);
    LocalStudyService service = service(runner);
    long study = service.start(plan(Budget.ofTrials(2))).id();
    ScriptedRun run = runner.next();
    service.pause(study);
    await(() -> state(study) == StudyState.PAUSED);
    run.lose();
    TrialId trial = run.spec().id();
    await(() -> status(trial).equals("queued"));
    service.cancel(trial);
    await(() -> status(trial).equals("cancelled"));
    service.resume(study);

    ScriptedRun next = runner.next();
    assertThat(next.spec().id().number()).isEqualTo(2);
    next.train();
    awaitEnd(study);
    assertThat(store.trials(study)).hasSize(2);
  }

  @Test
  void whatIsNotThereCannotBeSteered() throws Exception {
    LocalStudyService service = service(ScriptedRunner.atOnce());
    service.pause(77);
    service.resume(77);
    service.stop(77);
    service.cancel(new TrialId(77, 1));
    assertThat(service.delete(77)).isFalse();
    long study = service.start(plan(Budget.ofTrials(1))).id();

    assertThat(awaitEnd(study).state()).isEqualTo(StudyState.FINISHED);
  }

  // ---- lost workers

  @Test
  void aTrialWhoseWorkerIsLostIsTriedAgain() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(1);
    long study = service(runner).start(plan(Budget.ofTrials(1))).id();
    ScriptedRun first = runner.next();
    first.epoch(1);
    first.lose();
    ScriptedRun second = runner.next();
    second.epoch(1);
    second.epoch(2);
    second.train();
    awaitEnd(study);

    assertThat(second.spec().attempt()).isEqualTo(2);
    assertThat(second.spec().seed()).isEqualTo(first.spec().seed());
    Trial trial = store.trials(study).getFirst();
    assertThat(trial.state())
        .isInstanceOfSatisfying(
            TrialState.Finished.class, state -> assertThat(state.attempt()).isEqualTo(2));
    assertThat(trial.status()).isEqualTo("trained");
    assertThat(trial.detail()).isEqualTo("Attempt 2 of 3: the worker was lost before");
    assertThat(store.epochs(trial.id())).hasSize(2);
  }

  @Test
  void aTrialWhoseWorkersAreAllLostFailsAndTheStudyGoesOn() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(1);
    long study = service(runner).start(plan(Budget.ofTrials(2))).id();
    for (int attempt = 1; attempt <= 3; attempt++) {
      ScriptedRun run = runner.next();
      assertThat(run.spec().id().number()).isEqualTo(1);
      assertThat(run.spec().attempt()).isEqualTo(attempt);
      run.lose();
    }
    runner.next().train();
    awaitEnd(study);

    assertThat(store.trials(study).getFirst().outcome())
        .contains(
            new Outcome.Failed(
                Outcome.Reason.WORKER_LOST, "Lost worker 'worker 3' in attempt 3 of 3"));
    assertThat(store.trials(study).getLast().status()).isEqualTo("trained");
  }

  @Test
  void whatAnEarlierAttemptSaysLateIsForgotten() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(1);
    long study = service(runner).start(plan(Budget.ofTrials(1))).id();
    ScriptedRun first = runner.next();
    first.lose();
    ScriptedRun second = runner.next();
    first.epoch(9);
    second.epoch(1);
    second.train();
    awaitEnd(study);

    assertThat(store.epochs(second.spec().id()).stream().map(Epoch::number)).containsExactly(1);
  }

  @Test
  void aRunnerThatCannotBeginFailsTheStudyWithItsWords() throws Exception {
    var runner =
        new ScriptedRunner(
            1,
            run -> {
              throw new IllegalStateException("no Java found");
            });
    LocalStudyService service = service(runner);
    long study = service.start(plan(Budget.ofTrials(3))).id();

    Study failed = awaitEnd(study);
    assertThat(failed.state()).isEqualTo(StudyState.FAILED);
    assertThat(failed.message()).contains("no Java found");
    assertThat(store.trials(study).stream().map(Trial::status)).containsExactly("cancelled");
    // and the slot is not lost: the next study is refused by the runner, not forgotten
    assertThat(awaitEnd(service.start(plan(Budget.ofTrials(3))).id()).message())
        .contains("no Java found");
  }

  // ---- limits

  @Test
  void networksOverTheLimitsAreRefusedBeforeAnyTraining() throws Exception {
    SearchSpace space = space(List.of(8, 16, 32, 64), 2);
    long limit = (cheapest(space).multiplyAdds() + dearest(space).multiplyAdds()) / 3;
    ScriptedRunner runner = ScriptedRunner.atOnce();
    long study =
        service(runner)
            .start(
                plan(space, Budget.ofTrials(12), new Limits(Optional.of(limit), Optional.empty())))
            .id();
    assertThat(awaitEnd(study).message()).isEqualTo("All 12 trials are done");

    List<Trial> refused =
        store.trials(study).stream().filter(trial -> trial.status().equals("refused")).toList();
    assertThat(refused).isNotEmpty();
    assertThat(refused)
        .allSatisfy(
            trial -> {
              assertThat(trial.cost().multiplyAdds()).isGreaterThan(limit);
              assertThat(trial.detail())
                  .isEqualTo(
                      "%,d multiply-adds exceed the limit of %,d"
                          .formatted(trial.cost().multiplyAdds(), limit));
            });
    assertThat(runner.runs()).hasSize(12);
    assertThat(runner.runs().stream().map(run -> run.spec().id()))
        .doesNotContainAnyElementsOf(refused.stream().map(Trial::id).toList());
  }

  @Test
  void aStudyThatOnlyFindsRefusedNetworksEndsOnceItsTrialsHave() throws Exception {
    SearchSpace space =
        new SearchSpace(
            List.of("isotropic"),
            List.of("identity_mixer"),
            List.of("mlp"),
            List.of("layer_norm"),
            List.of("no_position", "learned_position"),
            List.of(4),
            IntStream.rangeClosed(1, 128).mapToObj(i -> 8 * i).toList(),
            1,
            12);
    StudyPlan unlimited = plan(Strategies.RANDOM, space, Budget.ofTrials(400), Limits.NONE);
    // random search asks for the same networks again: the cheapest of so many is certain to
    // be found, and too few are as cheap for one to be among the next 500 for long
    long limit =
        proposed(unlimited).stream().mapToLong(t -> t.cost().parameters()).min().orElseThrow();
    ScriptedRunner runner = ScriptedRunner.byHand(1000);
    long study =
        service(runner)
            .start(
                plan(
                    Strategies.RANDOM,
                    space,
                    Budget.ofTrials(1000),
                    new Limits(Optional.empty(), Optional.of(limit))))
            .id();
    await(() -> lastRefusals(study) >= 500);
    assertThat(state(study)).isEqualTo(StudyState.RUNNING);
    List<ScriptedRun> running = runner.runs();
    assertThat(running).isNotEmpty();
    running.forEach(ScriptedRun::train);

    Study ended = awaitEnd(study);
    assertThat(ended.state()).isEqualTo(StudyState.FINISHED);
    assertThat(ended.message())
        .matches(
            "The last 500 networks were refused: [\\d,]+ parameters exceed the limit of [\\d,]+");
    assertThat(running).allSatisfy(run -> assertThat(status(run.spec().id())).isEqualTo("trained"));
  }

  /** The networks a study with this plan tries, none of them trained. */
  private List<Trial> proposed(StudyPlan plan) throws Exception {
    LocalStudyService service =
        service(ScriptedRunner.byHand(plan.budget().trials().orElseThrow()));
    long study = service.start(plan).id();
    await(() -> store.trials(study).size() == plan.budget().trials().orElseThrow());
    service.stop(study);
    service.close();
    return store.trials(study);
  }

  private long lastRefusals(long study) {
    List<Trial> trials = store.trials(study).reversed();
    return trials.stream().takeWhile(trial -> trial.status().equals("refused")).count();
  }

  // ---- plans that cannot be followed

  @Test
  void aPlanForUnknownDataIsRefused() {
    StudyPlan known = plan(Budget.ofTrials(1));
    refused(
        new StudyPlan(
            "n",
            "nowhere",
            known.space(),
            known.recipe(),
            known.budget(),
            Limits.NONE,
            "random",
            1),
        "No data set 'nowhere': not a built-in (digits, fashion-mini, mqar, icl_regression) and no"
            + " folder at "
            + Path.of("nowhere").toAbsolutePath());
  }

  @Test
  void aPlanWithAnUnknownStrategyIsRefused() {
    StudyPlan known = plan(Budget.ofTrials(1));
    refused(
        new StudyPlan(
            "n", "digits", known.space(), known.recipe(), known.budget(), Limits.NONE, "luck", 1),
        "No strategy 'luck'; known are " + Strategies.names());
  }

  @Test
  void aPlanWithAnUnknownBlockIsRefused() {
    SearchSpace space =
        new SearchSpace(
            List.of("isotropic"),
            List.of("pool_mixer", "mambo"),
            List.of("mlp"),
            List.of("layer_norm"),
            List.of("no_position"),
            List.of(2),
            List.of(8),
            1,
            1);
    assertThatThrownBy(
            () ->
                service(ScriptedRunner.atOnce())
                    .start(plan(space, Budget.ofTrials(1), Limits.NONE)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("No token mixer 'mambo'; known are [")
        .hasMessageContaining("pool_mixer");
    assertThat(store.studies()).isEmpty();
  }

  @Test
  void aPlanWhoseLimitsNoNetworkKeepsIsRefused() {
    SearchSpace space = space(List.of(8, 16), 1);
    assertThatThrownBy(
            () ->
                service(ScriptedRunner.atOnce())
                    .start(
                        plan(
                            space,
                            Budget.ofTrials(1),
                            new Limits(Optional.of(10L), Optional.empty()))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching(
            "No network of the space keeps the limits: the cheapest of 210 tried needs [\\d,]+"
                + " multiply-adds, the limit is 10");
    assertThat(store.studies()).isEmpty();
  }

  private void refused(StudyPlan plan, String message) {
    assertThatThrownBy(() -> service(ScriptedRunner.atOnce()).start(plan))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
    assertThat(store.studies()).isEmpty();
  }

  // ---- the end of the process

  @ParameterizedTest
  @EnumSource(Strategies.class)
  void aStudyKilledAtAnyTrialProposesWhatItWouldHave(Strategies strategy) throws Exception {
    StudyPlan plan = plan(strategy, space(List.of(8, 16, 32), 3), Budget.ofTrials(50));
    long whole = service(ScriptedRunner.atOnce()).start(plan).id();
    awaitEnd(whole);

    for (int killed : List.of(1, 24, 45)) {
      ScriptedRunner dying = dyingAt(killed);
      long study = service(dying).start(plan).id();
      await(
          () ->
              store.trials(study).size() == killed
                  && store.trials(study).getLast().status().equals("running"));
      // no close: this is what a kill leaves
      ScriptedRunner heir = ScriptedRunner.atOnce();
      LocalStudyService next = service(heir);
      next.recover();
      awaitEnd(study);

      assertThat(heir.runs().getFirst().spec().id().number()).isEqualTo(killed);
      assertThat(heir.runs().getFirst().spec().attempt()).isEqualTo(1);
      assertThat(proposals(study))
          .as("%s killed at %d", strategy.text(), killed)
          .isEqualTo(proposals(whole));
    }
  }

  /** Trains at once until a trial that never ends; some networks fail or are cancelled. */
  private static ScriptedRunner dyingAt(int trial) {
    return new ScriptedRunner(
        1,
        run -> {
          if (run.spec().id().number() < trial) {
            run.train();
          }
        });
  }

  private List<String> proposals(long study) {
    return store.trials(study).stream().map(LocalStudyServiceTest::proposal).toList();
  }

  private static String proposal(Trial trial) {
    return "%d %d %s %s"
        .formatted(
            trial.id().number(),
            trial.askIndex(),
            trial.architectureId(),
            trial.measurement().orElseThrow().validationScore());
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 30, 44})
  void refusedFailedAndCancelledTrialsAreReplayedAsTheyWere(int killed) throws Exception {
    SearchSpace space = space(List.of(8, 16, 32), 3);
    long limit = (cheapest(space).multiplyAdds() + dearest(space).multiplyAdds()) / 2;
    StudyPlan plan =
        plan(
            Strategies.NSGA2_ASYNC,
            space,
            Budget.ofTrials(50),
            new Limits(Optional.of(limit), Optional.empty()));
    Consumer<ScriptedRun> mixed =
        run -> {
          switch (Math.floorMod(run.spec().seed(), 5)) {
            case 0 -> run.end(new Outcome.Failed(Outcome.Reason.DIVERGED, "Loss is NaN"));
            case 1 -> run.end(new Outcome.Cancelled());
            default -> run.train();
          }
        };
    long whole = service(new ScriptedRunner(1, mixed)).start(plan).id();
    awaitEnd(whole);
    assertThat(store.trials(whole).stream().map(Trial::status))
        .contains("refused", "diverged", "cancelled", "trained");

    var counted = new AtomicInteger();
    var dying =
        new ScriptedRunner(
            1,
            run -> {
              if (counted.incrementAndGet() < killed) {
                mixed.accept(run);
              }
            });
    long study = service(dying).start(plan).id();
    await(() -> dying.runs().size() == killed && openTrials(study) == 1);
    service(new ScriptedRunner(1, mixed)).recover();
    awaitEnd(study);

    assertThat(store.trials(study).stream().map(LocalStudyServiceTest::fate))
        .isEqualTo(store.trials(whole).stream().map(LocalStudyServiceTest::fate).toList());
  }

  private static String fate(Trial trial) {
    return "%d %s %s".formatted(trial.id().number(), trial.architectureId(), trial.status());
  }

  private long openTrials(long study) {
    return store.trials(study).stream().filter(trial -> trial.status().equals("running")).count();
  }

  @Test
  void tellsAreReplayedInTheirOrderThoughTheClockStandsStill() throws Exception {
    // each trial ends when the next has begun, so every question has one trial in flight
    var before = new CopyOnWriteArrayList<ScriptedRun>();
    var overlapping =
        new ScriptedRunner(
            2,
            run -> {
              if (!before.isEmpty() && before.size() < 40) {
                before.getLast().train();
              }
              before.add(run);
            });
    long study =
        service(overlapping)
            .start(plan(Strategies.NSGA2_ASYNC, space(List.of(8, 16, 32), 3), Budget.ofTrials(60)))
            .id();
    await(() -> store.trials(study).size() == 41 && openTrials(study) == 2);
    service(ScriptedRunner.atOnce()).recover();

    Study ended = awaitEnd(study);
    assertThat(ended.message()).isEqualTo("All 60 trials are done");
    assertThat(store.trials(study).stream().map(Trial::architectureId)).doesNotHaveDuplicates();
  }

  @Test
  void aPausedStudyIsPausedAfterwards() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(1);
    LocalStudyService service = service(runner);
    long study = service.start(plan(Budget.ofTrials(3))).id();
    runner.next();
    service.pause(study);
    await(() -> state(study) == StudyState.PAUSED);
    service.close();
    ScriptedRunner next = ScriptedRunner.byHand(1);
    LocalStudyService heir = service(next);
    heir.recover();
    runThrough(heir);
    assertThat(next.runs()).isEmpty();
    assertThat(state(study)).isEqualTo(StudyState.PAUSED);
    heir.resume(study);

    assertThat(next.next().spec().id().number()).isEqualTo(1);
  }

  @Test
  void closeEndsTheRunnerAndPutsRunningTrialsBack() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(2);
    LocalStudyService service = service(runner);
    long study = service.start(plan(Budget.ofTrials(5))).id();
    ScriptedRun one = runner.next();
    one.epoch(1);
    runner.next();
    await(() -> !store.epochs(one.spec().id()).isEmpty() && openTrials(study) == 2);
    service.close();
    one.train();

    assertThat(runner.isClosed()).isTrue();
    assertThat(store.trials(study).stream().map(Trial::state))
        .containsExactly(new TrialState.Queued(1), new TrialState.Queued(1));
    assertThat(store.epochs(one.spec().id())).isEmpty();
    assertThat(state(study)).isEqualTo(StudyState.RUNNING);
  }

  @Test
  void recoveringTwiceRunsNothingTwice() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(2);
    LocalStudyService service = service(runner);
    long study = service.start(plan(Budget.ofTrials(2))).id();
    runner.next();
    runner.next();
    service.recover();
    runThrough(service);

    assertThat(runner.runs()).hasSize(2);
    assertThat(store.trials(study).stream().map(Trial::status))
        .containsExactly("running", "running");
  }

  @Test
  void timeBeforeTheEndOfTheProcessIsCountedAndDowntimeIsNot() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(1);
    LocalStudyService service = service(runner);
    long study = service.start(plan(budget(Duration.ofMinutes(10)))).id();
    runner.next();
    clock.advance(Duration.ofMinutes(7));
    service.close();
    clock.advance(Duration.ofDays(2));
    ScriptedRunner next = ScriptedRunner.byHand(1);
    service(next).recover();
    ScriptedRun run = next.next();
    clock.advance(Duration.ofMinutes(3));
    run.train();

    assertThat(awaitEnd(study).searched()).isEqualTo(Duration.ofMinutes(10));
  }

  @Test
  void aStudyThatIsNotProposedAgainFailsAndLeavesNothingOpen() throws Exception {
    StudyPlan plan = plan(Budget.ofTrials(5));
    long study = store.create(plan, clock.instant()).id();
    Instant now = clock.instant();
    Trial foreign =
        store.enqueue(
            study,
            "0000000000000000",
            StudyStoreContract.network("pool_mixer"),
            StudyStoreContract.COST,
            0,
            List.of(),
            now);
    store.start(foreign.id(), 1, "worker 1", now);
    service(ScriptedRunner.atOnce()).recover();

    Study failed = awaitEnd(study);
    assertThat(failed.state()).isEqualTo(StudyState.FAILED);
    assertThat(failed.message())
        .isEqualTo(
            "Cannot go on: trial 1 is not what the strategy proposes again; was another version"
                + " of Blockfront at work?");
    assertThat(status(foreign.id())).isEqualTo("cancelled");
  }

  @Test
  void aStudyWhoseDataIsGoneFailsAndTheOthersGoOn() throws Exception {
    StudyPlan known = plan(Budget.ofTrials(2));
    long gone =
        store
            .create(
                new StudyPlan(
                    "n",
                    "nowhere",
                    known.space(),
                    known.recipe(),
                    known.budget(),
                    Limits.NONE,
                    "random",
                    1),
                clock.instant())
            .id();
    long fine = store.create(known, clock.instant()).id();
    service(ScriptedRunner.atOnce()).recover();

    assertThat(awaitEnd(gone).message()).startsWith("Cannot go on: No data set 'nowhere'");
    assertThat(awaitEnd(fine).message()).isEqualTo("All 2 trials are done");
  }

  @Test
  void aTrainingThatTheStoreFailsToTakeOnceIsNotLost() throws Exception {
    var finishes = new AtomicInteger();
    StudyStore failing =
        failing(
            (method, _) -> method.equals("finish") && finishes.incrementAndGet() == 3,
            "The disk is full");
    long study = service(failing, ScriptedRunner.atOnce()).start(plan(Budget.ofTrials(3))).id();

    assertThat(awaitEnd(study).message()).isEqualTo("All 3 trials are done");
    assertThat(finishes).hasValue(4);
    assertThat(store.trials(study).stream().map(Trial::status))
        .containsExactly("trained", "trained", "trained");
  }

  @Test
  void aStudyThatCannotBeReadFailsAndTheNewerGoOn() throws Exception {
    long broken = store.create(plan(Budget.ofTrials(2)), clock.instant()).id();
    long fine = store.create(plan(Budget.ofTrials(2)), clock.instant()).id();
    StudyStore failing =
        failing(
            (method, first) -> method.equals("trials") && first.equals(broken),
            "Cannot read a stored network");
    service(failing, ScriptedRunner.atOnce()).recover();

    assertThat(awaitEnd(broken).message()).isEqualTo("Cannot go on: Cannot read a stored network");
    assertThat(awaitEnd(fine).message()).isEqualTo("All 2 trials are done");
  }

  @Test
  void aStudyWhoseDataHasChangedFailsAndKeepsWhatItTrained() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(1);
    LocalStudyService service = service(runner);
    long study = service.start(plan(Budget.ofTrials(5))).id();
    // what a worker found whose data is not there any more
    runner.next().endOn("0therda7a", new Outcome.Failed(Outcome.Reason.ERROR, "Other data"));
    runner.next().endOn("bef0re", new Outcome.Trained(ScriptedRunner.measurement(0.5)));
    runner.next();
    service.close();
    ScriptedRunner next = ScriptedRunner.atOnce();
    service(next).recover();

    Study failed = awaitEnd(study);
    assertThat(failed.state()).isEqualTo(StudyState.FAILED);
    assertThat(failed.message())
        .isEqualTo(
            "Cannot go on: digits: wanted the data that the study began with (SHA-256 bef0re),"
                + " got other data (%s)".formatted(DataSets.load("digits").hash()));
    assertThat(store.trials(study).stream().map(Trial::status))
        .containsExactly("error", "trained", "cancelled");
    assertThat(next.runs()).isEmpty();
  }

  @Test
  void aTrainingThatFailedOnOtherDataAfterItsRungSaysNothingOfTheData() throws Exception {
    long study = store.create(plan(Budget.ofTrials(5)), clock.instant()).id();
    var failed = new Outcome.Failed(Outcome.Reason.ERROR, "Other data");
    TrialId first = running(study);
    var rung = new Rung(1, clock.instant(), List.of(), 0, 0);
    store.pause(first, 1, ScriptedRunner.measurement(0.5), rung, trainedOn("bef0re"));
    store.start(first, 1, "worker", clock.instant());
    String now = DataSets.load("digits").hash();
    store.finish(first, 1, failed, Optional.of(trainedOn(now)), clock.instant());
    var trained = new Outcome.Trained(ScriptedRunner.measurement(0.5));
    store.finish(running(study), 1, trained, Optional.of(trainedOn("bef0re")), clock.instant());
    service(ScriptedRunner.atOnce()).recover();

    assertThat(awaitEnd(study).message())
        .startsWith("Cannot go on: digits: wanted the data that the study began with");
  }

  private TrialId running(long study) {
    Architecture network = ExamplePlans.DIGITS.plan().start().getFirst();
    Cost cost = StudyStoreContract.COST;
    TrialId trial = store.enqueue(study, "id", network, cost, 0, List.of(), clock.instant()).id();
    store.start(trial, 1, "worker", clock.instant());
    return trial;
  }

  private static Provenance trainedOn(String data) {
    return new Provenance(1, data, 1, "test", "machine", "worker");
  }

  // ---- deleting

  @Test
  void deletingAnEndedStudyRemovesItsWeights() throws Exception {
    LocalStudyService service = service(ScriptedRunner.atOnce());
    long study = service.start(plan(Budget.ofTrials(2))).id();
    awaitEnd(study);
    long other = study + 1;
    Path own = written(new TrialId(study, 1));
    Path kept = written(new TrialId(other, 1));

    assertThat(service.delete(study)).isTrue();
    assertThat(store.study(study)).isEmpty();
    assertThat(own.getParent()).doesNotExist();
    assertThat(kept).exists();
    assertThat(service.delete(study)).isFalse();
  }

  @Test
  void aStudyThatRunsIsNotDeleted() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(1);
    LocalStudyService service = service(runner);
    long study = service.start(plan(Budget.ofTrials(2))).id();
    runner.next();
    Path file = written(new TrialId(study, 1));

    assertThat(service.delete(study)).isFalse();
    assertThat(file).exists();
    assertThat(store.study(study)).isPresent();
  }

  @Test
  void weightsThatAreWrittenAfterTheStudyWasDeletedAreRemovedToo() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(1);
    LocalStudyService service = service(runner);
    long study = service.start(plan(Budget.ofTrials(2))).id();
    ScriptedRun run = runner.next();
    service.stop(study);
    awaitEnd(study);
    assertThat(service.delete(study)).isTrue();
    Path late = written(run.spec().id());
    run.train();
    runThrough(service);

    assertThat(late).doesNotExist();
  }

  private Path written(TrialId trial) throws Exception {
    Path file = new WeightFiles(weights).of(trial);
    Files.createDirectories(file.resolveSibling("."));
    return Files.writeString(file, "weights");
  }

  // ---- what tests stand on

  /**
   * The store, which fails when it is asked some things.
   *
   * @param fails by the name of a method and its first argument
   */
  private StudyStore failing(BiPredicate<String, Object> fails, String message) {
    return (StudyStore)
        Proxy.newProxyInstance(
            StudyStore.class.getClassLoader(),
            new Class<?>[] {StudyStore.class},
            (_, method, arguments) -> {
              if (arguments != null && fails.test(method.getName(), arguments[0])) {
                throw new IllegalStateException(message);
              }
              return method.invoke(store, arguments);
            });
  }

  private LocalStudyService service(TrialRunner runner) {
    return service(store, runner);
  }

  private LocalStudyService service(StudyStore store, TrialRunner runner) {
    var service = new LocalStudyService(store, runner, CATALOGUE, weights, clock.ofTrials());
    var _ = service.subscribe(_ -> signal());
    services.add(service);
    return service;
  }

  private void signal() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for what becomes true with some event. */
  private void await(BooleanSupplier holds) throws InterruptedException {
    long left = TimeUnit.SECONDS.toNanos(60);
    lock.lock();
    try {
      while (!holds.getAsBoolean()) {
        assertThat(left).as("time left to wait").isPositive();
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  private Study awaitEnd(long study) throws InterruptedException {
    await(() -> store.study(study).filter(now -> now.state().ended()).isPresent());
    return store.study(study).orElseThrow();
  }

  /** Returns when all that the service had to do so far is done. */
  private void runThrough(LocalStudyService service) throws InterruptedException {
    long last = store.create(plan(Budget.ofTrials(1)), clock.instant()).id();
    store.move(last, StudyState.PAUSED, "");
    var done = new AtomicInteger();
    try (var _ =
        service.subscribe(
            event -> {
              if (event.study() == last) {
                done.incrementAndGet();
                signal();
              }
            })) {
      service.recover();
      await(() -> done.get() > 0);
    }
  }

  private StudyState state(long study) {
    return store.study(study).orElseThrow().state();
  }

  private String status(TrialId trial) {
    return store.trial(trial).orElseThrow().status();
  }

  private static Budget budget(Duration time) {
    return new Budget(Optional.empty(), Optional.of(time));
  }

  private static StudyPlan plan(Budget budget) {
    return plan(space(List.of(8, 16), 2), budget, Limits.NONE);
  }

  private static StudyPlan plan(SearchSpace space, Budget budget, Limits limits) {
    return plan(Strategies.NSGA2_ASYNC, space, budget, limits);
  }

  private static StudyPlan plan(Strategies strategy, SearchSpace space, Budget budget) {
    return plan(strategy, space, budget, Limits.NONE);
  }

  private static StudyPlan plan(
      Strategies strategy, SearchSpace space, Budget budget, Limits limits) {
    return new StudyPlan(
        "A study", "digits", space, Recipe.STANDARD, budget, limits, strategy.text(), 5);
  }

  private static SearchSpace space(List<Integer> widths, int depth) {
    return new SearchSpace(
        List.of("isotropic"),
        MIXERS,
        List.of("mlp"),
        List.of("layer_norm"),
        List.of("no_position"),
        List.of(4),
        widths,
        1,
        depth);
  }

  private static Cost cheapest(SearchSpace space) {
    SpaceProbe probe = probe(space);
    return new Cost(probe.leastMultiplyAdds(), probe.leastParameters(), 0, 0, 0, 0);
  }

  private static Cost dearest(SearchSpace space) {
    SpaceProbe probe = probe(space);
    return new Cost(probe.greatestMultiplyAdds(), probe.greatestParameters(), 0, 0, 0, 0);
  }

  private static SpaceProbe probe(SearchSpace space) {
    return SpaceProbe.of(
        space,
        Limits.NONE,
        new blockfront.blocks.network.Task.ImageClassification(
            blockfront.blocks.graph.Shape.of(8, 8, 1), 10),
        CATALOGUE);
  }
}
