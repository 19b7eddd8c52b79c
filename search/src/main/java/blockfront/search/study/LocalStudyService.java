package blockfront.search.study;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.cost.Cost;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Network;
import blockfront.search.data.DataException;
import blockfront.search.data.DataSet;
import blockfront.search.data.DataSets;
import blockfront.search.space.ArchitectureJson;
import blockfront.search.space.GenomeCodec;
import blockfront.search.strategy.SearchStrategy;
import blockfront.search.strategy.SearchStrategy.Proposal;
import blockfront.search.strategy.SearchStrategy.Result;
import blockfront.search.strategy.Strategies;
import blockfront.search.trial.Epoch;
import blockfront.search.trial.FinalRun;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Rung;
import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialId;
import blockfront.search.trial.TrialRunner;
import blockfront.search.trial.TrialSpec;
import blockfront.search.trial.TrialState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives studies over one runner, from one thread of its own: strategies, slots and the life of
 * trials belong to it alone.
 */
public final class LocalStudyService implements StudyService {

  private static final Logger LOG = LoggerFactory.getLogger(LocalStudyService.class);

  /** A study ends when so many proposals in a row were refused. */
  private static final int REFUSALS = 500;

  private final StudyStore store;
  private final TrialRunner runner;
  private final Catalogue catalogue;
  private final Path weights;
  private final Clock clock;
  private final List<Consumer<StudyEvent>> listeners = new CopyOnWriteArrayList<>();
  private final ScheduledExecutorService scheduler;

  // all below belong to the scheduler's thread
  private final Map<Long, Search> searches = new LinkedHashMap<>();
  private final Deque<FinalJob> finals = new ArrayDeque<>();
  private final Map<FinalJob, TrialRunner.Run> finalRuns = new LinkedHashMap<>();
  private int busy;
  private Instant last = Instant.MIN;
  private volatile boolean closed;

  /** A final training that waits or runs. */
  private record FinalJob(TrialId trial, FinalRun run, int attempt) {}

  /** A study under way. */
  private static final class Search {
    final Study study;
    final GenomeCodec codec;
    final SearchStrategy strategy;
    final Map<TrialId, Proposal> proposals = new HashMap<>();
    final Set<TrialId> told = new HashSet<>();
    final Map<TrialId, TrialRunner.Run> runs = new HashMap<>();
    final Deque<Trial> queued = new ArrayDeque<>();
    final Optional<Ladder> ladder;
    final Forecast forecast;
    final Map<String, Imported> known = new HashMap<>();
    long duplicates;
    boolean paused;
    int counted;
    int refusals;
    String lastRefusal = "";
    Instant accounted;

    Search(Study study, GenomeCodec codec, SearchStrategy strategy, Instant now) {
      this.study = study;
      this.codec = codec;
      this.strategy = strategy;
      this.accounted = now;
      StudyPlan plan = study.plan();
      int epochs = plan.recipe().epochs();
      this.ladder = plan.halving().map(halving -> new Ladder(halving, epochs));
      this.forecast =
          new Forecast(
              plan.halving().map(halving -> halving.rungs(epochs)).orElse(List.of(epochs)));
    }

    /** A training went on: what it showed at its rung before tells what others may come to. */
    void learn(Trial trial, int epochs, List<Double> objectives) {
      int error = study.plan().aims().objectives().indexOf(Objective.ERROR);
      List<Rung> before = trial.rungs().stream().filter(rung -> rung.epochs() < epochs).toList();
      if (error >= 0 && !objectives.isEmpty() && !before.isEmpty()) {
        Rung last = before.getLast();
        if (!last.objectives().isEmpty()) {
          forecast.learn(last.epochs(), last.objectives().get(error), objectives.get(error));
        }
      }
    }

    /** What a training that is paused is expected to show in the end. */
    Result expected(Rung rung) {
      if (rung.objectives().isEmpty()) {
        return new Result.Failed();
      }
      var objectives = new ArrayList<>(rung.objectives());
      int error = study.plan().aims().objectives().indexOf(Objective.ERROR);
      if (error >= 0) {
        objectives.set(error, forecast.of(rung.epochs(), objectives.get(error)));
      }
      return new Result.Measured(objectives, rung.violation());
    }

