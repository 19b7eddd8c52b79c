package blockfront.search.study;

import blockfront.search.trial.Outcome;
import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialId;
import blockfront.search.trial.TrialState;
import java.util.Optional;

/** Moves in the store for trials that have not ended and that nothing trains any more. */
final class OpenTrials {

  private OpenTrials() {}

  /**
   * Ends a trial that has not ended; what it showed at its latest rung stays.
   *
   * @param reason why it is not trained on, if it came to a rung
   */
  static void end(StudyEnvironment at, Trial trial, String reason) {
    switch (trial.state()) {
      case TrialState.Queued queued -> end(at, trial, queued.attempt(), reason);
      case TrialState.Running running -> end(at, trial, running.attempt(), reason);
      case TrialState.Paused paused -> end(at, trial, paused.attempt(), reason);
      case TrialState.Finished _ -> {}
    }
  }

  private static void end(StudyEnvironment at, Trial trial, int attempt, String reason) {
    Outcome outcome = outcome(at, trial.id(), reason);
    if (at.store().finish(trial.id(), attempt, outcome, trial.provenance(), at.clock().now())) {
      at.weights().deleteCheckpoint(trial.id());
      at.events().publish(new StudyEvent.TrialChanged(trial.id()));
    }
  }

  /** How a trial ends that is trained no more: as what its latest rung showed, if it has one. */
  static Outcome outcome(StudyEnvironment at, TrialId trial, String reason) {
    return at.store()
        .atRung(trial)
        .<Outcome>map(shown -> new Outcome.StoppedEarly(shown, reason))
        .orElseGet(Outcome.Cancelled::new);
  }

  /** Ends whatever has not ended: nothing is left queued or running for ever. */
  static void endAll(StudyEnvironment at, long study, Optional<Ladder> ladder) {
    for (Trial trial : at.store().trials(study)) {
      end(at, trial, reason(trial, ladder));
    }
  }

  private static String reason(Trial trial, Optional<Ladder> ladder) {
    return switch (trial.state()) {
      case TrialState.Queued _, TrialState.Running _ ->
          "The study ended when it was trained on after %d epochs".formatted(trial.epochsKept());
      case TrialState.Paused _, TrialState.Finished _ ->
          ladder
              .map(known -> known.reason(trial.id(), trial.epochsKept()))
              .orElseGet(() -> Ladder.unheeded(trial.epochsKept()));
    };
  }

  /** Queues a trial that was running again, for the same attempt. */
  static void putBack(StudyEnvironment at, Trial trial) {
    if (trial.state() instanceof TrialState.Running running) {
      at.store().requeue(trial.id(), running.attempt());
    }
  }
}
