package blockfront.search.study;

import blockfront.search.trial.Epoch;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Provenance;
import blockfront.search.trial.Rung;
import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialId;
import blockfront.search.trial.TrialRunner;
import blockfront.search.trial.TrialSpec;
import blockfront.search.trial.TrialState;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The trainings of a study's trials: those that wait for another attempt and those that run. Every
 * end is stored, then told to the strategy, then published. Belongs to the studies' thread.
 */
final class TrialRuns {

  private static final Logger LOG = LoggerFactory.getLogger(TrialRuns.class);
  private static final String BY_A_PERSON = "Stopped by a person";

  private final StudyEnvironment at;
  private final Study study;
  private final String dataHash;
  private final AskTell strategy;
  private final Parents parents;
  private final Deque<Trial> queued = new ArrayDeque<>();
  private final Map<TrialId, TrialRunner.Run> runs = new HashMap<>();
  private final Set<TrialId> cancelled = new HashSet<>(); // of those that run
  private final Deque<Ending> ends = new ArrayDeque<>(); // that are not taken in yet

  TrialRuns(
      StudyEnvironment environment,
      Study study,
      String dataHash,
      AskTell strategy,
      Parents parents) {
    this.at = environment;
    this.study = study;
    this.dataHash = dataHash;
    this.strategy = strategy;
    this.parents = parents;
  }

  /** Whether nothing waits or runs. */
  boolean idle() {
    return runs.isEmpty() && queued.isEmpty();
  }

  /** Lets a trial wait behind others. */
  void add(Trial trial) {
    queued.addLast(trial);
  }

  /** That which waits longest, which then waits no more. */
  Optional<Trial> next() {
    return Optional.ofNullable(queued.pollFirst());
  }

  /** Begins to train, or trains on. */
  void begin(Trial trial) {
    int attempt =
        switch (trial.state()) {
          case TrialState.Queued now -> now.attempt();
          case TrialState.Paused now -> now.attempt();
          case TrialState.Running _, TrialState.Finished _ ->
              throw new IllegalStateException("Trial %s does not wait".formatted(trial.id()));
        };
    TrialId id = trial.id();
    TrialRunner.Run run;
    try {
      run =
          at.slots()
              .start(
                  spec(trial, attempt),
                  epoch -> keep(id, attempt, epoch),
                  how -> ended(trial, attempt, how));
    } catch (RuntimeException e) {
      if (trial.state() instanceof TrialState.Queued) {
        queued.addFirst(trial); // or it would be queued for ever
      }
      throw e;
    }
    strategy.ladder().ifPresent(ladder -> ladder.settled(id));
    runs.put(id, run);
    at.store().start(id, attempt, run.worker(), at.clock().now());
    at.events().publish(new StudyEvent.TrialChanged(id));
  }

  private TrialSpec spec(Trial trial, int attempt) {
    StudyPlan plan = study.plan();
    return new TrialSpec(
        trial.id(),
        attempt,
        trial.architecture(),
        plan.data(),
        Optional.of(dataHash),
        plan.recipe(),
        seed(plan.seed(), trial.architectureId()),
        strategy
            .ladder()
            .map(ladder -> ladder.next(trial.epochsKept()))
            .orElse(plan.recipe().epochs()),
        plan.halving().map(_ -> at.weights().checkpoint(trial.id())),
        Optional.of(at.weights().of(trial.id())),
        plan.initialWeights() == InitialWeights.INHERITED ? parents.of(trial) : Optional.empty(),
        plan.aims().concern(Objective.INT8_DROP));
  }

  /** The same network of the same study always trains alike, whenever it is proposed. */
  private static long seed(long study, String architectureId) {
    return study * 0x9e3779b97f4a7c15L ^ Long.parseUnsignedLong(architectureId, 16);
  }

  private void keep(TrialId id, int attempt, Epoch epoch) {
    if (at.store().epoch(id, attempt, epoch)) {
      at.events().publish(new StudyEvent.EpochFinished(id));
    }
  }

  private void ended(Trial trial, int attempt, TrialRunner.Ended how) {
    runs.remove(trial.id());
    ends.addLast(new Ending(trial, attempt, how));
    keepEnds();
  }

  /** Stores what has ended; what the store fails to take waits to be tried again. */
  void keepEnds() {
    while (!ends.isEmpty()) {
      conclude(ends.getFirst());
      ends.removeFirst();
    }
  }

  /** An end of a run, and how far it was taken in: each part once, though the store may fail. */
  private static final class Ending {
    final Trial trial;
    final int attempt;
    final TrialRunner.Ended how;
    Optional<Boolean> moved = Optional.empty();
    boolean told;

    Ending(Trial trial, int attempt, TrialRunner.Ended how) {
      this.trial = trial;
      this.attempt = attempt;
      this.how = how;
    }
  }

