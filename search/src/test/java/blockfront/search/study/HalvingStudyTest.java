package blockfront.search.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.search.space.SearchSpace;
import blockfront.search.strategy.Strategies;
import blockfront.search.strategy.SuccessiveHalving;
import blockfront.search.study.ScriptedRunner.ScriptedRun;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Recipe;
import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialSpec;
import blockfront.search.trial.TrialState;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Studies whose poor trainings are stopped early. */
@Timeout(120)
class HalvingStudyTest {

  private static final Catalogue CATALOGUE = Catalogue.load();

  /** Rungs at 2, 6 and 18 epochs, and the end at 20. */
  private static final SuccessiveHalving HALVING = new SuccessiveHalving(2, 3, 0.5);

  @TempDir private Path weights;

  private final SettableClock clock = new SettableClock();
  private final MemoryStudyStore store = new MemoryStudyStore();
  private final List<LocalStudyService> services = new ArrayList<>();

  @AfterEach
  void closeServices() {
    services.forEach(LocalStudyService::close);
  }

  @Test
  void halfOfEachRungIsTrainedOnFromItsCheckpoint() throws Exception {
    ScriptedRunner runner = new ScriptedRunner(1, ScriptedRun::trainTo);
    long study = finished(runner, plan(Strategies.NSGA2_ASYNC, 32));

    List<Trial> trials = store.trials(study);
    assertThat(trials).hasSize(32);
    for (int rung : List.of(2, 6, 18)) {
      long came = reached(trials, rung);
      long wentOn = reached(trials, rung + 1);
      // a network may be among the better half for a while only, so more than half go on
      assertThat(wentOn).as("beyond %d", rung).isGreaterThanOrEqualTo(came / 2).isLessThan(came);
    }
    assertThat(reached(trials, 2)).isEqualTo(32);
    // nothing is trained twice: each run begins where the one before ended
    for (Trial trial : trials) {
      List<Integer> untils =
          runner.runs().stream()
              .filter(run -> run.spec().id().equals(trial.id()))
              .map(run -> run.spec().until())
              .toList();
      assertThat(untils).isEqualTo(List.of(2, 6, 18, 20).subList(0, untils.size()));
      assertThat(runner.runs().stream().map(run -> run.spec().checkpoint()))
          .allMatch(Optional::isPresent);
    }
  }

  private static long reached(List<Trial> trials, int epochs) {
    return trials.stream()
        .filter(trial -> trial.measurement().orElseThrow().epochs() >= epochs)
        .count();
  }

  @Test
  void whatIsNotTrainedOnIsStoppedWithItsRank() throws Exception {
    ScriptedRunner runner = new ScriptedRunner(1, ScriptedRun::trainTo);
    long study = finished(runner, plan(Strategies.RANDOM, 8));

    assertThat(store.trials(study).stream().filter(trial -> trial.status().equals("stopped early")))
        .isNotEmpty()
        .allSatisfy(
            trial ->
                assertThat(trial.detail())
                    .matches(
                        "Stopped after \\d+ of 20 epochs: rank \\d+ of \\d+ there, and the best"
                            + " \\d+ go on"));
    assertThat(store.trials(study)).noneMatch(trial -> trial.state() instanceof TrialState.Paused);
    assertThat(store.trials(study))
        .allSatisfy(
            trial ->
                assertThat(trial.provenance().orElseThrow().seed())
                    .isEqualTo(specOf(runner, trial).seed()));
  }

  private static TrialSpec specOf(ScriptedRunner runner, Trial trial) {
    return runner.runs().stream()
        .map(ScriptedRun::spec)
        .filter(spec -> spec.id().equals(trial.id()))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aRungIsHeardOfOnceThoughTheStoreFailsBehindIt() throws Exception {
    StudyPlan plan = plan(Strategies.NSGA2_ASYNC, 12);
    long smooth = finished(new ScriptedRunner(1, ScriptedRun::trainTo), plan);
    LocalStudyService failing =
        service(failingAfter("pause", 3), new ScriptedRunner(1, ScriptedRun::trainTo));
    var id = new long[1];
    awaitAnyEnd(failing, () -> id[0] = failing.start(plan).id());

    assertThat(ways(id[0])).isEqualTo(ways(smooth));
  }

  /** Which networks were trained how far. */
  private List<String> ways(long study) {
    return store.trials(study).stream()
        .map(trial -> trial.architectureId() + " " + trial.status() + " " + trial.epochsKept())
        .toList();
  }

  /** Fails to read a trial, once, behind every so many calls of a method. */
  private StudyStore failingAfter(String method, int every) {
    var calls = new AtomicInteger();
    var failing = new AtomicBoolean();
    return (StudyStore)
        Proxy.newProxyInstance(
            StudyStore.class.getClassLoader(),
            new Class<?>[] {StudyStore.class},
            (_, called, arguments) -> {
              if (called.getName().equals("trial") && failing.getAndSet(false)) {
                throw new IllegalStateException("The disk is full");
              }
              Object answer = called.invoke(store, arguments);
              if (called.getName().equals(method) && calls.incrementAndGet() % every == 0) {
                failing.set(true);
              }
              return answer;
            });
  }

  @Test
  void aFreeWorkerNeverWaitsForARungToFill() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(2);
    service(runner).start(plan(Strategies.RANDOM, 8));
    ScriptedRun slow = runner.next();
    for (int i = 0; i < 6; i++) {
      runner.next().trainTo();
    }
    assertThat(runner.next().isCancelled()).isFalse();
    assertThat(slow.ended()).isNotDone();
  }

