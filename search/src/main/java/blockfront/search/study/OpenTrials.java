package blockfront.search.study;

import blockfront.search.trial.Outcome;
import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialState;
import java.util.Optional;

/** Moves in the store for trials that have not ended and that nothing trains any more. */
final class OpenTrials {

  private OpenTrials() {}

  /** Ends a trial that is queued or running. */
  static void cancel(StudyEnvironment at, Trial trial) {
    Optional<Integer> attempt =
        switch (trial.state()) {
          case TrialState.Queued queued -> Optional.of(queued.attempt());
          case TrialState.Running running -> Optional.of(running.attempt());
          case TrialState.Paused _, TrialState.Finished _ -> Optional.empty();
        };
    attempt
        .filter(
            open ->
                at.store()
                    .finish(
                        trial.id(),
                        open,
                        new Outcome.Cancelled(),
                        Optional.empty(),
                        at.clock().now()))
        .ifPresent(_ -> at.events().publish(new StudyEvent.TrialChanged(trial.id())));
  }

  /** Ends a trial that waits at a rung; what it showed there stays. */
  static void stop(StudyEnvironment at, Trial trial, String reason) {
    if (trial.state() instanceof TrialState.Paused paused) {
      var outcome = new Outcome.StoppedEarly(paused.measurement(), reason);
      if (at.store()
          .finish(trial.id(), paused.attempt(), outcome, trial.provenance(), at.clock().now())) {
        at.weights().deleteCheckpoint(trial.id());
        at.events().publish(new StudyEvent.TrialChanged(trial.id()));
      }
    }
  }

  /** Ends whatever has not ended: nothing is left queued or running for ever. */
  static void endAll(StudyEnvironment at, long study, Optional<Ladder> reasons) {
    for (Trial trial : at.store().trials(study)) {
      cancel(at, trial);
      stop(
          at,
          trial,
          reasons.map(ladder -> ladder.reason(trial.id(), trial.epochsKept())).orElse(""));
    }
  }

  /** Queues a trial that was running again, for the same attempt. */
  static void putBack(StudyEnvironment at, Trial trial) {
    if (trial.state() instanceof TrialState.Running running) {
      at.store().requeue(trial.id(), running.attempt());
    }
  }
}