  private void conclude(Ending ending) {
    TrialId id = ending.trial.id();
    if (ending.moved.isEmpty()) {
      ending.moved = Optional.of(move(ending.trial, ending.attempt, ending.how));
    }
    if (ending.moved.get() && !ending.told) {
      Optional<Trial> now = at.store().trial(id);
      ending.told = true;
      now.ifPresent(this::tell);
    }
    if (cancelled.contains(id)) {
      cancel(id); // it may have come to a rung, or been lost, before it heeded
      cancelled.remove(id);
    }
    if (at.store().trial(id).flatMap(Trial::outcome).isPresent()) {
      at.weights().deleteCheckpoint(id);
    }
    if (at.store().study(study.id()).isEmpty()) {
      at.weights().delete(study.id()); // it was trained to the end
    }
    at.events().publish(new StudyEvent.TrialChanged(id));
  }

  /** Whether the store took it: not if the trial was ended otherwise before. */
  private boolean move(Trial trial, int attempt, TrialRunner.Ended how) {
    return switch (how) {
      case TrialRunner.Ended.With(Outcome outcome, Provenance provenance) -> {
        if (outcome instanceof Outcome.StoppedEarly(Measurement measurement, String _)
            && strategy.ladder().isPresent()) {
          yield at.store()
              .pause(trial.id(), attempt, measurement, rung(trial, measurement), provenance);
        }
        Outcome kept =
            outcome instanceof Outcome.Cancelled
                ? OpenTrials.outcome(at, trial.id(), BY_A_PERSON)
                : outcome;
        // what a rung showed stays as it was trained
        Optional<Provenance> by = kept.equals(outcome) ? Optional.of(provenance) : Optional.empty();
        yield at.store().finish(trial.id(), attempt, kept, by, at.clock().now());
      }
      case TrialRunner.Ended.WorkerLost(String detail) -> {
        LOG.warn("Trial {}: {}", trial.id(), detail);
        yield at.store().workerLost(trial.id(), attempt, at.clock().now());
      }
    };
  }

  private Rung rung(Trial trial, Measurement measurement) {
    Aims aims = study.plan().aims();
    return new Rung(
        measurement.epochs(),
        at.clock().now(),
        aims.values(measurement, trial.cost()).map(aims::scaled).orElse(List.of()),
        aims.violation(measurement, trial.cost()),
        aims.lastingViolation(measurement, trial.cost()));
  }

  /** Goes on from where a run has left a trial. */
  private void tell(Trial now) {
    switch (now.state()) {
      case TrialState.Queued _ -> queued.addFirst(now);
      case TrialState.Paused _ -> strategy.came(now, now.rungs().getLast());
      case TrialState.Finished finished -> {
        strategy.ended(now, finished.outcome());
        parents.ended(now);
      }
      case TrialState.Running _ ->
          throw new IllegalStateException("Trial %s goes on".formatted(now.id()));
    }
  }

  /** What another search measured is not trained again. */
  void take(Trial trial, Imported known) {
    var outcome = new Outcome.Trained(known.measurement());
    if (at.store().finish(trial.id(), 1, outcome, Optional.empty(), at.clock().now())) {
      strategy.ended(trial, outcome);
    }
    at.events().publish(new StudyEvent.TrialChanged(trial.id()));
  }

  /** Ends a trial of the study, whether it runs, waits for an attempt or waits at a rung. */
  void cancel(TrialId id) {
    TrialRunner.Run run = runs.get(id);
    if (run != null) {
      cancelled.add(id);
      run.cancel();
      return;
    }
    for (Trial trial : List.copyOf(queued)) {
      if (trial.id().equals(id)) {
        end(trial);
        queued.remove(trial);
        strategy.ended(trial, new Outcome.Cancelled());
        return;
      }
    }
    at.store().trial(id).ifPresent(this::end);
    strategy.ladder().ifPresent(ladder -> ladder.settled(id));
  }

  /** Ends a trial that nothing trains; what its rung showed stays, and so do its weights. */
  private void end(Trial trial) {
    OpenTrials.end(at, trial, BY_A_PERSON);
    at.store().trial(trial.id()).ifPresent(parents::ended);
  }

  /** Ends all trials for good; the store says so at once, the workers when they heed it. */
  void end() {
    queued.clear();
    // at once and not when the workers heed it: the process may be gone by then
    OpenTrials.endAll(at, study.id(), strategy.ladder());
    runs.values().forEach(TrialRunner.Run::cancel);
  }

  /** Puts back what runs, for another process to run it. */
  void putBack() {
    runs.keySet()
        .forEach(id -> at.store().trial(id).ifPresent(trial -> OpenTrials.putBack(at, trial)));
  }
}