  @Test
  void aTrainingThatFailsAfterItsRungIsFailed() throws Exception {
    ScriptedRunner runner =
        new ScriptedRunner(
            1,
            run -> {
              if (run.spec().until() == 6) {
                run.end(new Outcome.Failed(Outcome.Reason.DIVERGED, "Loss is NaN"));
              } else {
                run.trainTo();
              }
            });
    long study = finished(runner, plan(Strategies.NSGA2_ASYNC, 12));

    assertThat(store.trials(study).stream().map(Trial::status))
        .containsOnly("diverged", "stopped early")
        .contains("diverged");
  }

  @Test
  void checkpointsAreForgottenWhenTrainingsEnd() throws Exception {
    ScriptedRunner runner =
        new ScriptedRunner(
            1,
            run -> {
              try {
                Path checkpoint = run.spec().checkpoint().orElseThrow();
                Files.createDirectories(checkpoint.resolveSibling("."));
                Files.writeString(checkpoint, "state");
              } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
              run.trainTo();
            });
    finished(runner, plan(Strategies.RANDOM, 8));

    try (var files = Files.walk(weights)) {
      assertThat(files.filter(Files::isRegularFile)).isEmpty();
    }
  }

  @Test
  void whatIsTrainedOnWhenItsStudyIsStoppedEndsAsItsRungShowed() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(1);
    LocalStudyService service = service(runner);
    long study = service.start(plan(Strategies.RANDOM, 8)).id();
    ScriptedRun again = trainedOn(runner);
    Path checkpoint = written(again);
    awaitAnyEnd(service, () -> service.stop(study));

    Trial stopped = store.trial(again.spec().id()).orElseThrow();
    assertThat(stopped.status()).isEqualTo("stopped early");
    assertThat(stopped.measurement().orElseThrow().epochs()).isEqualTo(2);
    assertThat(stopped.detail()).isEqualTo("The study ended when it was trained on after 2 epochs");
    assertThat(checkpoint).doesNotExist();

    // a worker that heeds it too late
    written(again);
    var heard = new CountDownLatch(1);
    try (var _ = service.subscribe(_ -> heard.countDown())) {
      again.trainTo();
      assertThat(heard.await(60, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(store.trial(stopped.id())).contains(stopped);
    assertThat(checkpoint).doesNotExist();
  }

  @Test
  void whatWouldHaveGoneOnEndsBecauseItsStudyDid() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(1);
    LocalStudyService service = service(runner);
    long study = service.start(plan(Strategies.RANDOM, 8)).id();
    ScriptedRun better = runner.next();
    better.trainTo(0.75);
    ScriptedRun worse = runner.next();
    service.pause(study); // so that nobody is trained on
    worse.trainTo(0);
    while (store.trials(study).stream()
        .anyMatch(trial -> !(trial.state() instanceof TrialState.Paused))) {
      Thread.onSpinWait();
    }
    awaitAnyEnd(service, () -> service.stop(study));

    assertThat(store.trials(study).stream().map(Trial::status))
        .containsExactly("stopped early", "stopped early");
    assertThat(store.trials(study).stream().map(Trial::detail))
        .containsExactly(
            "The study ended before it was trained on after 2 epochs",
            "Stopped after 2 of 20 epochs: rank 2 of 2 there, and the best 1 go on");
  }

  @Test
  void whatIsCancelledWhenItIsTrainedOnEndsAsItsRungShowed() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(1);
    LocalStudyService service = service(runner);
    service.start(plan(Strategies.RANDOM, 8));
    ScriptedRun again = trainedOn(runner);
    Path checkpoint = written(again);
    service.cancel(again.spec().id());
    assertThat(again.awaitCancel()).isTrue();
    again.end(new Outcome.Cancelled());
    runner.next();

    Trial cancelled = store.trial(again.spec().id()).orElseThrow();
    assertThat(cancelled.status()).isEqualTo("stopped early");
    assertThat(cancelled.measurement().orElseThrow().epochs()).isEqualTo(2);
    assertThat(cancelled.detail()).isEqualTo("Stopped by a person");
    assertThat(checkpoint).doesNotExist();
  }