    /** Where a training pauses that has so many epochs behind it. */
    int until(int trained) {
      return ladder.map(each -> each.next(trained)).orElse(study.plan().recipe().epochs());
    }

    long id() {
      return study.id();
    }
  }

  /**
   * Takes over the runner, and closes it in the end.
   *
   * @param weights folder for the trained weights: {@code study/number.safetensors}
   */
  public LocalStudyService(
      StudyStore store, TrialRunner runner, Catalogue catalogue, Path weights, Clock clock) {
    this.store = store;
    this.runner = runner;
    this.catalogue = catalogue;
    this.weights = weights.toAbsolutePath();
    this.clock = clock;
    this.scheduler =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("studies").factory());
    var _ = scheduler.scheduleWithFixedDelay(guarded(this::schedule), 1, 1, TimeUnit.SECONDS);
  }

  /** Where the weights of a trial are, once it is trained. */
  public static Path weightsOf(Path folder, TrialId trial) {
    return folder.resolve(String.valueOf(trial.study())).resolve(trial.number() + ".safetensors");
  }

  /** Where the weights of a final training are, once it is over. */
  public static Path weightsOf(Path folder, TrialId trial, int run) {
    return folder
        .resolve(String.valueOf(trial.study()))
        .resolve("%d-final-%d.safetensors".formatted(trial.number(), run));
  }

  /** Where the state of a training that is paused is kept. */
  static Path checkpointOf(Path folder, TrialId trial) {
    return folder.resolve(String.valueOf(trial.study())).resolve(trial.number() + ".checkpoint");
  }

  @Override
  public Study start(StudyPlan plan, List<Imported> known) {
    Strategies strategy = Strategies.named(plan.strategy());
    DataSet data = data(plan);
    SpaceProbe.refusal(plan.space(), plan.limits(), data.task(), catalogue)
        .ifPresent(
            why -> {
              throw new IllegalArgumentException(why);
            });
    GenomeCodec codec = codec(plan, data);
    SearchStrategy started = strategy.start(codec, plan.seed());
    Study study = store.create(plan, clock.instant());
    onThread(
        () -> {
          var search = new Search(study, codec, started, clock.instant());
          known.forEach(each -> search.known.put(ArchitectureJson.id(each.architecture()), each));
          searches.put(study.id(), search);
          publish(new StudyEvent.StudyChanged(study.id()));
          schedule();
        });
    return study;
  }

  @Override
  public void pause(long study) {
    onThread(
        () ->
            find(study)
                .filter(search -> !search.paused)
                .ifPresent(
                    search -> {
                      account(search);
                      search.paused = true;
                      move(study, StudyState.PAUSED, "Paused; trials under way are finished");
                    }));
  }

  @Override
  public void resume(long study) {
    onThread(
        () ->
            find(study)
                .filter(search -> search.paused)
                .ifPresent(
                    search -> {
                      search.paused = false;
                      search.accounted = clock.instant();
                      move(study, StudyState.RUNNING, "");
                      schedule();
                    }));
  }

  @Override
  public void stop(long study) {
    onThread(
        () ->
            find(study)
                .ifPresent(search -> end(search, StudyState.STOPPED, "Stopped by a person")));
  }

  @Override
  public void cancel(TrialId trial) {
    onThread(
        () ->
            find(trial.study())
                .ifPresent(
                    search -> {
                      TrialRunner.Run run = search.runs.get(trial);
                      if (run != null) {
                        run.cancel();
                      } else {
                        cancelQueued(search, trial);
                      }
                    }));
  }

  @Override
  public void trainFinal(TrialId id, FinalPlan plan) {
    Trial trial =
        store.trial(id).orElseThrow(() -> new IllegalArgumentException("No network " + id));
    if (trial.measurement().isEmpty()) {
      throw new IllegalArgumentException(
          "Network %s cannot be trained to the end: it is %s".formatted(id, trial.status()));
    }
    if (!store.finals(id).ended()) {
      throw new IllegalArgumentException("Network %s is being trained to the end".formatted(id));
    }
    Study study = store.study(id.study()).orElseThrow();
    int before = store.finals(id).runs().size();
    List<FinalRun> runs =
        store.addFinals(id, plan.seedsAfter(before), plan.recipe(study.plan().recipe()));
    onThread(
        () -> {
          runs.forEach(run -> finals.add(new FinalJob(id, run, 1)));
          publish(new StudyEvent.TrialChanged(id));
          schedule();
        });
  }

  @Override
  public void cancelFinal(TrialId id) {
    onThread(
        () -> {
          for (FinalJob job : List.copyOf(finals)) {
            if (job.trial().equals(id)) {
              finals.remove(job);
              store.finishFinal(id, job.run().number(), new Outcome.Cancelled(), Optional.empty());
            }
          }
          finalRuns.forEach(
              (job, run) -> {
                if (job.trial().equals(id)) {
                  run.cancel();
                }
              });
          publish(new StudyEvent.TrialChanged(id));
        });
  }

  @Override
  public void recover() {
    onThread(
        () -> {
          for (TrialId trial : store.openFinals()) {
            store.finals(trial).runs().stream()
                .filter(run -> run.outcome().isEmpty())
                .forEach(run -> finals.add(new FinalJob(trial, run, 1)));
          }
          for (Study study : store.studies().reversed()) {
            if (!study.state().ended() && !searches.containsKey(study.id())) {
              try {
                recover(study);
              } catch (RuntimeException e) {
                LOG.warn("Study {} cannot go on", study.id(), e);
                cancelAll(study.id(), Optional.empty());
                move(study.id(), StudyState.FAILED, "Cannot go on: " + e.getMessage());
              }
            }
          }
          schedule();
        });
  }

  @Override
  public boolean delete(long study) {
    boolean deleted = store.delete(study);
    if (deleted) {
      deleteWeights(weights.resolve(String.valueOf(study)));
      publish(new StudyEvent.StudyChanged(study));
    }
    return deleted;
  }

  @Override
  public Subscription subscribe(Consumer<StudyEvent> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  @Override
  public void close() {
    onThread(
        () -> {
          closed = true;
          for (Search search : searches.values()) {
            account(search);
            search.runs.keySet().forEach(this::putBack);
          }
        });
    scheduler.shutdown();
    try {
      if (!scheduler.awaitTermination(10, TimeUnit.SECONDS)) {
        LOG.warn("Studies did not end in time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    runner.close();
  }

  // ---- on the scheduler's thread

  /** Fills free slots, one study after the other; ends studies that have nothing left to do. */
  private void schedule() {
    if (closed) {
      return;
    }
    for (Search search : List.copyOf(searches.values())) {
      account(search);
    }
    // somebody waits for these
    while (busy < runner.slots() && !finals.isEmpty()) {
      begin(finals.removeFirst());
    }
    boolean progress = true;
    while (progress) {
      progress = false;
      for (Search search : List.copyOf(searches.values())) {
        try {
          progress |= step(search);
        } catch (RuntimeException e) {
          LOG.error("Study {} fails", search.id(), e);
          end(search, StudyState.FAILED, "Cannot go on: " + e);
        }
      }
    }
  }

  /** One trial more, if the study wants one and a slot is free. */
  private boolean step(Search search) {
    if (search.paused || busy >= runner.slots()) {
      return false;
    }
    if (!search.queued.isEmpty()) {
      begin(search, search.queued.removeFirst());
      return true;
    }
    Optional<String> late = timeUsed(search);
    if (late.isPresent()) {
      finishIfIdle(search, late.get());
      return false;
    }
    Optional<Trial> promoted = search.ladder.flatMap(Ladder::promoted).flatMap(store::trial);
    if (promoted.isPresent()) {
      begin(search, promoted.get());
      return true;
    }
    Optional<String> over = trialsUsed(search).or(() -> refusedTooOften(search));
    if (over.isPresent()) {
      finishIfIdle(search, over.get());
      return false;
    }
    Optional<Proposal> asked = search.strategy.ask();
    if (search.strategy.duplicates() > search.duplicates) {
      search.duplicates = search.strategy.duplicates();
      store.duplicates(search.id(), search.duplicates);
    }
    if (asked.isEmpty()) {
      if (search.strategy.exhausted()) {
        finishIfIdle(search, "The space has no other networks");
      }
      return false;
    }
    propose(search, asked.get());
    return true;
  }

  private void propose(Search search, Proposal proposal) {
    Architecture architecture = search.codec.decode(proposal.genes());
    String id = ArchitectureJson.id(architecture);
    Cost cost = new Cost(0, 0, 0, 0, 0, 0);
    Optional<String> refusal;
    List<String> repairs = List.of();
    try {
      Network network = Network.of(architecture, catalogue);
      cost = Cost.of(network.logits());
      repairs = network.repairs();
      refusal = search.study.plan().limits().refusal(cost);
    } catch (IllegalArgumentException e) {
      refusal = Optional.of(String.valueOf(e.getMessage()));
    }
    if (refusal.isPresent()) {
      Trial refused =
          store.refuse(
              search.id(), id, architecture, cost, proposal.askIndex(), refusal.get(), now());
      publish(new StudyEvent.TrialChanged(refused.id()));
      search.strategy.tell(proposal, new Result.Failed());
      search.refusals++;
      search.lastRefusal = refusal.get();
      return;
    }
    search.refusals = 0;
    search.counted++;
    Trial trial =
        store.enqueue(search.id(), id, architecture, cost, proposal.askIndex(), repairs, now());
    search.proposals.put(trial.id(), proposal);
    Imported known = search.known.get(id);
    if (known != null) {
      take(search, trial, known);
    } else {
      begin(search, trial);
    }
  }

  /** What another search measured is not trained again. */
  private void take(Search search, Trial trial, Imported known) {
    var outcome = new Outcome.Trained(known.measurement());
    if (store.finish(trial.id(), 1, outcome, Optional.empty(), now())) {
      tell(search, trial, outcome);
    }
    publish(new StudyEvent.TrialChanged(trial.id()));
  }

  private void begin(Search search, Trial trial) {
    int attempt =
        switch (trial.state()) {
          case TrialState.Queued queued -> queued.attempt();
          case TrialState.Paused paused -> paused.attempt();
          case TrialState.Running _, TrialState.Finished _ ->
              throw new IllegalStateException("Trial %s does not wait".formatted(trial.id()));
        };
    TrialId id = trial.id();
    StudyPlan plan = search.study.plan();
    TrialSpec spec =
        new TrialSpec(
            id,
            attempt,
            trial.architecture(),
            plan.data(),
            plan.recipe(),
            seed(plan.seed(), trial.architectureId()),
            search.until(trial.epochsKept()),
            plan.halving().map(_ -> checkpointOf(weights, id)),
            Optional.of(weightsOf(weights, id)));
    TrialRunner.Run run;
    try {
      // epochs wait for this thread, so none comes before the trial has begun
      run = runner.start(spec, epoch -> onThread(() -> keep(id, attempt, epoch)));
    } catch (RuntimeException e) {
      if (trial.state() instanceof TrialState.Queued) {
        search.queued.addFirst(trial); // or it would be queued for ever
      }
      throw e;
    }
    busy++;
    search.ladder.ifPresent(ladder -> ladder.settled(id));
    search.runs.put(id, run);
    var _ = run.ended().thenAccept(ended -> onThread(() -> ended(search, trial, attempt, ended)));
    store.start(id, attempt, run.worker(), now());
    publish(new StudyEvent.TrialChanged(id));
  }

  private void begin(FinalJob job) {
    Optional<Trial> trial = store.trial(job.trial());
    Optional<Study> study = store.study(job.trial().study());
    if (trial.isEmpty() || study.isEmpty()) {
      return; // deleted since
    }
    TrialSpec spec =
        new TrialSpec(
            job.trial(),
            job.attempt(),
            trial.get().architecture(),
            study.get().plan().data(),
            job.run().recipe(),
            job.run().seed(),
            Optional.of(weightsOf(weights, job.trial(), job.run().number())));
    TrialRunner.Run run;
    try {
      run = runner.start(spec, _ -> {});
    } catch (RuntimeException e) {
      finals.addFirst(job); // or it would wait for ever
      throw e;
    }
    busy++;
    finalRuns.put(job, run);
    var _ = run.ended().thenAccept(how -> onThread(() -> ended(job, how)));
    publish(new StudyEvent.TrialChanged(job.trial()));
  }

  private void ended(FinalJob job, TrialRunner.Ended how) {
    if (closed) {
      return; // it waits in the store
    }
    busy--;
    finalRuns.remove(job);
    switch (how) {
      case TrialRunner.Ended.With(Outcome outcome, var provenance) ->
          store.finishFinal(job.trial(), job.run().number(), outcome, Optional.of(provenance));
      case TrialRunner.Ended.WorkerLost(String detail) -> {
        LOG.warn("Final training {} of {}: {}", job.run().number(), job.trial(), detail);
        if (job.attempt() < TrialState.ATTEMPTS) {
          finals.addFirst(new FinalJob(job.trial(), job.run(), job.attempt() + 1));
        } else {
          store.finishFinal(
              job.trial(),
              job.run().number(),
              new Outcome.Failed(Outcome.Reason.WORKER_LOST, detail),
              Optional.empty());
        }
      }
    }
    if (store.study(job.trial().study()).isEmpty()) {
      deleteWeights(weights.resolve(String.valueOf(job.trial().study())));
    }
    publish(new StudyEvent.TrialChanged(job.trial()));
    schedule();
  }

  private void keep(TrialId id, int attempt, Epoch epoch) {
    if (store.epoch(id, attempt, epoch)) {
      publish(new StudyEvent.EpochFinished(id));
    }
  }

  private void ended(Search search, Trial trial, int attempt, TrialRunner.Ended how) {
    if (closed) {
      return; // put back by close
    }
    busy--;
    search.runs.remove(trial.id());
    switch (how) {
      case TrialRunner.Ended.With(Outcome outcome, var provenance) -> {
        if (outcome instanceof Outcome.StoppedEarly(Measurement measurement, String _)
            && search.ladder.isPresent()) {
          paused(search, trial, attempt, measurement);
        } else if (store.finish(trial.id(), attempt, outcome, Optional.of(provenance), now())) {
          forgetCheckpoint(trial.id());
          tell(search, trial, outcome);
        }
      }
      case TrialRunner.Ended.WorkerLost(String detail) -> {
        LOG.warn("Trial {}: {}", trial.id(), detail);
        if (store.workerLost(trial.id(), attempt, now())) {
          store.trial(trial.id()).ifPresent(now -> afterLoss(search, now));
        }
      }
    }
    if (store.study(search.id()).isEmpty()) {
      deleteWeights(weights.resolve(String.valueOf(search.id()))); // it was trained to the end
    }
    publish(new StudyEvent.TrialChanged(trial.id()));
    schedule();
  }

  /** A training came to a rung. */
  private void paused(Search search, Trial trial, int attempt, Measurement measurement) {
    Aims aims = search.study.plan().aims();
    Optional<List<Double>> values = aims.values(measurement, trial.cost());
    var rung =
        new Rung(
            measurement.epochs(),
            now(),
            values.map(aims::scaled).orElse(List.of()),
            aims.violation(measurement, trial.cost()));
    if (store.pause(trial.id(), attempt, measurement, rung)) {
      store.trial(trial.id()).ifPresent(now -> came(search, now, rung));
    }
  }

  private static void came(Search search, Trial trial, Rung rung) {
    search.ladder.ifPresent(ladder -> ladder.came(trial.id(), rung));
    tell(search, trial, new Event.Came(rung));
  }

  private void forgetCheckpoint(TrialId id) {
    try {
      Files.deleteIfExists(checkpointOf(weights, id));
    } catch (IOException e) {
      LOG.warn("Cannot delete the checkpoint of trial {}: {}", id, e.getMessage());
    }
  }

  private void afterLoss(Search search, Trial trial) {
    switch (trial.state()) {
      case TrialState.Queued _ -> search.queued.addFirst(trial);
      case TrialState.Finished finished -> tell(search, trial, finished.outcome());
      case TrialState.Running _, TrialState.Paused _ ->
          throw new IllegalStateException("Trial %s goes on".formatted(trial.id()));
    }
  }

  /** What a strategy is told of a trial, in the order of time. */
  private sealed interface Event {
    record Came(Rung rung) implements Event {}

    record Ended(Outcome outcome) implements Event {}
  }

  private static void tell(Search search, Trial trial, Outcome outcome) {
    tell(search, trial, new Event.Ended(outcome));
  }

  /** Tells the strategy, or tells it better; learns from trainings that went on what to expect. */
  private static void tell(Search search, Trial trial, Event event) {
    Proposal proposal = search.proposals.get(trial.id());
    if (proposal == null) {
      return;
    }
    Aims aims = search.study.plan().aims();
    Optional<Result> result =
        switch (event) {
          case Event.Came(Rung rung) -> {
            search.learn(trial, rung.epochs(), rung.objectives());
            yield Optional.of(search.expected(rung));
          }
          case Event.Ended(Outcome outcome) ->
              switch (outcome) {
                case Outcome.Trained(Measurement measurement) -> {
                  aims.values(measurement, trial.cost())
                      .ifPresent(
                          values -> search.learn(trial, measurement.epochs(), aims.scaled(values)));
                  yield Optional.of(measured(aims, measurement, trial.cost()));
                }
                case Outcome.StoppedEarly(Measurement measurement, String _) ->
                    trial.rungs().isEmpty()
                        ? Optional.of(measured(aims, measurement, trial.cost()))
                        : Optional.empty(); // told at its rung
                case Outcome.Failed _ -> Optional.of(new Result.Failed());
                case Outcome.Cancelled() -> Optional.empty();
              };
        };
    boolean told = search.told.contains(trial.id());
    if (result.isPresent() && told) {
      search.strategy.revise(proposal, result.get());
    } else if (result.isPresent()) {
      search.strategy.tell(proposal, result.get());
      search.told.add(trial.id());
    } else if (!told) {
      search.strategy.drop(proposal);
    }
    if (event instanceof Event.Ended) {
      search.proposals.remove(trial.id());
    }
  }

  /** What could not be measured as the plan wants counts as failed. */
  private static Result measured(Aims aims, Measurement measurement, Cost cost) {
    return aims.values(measurement, cost)
        .<Result>map(
            values -> new Result.Measured(aims.scaled(values), aims.violation(measurement, cost)))
        .orElseGet(Result.Failed::new);
  }

  private void cancelQueued(Search search, TrialId id) {
    for (Trial trial : List.copyOf(search.queued)) {
      if (trial.id().equals(id)) {
        search.queued.remove(trial);
        cancelInStore(trial);
        tell(search, trial, new Outcome.Cancelled());
        return;
      }
    }
    store
        .trial(id)
        .filter(trial -> trial.state() instanceof TrialState.Paused)
        .ifPresent(trial -> stopPaused(trial, "Stopped by a person"));
    search.ladder.ifPresent(ladder -> ladder.settled(id));
  }

  /** Ends a trial that waits at a rung; what it showed there stays. */
  private void stopPaused(Trial trial, String reason) {
    if (trial.state() instanceof TrialState.Paused(int attempt, Measurement measurement, var _)) {
      var outcome = new Outcome.StoppedEarly(measurement, reason);
      if (store.finish(trial.id(), attempt, outcome, trial.provenance(), now())) {
        forgetCheckpoint(trial.id());
        publish(new StudyEvent.TrialChanged(trial.id()));
      }
    }
  }

  /** Whatever has not ended is cancelled: nothing is left queued or running for ever. */
  private void cancelAll(long study, Optional<Ladder> reasons) {
    store
        .trials(study)
        .forEach(
            trial -> {
              cancelInStore(trial);
              stopPaused(
                  trial,
                  reasons.map(ladder -> ladder.reason(trial.id(), trial.epochsKept())).orElse(""));
            });
  }

  private void cancelInStore(Trial trial) {
    Optional<Integer> attempt =
        switch (trial.state()) {
          case TrialState.Queued queued -> Optional.of(queued.attempt());
          case TrialState.Running running -> Optional.of(running.attempt());
          case TrialState.Paused _, TrialState.Finished _ -> Optional.empty();
        };
    attempt
        .filter(
            open ->
                store.finish(trial.id(), open, new Outcome.Cancelled(), Optional.empty(), now()))
        .ifPresent(_ -> publish(new StudyEvent.TrialChanged(trial.id())));
  }

  private static Optional<String> trialsUsed(Search search) {
    Budget budget = search.study.plan().budget();
    return budget
        .trials()
        .filter(trials -> search.counted >= trials)
        .map("All %d trials are done"::formatted);
  }

  private Optional<String> timeUsed(Search search) {
    Budget budget = search.study.plan().budget();
    Duration searched = store.study(search.id()).map(Study::searched).orElse(Duration.ZERO);
    return budget
        .time()
        .filter(time -> searched.compareTo(time) >= 0)
        .map(time -> "The time of %s is used".formatted(words(time)));
  }

  private static Optional<String> refusedTooOften(Search search) {
    return search.refusals < REFUSALS
        ? Optional.empty()
        : Optional.of(
            "The last %d networks were refused: %s".formatted(REFUSALS, search.lastRefusal));
  }

  private static String words(Duration time) {
    return time.equals(Duration.ofMinutes(time.toMinutes()))
        ? "%d minutes".formatted(time.toMinutes())
        : "%s seconds".formatted(time.toMillis() / 1000.0);
  }

  private void finishIfIdle(Search search, String message) {
    if (search.runs.isEmpty() && search.queued.isEmpty()) {
      end(search, StudyState.FINISHED, message);
    }
  }

  private void end(Search search, StudyState state, String message) {
    account(search);
    searches.remove(search.id());
    search.queued.clear();
    // at once and not when the workers heed it: the process may be gone by then
    cancelAll(search.id(), search.ladder);
    search.runs.values().forEach(TrialRunner.Run::cancel);
    move(search.id(), state, message);
  }

  /** Adds the time since the last look to a study that searches. */
  private void account(Search search) {
    Instant now = clock.instant();
    Duration passed = Duration.between(search.accounted, now);
    if (!search.paused && passed.isPositive()) {
      store.searched(search.id(), passed);
    }
    search.accounted = now;
  }

  private void move(long study, StudyState state, String message) {
    store.move(study, state, message);
    publish(new StudyEvent.StudyChanged(study));
  }

  private void putBack(TrialId id) {
    store
        .trial(id)
        .ifPresent(
            trial -> {
              if (trial.state() instanceof TrialState.Running running) {
                store.requeue(id, running.attempt());
              }
            });
  }

  /** Asks and tells a new strategy as the stored trials say it was, then goes on from there. */
  private void recover(Study study) {
    List<Trial> trials = store.trials(study.id());
    trials.forEach(trial -> putBack(trial.id()));
    trials.forEach(this::notBefore);
    GenomeCodec codec = codec(study.plan(), data(study.plan()));
    SearchStrategy strategy =
        Strategies.named(study.plan().strategy()).start(codec, study.plan().seed());
    var search = new Search(study, codec, strategy, clock.instant());
    search.paused = study.state() == StudyState.PAUSED;
    var events = new ArrayDeque<>(events(trials));
    for (Trial trial : trials) {
      while (!events.isEmpty() && !events.getFirst().at().isAfter(trial.created())) {
        replay(search, events.removeFirst());
      }
      Proposal proposal =
          strategy
              .ask()
              .filter(asked -> codec.identity(asked.genes()).equals(trial.architectureId()))
              .orElseThrow(
                  () ->
                      new IllegalStateException(
                          "trial %d is not what the strategy proposes again; was another version of"
                                  .formatted(trial.id().number())
                              + " Blockfront at work?"));
      Optional<String> refusal = refusal(trial);
      if (refusal.isPresent()) {
        strategy.tell(proposal, new Result.Failed());
        search.refusals++;
        search.lastRefusal = refusal.get();
      } else {
        search.refusals = 0;
        search.counted++;
        search.proposals.put(trial.id(), proposal);
      }
    }
    events.forEach(event -> replay(search, event));
    for (Trial trial : store.trials(study.id())) {
      if (trial.state() instanceof TrialState.Queued) {
        search.ladder.ifPresent(ladder -> ladder.settled(trial.id()));
        search.queued.add(trial);
      }
    }
    searches.put(study.id(), search);
    publish(new StudyEvent.StudyChanged(study.id()));
  }

  /** Something that a strategy was told, and when. */
  private record Past(Instant at, Trial trial, Event event) {}

  /** All that was told, in the order it was. */
  private static List<Past> events(List<Trial> trials) {
    var events = new ArrayList<Past>();
    for (Trial trial : trials) {
      trial.rungs().forEach(rung -> events.add(new Past(rung.at(), trial, new Event.Came(rung))));
      if (trial.state() instanceof TrialState.Finished finished && refusal(trial).isEmpty()) {
        events.add(new Past(finished.at(), trial, new Event.Ended(finished.outcome())));
      }
    }
    events.sort(Comparator.comparing(Past::at));
    return events;
  }

  private static void replay(Search search, Past past) {
    switch (past.event()) {
      case Event.Came(Rung rung) -> came(search, past.trial(), rung);
      case Event.Ended _ -> {
        search.ladder.ifPresent(ladder -> ladder.settled(past.trial().id()));
        tell(search, past.trial(), past.event());
      }
    }
  }

  /** Why a trial was refused before training, if it was; a worker would have left its traces. */
  private static Optional<String> refusal(Trial trial) {
    return trial.state()
                instanceof
                TrialState.Finished(
                    int _,
                    Outcome.Failed(Outcome.Reason reason, String detail),
                    Instant _)
            && reason == Outcome.Reason.REFUSED
            && trial.provenance().isEmpty()
        ? Optional.of(detail)
        : Optional.empty();
  }

  /**
   * Later than anything it gave before, though the clock may stand still or be set back: the times
   * of trials say in which order the strategy was asked and told.
   */
  private Instant now() {
    Instant now = clock.instant();
    last = now.isAfter(last) ? now : last.plusNanos(1);
    return last;
  }

  private void notBefore(Trial trial) {
    Instant latest =
        switch (trial.state()) {
          case TrialState.Finished finished -> finished.at();
          case TrialState.Paused paused -> paused.since();
          case TrialState.Queued _, TrialState.Running _ -> trial.created();
        };
    last = latest.isAfter(last) ? latest : last;
  }

  private Optional<Search> find(long study) {
    return Optional.ofNullable(searches.get(study));
  }

  // ---- on any thread

  private GenomeCodec codec(StudyPlan plan, DataSet data) {
    return new GenomeCodec(plan.space(), data.task(), catalogue).startingWith(plan.start());
  }

  private static DataSet data(StudyPlan plan) {
    try {
      return DataSets.load(plan.data());
    } catch (DataException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /** The same network of the same study always trains alike, whenever it is proposed. */
  private static long seed(long study, String architectureId) {
    return study * 0x9e3779b97f4a7c15L ^ Long.parseUnsignedLong(architectureId, 16);
  }

  private void onThread(Runnable work) {
    try {
      scheduler.execute(guarded(work));
    } catch (RejectedExecutionException e) {
      LOG.debug("Ignored after closing: {}", e.getMessage());
    }
  }

  /** A store that fails once must not end the thread's work for good. */
  private static Runnable guarded(Runnable work) {
    return () -> {
      try {
        work.run();
      } catch (RuntimeException e) {
        LOG.error("A change of a study failed", e);
      }
    };
  }

  private void publish(StudyEvent event) {
    for (Consumer<StudyEvent> listener : listeners) {
      try {
        listener.accept(event);
      } catch (RuntimeException e) {
        LOG.warn("A listener failed", e); // a page must not stop a search
      }
    }
  }

  private static void deleteWeights(Path folder) {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      LOG.warn("Cannot delete the weights in '{}': {}", folder, e.getMessage());
    }
  }
}
