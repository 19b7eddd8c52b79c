package blockfront.search.trial;

import java.time.Instant;

/**
 * Where a trial is in its life.
 *
 * <pre>
 * Queued -> Running -> Finished
 *   ^       |  ^ |         ^
 *   |       |  | v         |
 *   |       |  Paused -----+
 *   +-------+ worker lost, attempts left
 * </pre>
 */
public sealed interface TrialState {

  /** How often a trial is tried before a lost worker counts as its failure. */
  int ATTEMPTS = 3;

  /**
   * Waits for a worker.
   *
   * @param attempt 1 for the first
   */
  record Queued(int attempt) implements TrialState {

    public Running startedBy(String worker, Instant at) {
      return new Running(attempt, worker, at);
    }
  }

  /**
   * Is being trained.
   *
   * @param since when this attempt began
   */
  record Running(int attempt, String worker, Instant since) implements TrialState {

    public Finished ended(Outcome outcome, Instant at) {
      return new Finished(attempt, outcome, at);
    }

    /** What becomes of the trial when its worker dies. */
    public TrialState workerLost(Instant at) {
      return attempt < ATTEMPTS
          ? new Queued(attempt + 1)
          : new Finished(
              attempt,
              new Outcome.Failed(
                  Outcome.Reason.WORKER_LOST,
                  "Lost worker '%s' in attempt %d of %d".formatted(worker, attempt, ATTEMPTS)),
              at);
    }
  }

  /**
   * Was trained for some epochs, and waits to be trained on or ended.
   *
   * @param measurement what those epochs showed
   */
  record Paused(int attempt, Measurement measurement, Instant since) implements TrialState {

    public Running startedBy(String worker, Instant at) {
      return new Running(attempt, worker, at);
    }
  }

  /** Final: has no way on, so a finished trial cannot change. */
  record Finished(int attempt, Outcome outcome, Instant at) implements TrialState {}
}