  @Test
  void whatIsCancelledJustBeforeItsRungEndsThere() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(1);
    LocalStudyService service = service(runner);
    service.start(plan(Strategies.RANDOM, 8));
    ScriptedRun first = runner.next();
    Path checkpoint = written(first);
    service.cancel(first.spec().id());
    assertThat(first.awaitCancel()).isTrue();
    first.trainTo(0.75);
    runner.next();

    Trial cancelled = store.trial(first.spec().id()).orElseThrow();
    assertThat(cancelled.status()).isEqualTo("stopped early");
    assertThat(cancelled.measurement().orElseThrow().epochs()).isEqualTo(2);
    assertThat(cancelled.detail()).isEqualTo("Stopped by a person");
    assertThat(checkpoint).doesNotExist();
  }

  @Test
  void whatIsCancelledAndLostBeforeItsWorkerHeedsIsNotTrainedAgain() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(1);
    LocalStudyService service = service(runner);
    service.start(plan(Strategies.RANDOM, 8));
    ScriptedRun first = runner.next();
    service.cancel(first.spec().id());
    assertThat(first.awaitCancel()).isTrue();
    first.lose();

    assertThat(runner.next().spec().id()).isNotEqualTo(first.spec().id());
    assertThat(store.trial(first.spec().id()).orElseThrow().status()).isEqualTo("cancelled");
  }

  /** The first run of a trial that came to a rung before. */
  private static ScriptedRun trainedOn(ScriptedRunner runner) throws Exception {
    ScriptedRun run = runner.next();
    while (run.spec().until() == 2) {
      run.trainTo();
      run = runner.next();
    }
    return run;
  }

  private static Path written(ScriptedRun run) throws Exception {
    Path checkpoint = run.spec().checkpoint().orElseThrow();
    Files.createDirectories(checkpoint.resolveSibling("."));
    return Files.writeString(checkpoint, "state");
  }

  /** The order of asking, telling and telling better is replayed. */
  @ParameterizedTest
  @EnumSource(Strategies.class)
  void aStudyKilledAtAnyRunGoesOnAsItWouldHave(Strategies strategy) throws Exception {
    StudyPlan plan = plan(strategy, 24);
    long whole = finished(new ScriptedRunner(1, ScriptedRun::trainTo), plan);

    for (int killed : List.of(2, 15, 33)) {
      var begun = new CountDownLatch(1);
      var count = new java.util.concurrent.atomic.AtomicInteger();
      ScriptedRunner dying =
          new ScriptedRunner(
              1,
              run -> {
                if (count.incrementAndGet() < killed) {
                  run.trainTo();
                } else {
                  begun.countDown();
                }
              });
      long study = service(dying).start(plan).id();
      assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
      // no close: this is what a kill leaves, once the start is stored
      while (store.trials(study).stream()
          .noneMatch(trial -> trial.state() instanceof TrialState.Running)) {
        Thread.onSpinWait();
      }
      LocalStudyService next = service(new ScriptedRunner(1, ScriptedRun::trainTo));
      awaitEnd(next, study, next::recover);

      assertThat(summary(study))
          .as("%s killed at run %d", strategy.text(), killed)
          .isEqualTo(summary(whole));
    }
  }

  @Test
  void importedNetworksAreToldAndNotTrained() throws Exception {
    StudyPlan plan = plan(Strategies.AUTO, 10).withHalving(Optional.empty());
    long first = finished(ScriptedRunner.atOnce(), plan);
    List<Trial> known = store.trials(first).subList(0, 6);
    var imported =
        known.stream()
            .map(trial -> new Imported(trial.architecture(), trial.measurement().orElseThrow()))
            .toList();
    StudyPlan again = plan.withSeed(77).withStart(known.stream().map(Trial::architecture).toList());
    ScriptedRunner runner = ScriptedRunner.atOnce();
    LocalStudyService service = service(runner);
    var id = new long[1];
    awaitAnyEnd(service, () -> id[0] = service.start(again, imported).id());

    assertThat(store.trials(id[0]).subList(0, 6).stream().map(Trial::architectureId))
        .isEqualTo(known.stream().map(Trial::architectureId).toList());
    assertThat(runner.runs()).hasSize(4);
    assertThat(store.trials(id[0]).subList(0, 6))
        .allSatisfy(trial -> assertThat(trial.status()).isEqualTo("trained"));
  }

  @Test
  void importedNetworksAreNotTrainedAfterARecoveryEither() throws Exception {
    StudyPlan plan = plan(Strategies.NSGA2_ASYNC, 12).withHalving(Optional.empty());
    long first = finished(ScriptedRunner.atOnce(), plan);
    List<Trial> known = store.trials(first).subList(0, 6);
    var imported =
        known.stream()
            .map(trial -> new Imported(trial.architecture(), ScriptedRunner.measurement(0.999, 20)))
            .toList();
    StudyPlan again = plan.withSeed(77).withStart(known.stream().map(Trial::architecture).toList());
    var whole = new long[1];
    LocalStudyService service = service(ScriptedRunner.atOnce());
    awaitAnyEnd(service, () -> whole[0] = service.start(again, imported).id());

    // a process that dies before it has taken any of them
    long study = store.create(again, imported, clock.instant()).id();
    ScriptedRunner heir = ScriptedRunner.atOnce();
    LocalStudyService next = service(heir);
    awaitEnd(next, study, next::recover);

    assertThat(heir.runs()).hasSize(6);
    assertThat(summary(study)).isEqualTo(summary(whole[0]));
    assertThat(store.trials(study).subList(0, 6))
        .allSatisfy(
            trial ->
                assertThat(trial.measurement().orElseThrow().validationScore()).isEqualTo(0.999));
  }

  @Test
  void aFirstRungAfterTheEndIsRefused() {
    assertThatThrownBy(
            () ->
                plan(Strategies.RANDOM, 3)
                    .withHalving(Optional.of(new SuccessiveHalving(20, 2, 0.5))))
        .hasMessage("Successive halving with a first rung at 20 epochs stops nothing of 20 epochs");
  }

  @Test
  void halvingWithPatienceIsRefused() {
    StudyPlan plan = plan(Strategies.RANDOM, 3);
    Recipe patient = Recipe.STANDARD.withPatience(4);
    String message =
        "Successive halving needs a recipe without patience, got a patience of 4 epochs";

    assertThatThrownBy(() -> plan.withRecipe(patient)).hasMessage(message);
    assertThatThrownBy(
            () ->
                plan.withHalving(Optional.empty())
                    .withRecipe(patient)
                    .withHalving(Optional.of(HALVING)))
        .hasMessage(message);
  }

  private List<String> summary(long study) {
    return store.trials(study).stream()
        .map(
            trial ->
                "%d %s %s %s"
                    .formatted(
                        trial.askIndex(), trial.architectureId(), trial.status(), trial.detail()))
        .toList();
  }

  private long finished(ScriptedRunner runner, StudyPlan plan) throws Exception {
    LocalStudyService service = service(runner);
    var id = new long[1];
    awaitAnyEnd(service, () -> id[0] = service.start(plan).id());
    return id[0];
  }

  private void awaitEnd(LocalStudyService service, long study, Runnable begin) throws Exception {
    awaitAnyEnd(service, begin);
    assertThat(store.study(study).orElseThrow().state()).isEqualTo(StudyState.FINISHED);
  }

  /** Does something, and waits until a study has ended by it. */
  private void awaitAnyEnd(LocalStudyService service, Runnable begin) throws Exception {
    var ended = new CountDownLatch(1);
    try (var _ =
        service.subscribe(
            event -> {
              if (store.study(event.study()).filter(now -> now.state().ended()).isPresent()) {
                ended.countDown();
              }
            })) {
      begin.run();
      assertThat(ended.await(60, TimeUnit.SECONDS)).as("ended in time").isTrue();
    }
  }

  private LocalStudyService service(ScriptedRunner runner) {
    return service(store, runner);
  }

  private LocalStudyService service(StudyStore store, ScriptedRunner runner) {
    var service = new LocalStudyService(store, runner, CATALOGUE, weights, clock);
    services.add(service);
    return service;
  }

  private static StudyPlan plan(Strategies strategy, int trials) {
    return new StudyPlan(
            "A study",
            "digits",
            new SearchSpace(
                List.of("isotropic"),
                List.of("pool_mixer", "dwconv", "identity_mixer", "token_mlp"),
                List.of("mlp"),
                List.of("layer_norm"),
                List.of("no_position"),
                List.of(4),
                List.of(8, 16, 32),
                1,
                3),
            Recipe.STANDARD,
            Budget.ofTrials(trials),
            Limits.NONE,
            strategy.text(),
            5)
        .withHalving(Optional.of(HALVING));
  }
}
