package blockfront.search.trial;

import java.util.Optional;

/** How one training run ended. A failed run is a value, never an exception. */
public sealed interface Outcome {

  /** Trained to the end. */
  record Trained(Measurement measurement) implements Outcome {}

  /**
   * Ended by the strategy before its last epoch.
   *
   * @param reason for people
   */
  record StoppedEarly(Measurement measurement, String reason) implements Outcome {}

  /** Ended by a person. */
  record Cancelled() implements Outcome {}

  /**
   * Could not be trained.
   *
   * @param detail for people: what happened, with which values
   */
  record Failed(Reason reason, String detail) implements Outcome {}

  /** What the training showed, if it came to an end of its own or of the strategy's. */
  default Optional<Measurement> measured() {
    return switch (this) {
      case Trained(Measurement measurement) -> Optional.of(measurement);
      case StoppedEarly(Measurement measurement, String _) -> Optional.of(measurement);
      case Cancelled() -> Optional.empty();
      case Failed _ -> Optional.empty();
    };
  }

  /** Why a trial failed. */
  enum Reason {
    /** The loss was not a number, or grew beyond all bounds. */
    DIVERGED,
    OUT_OF_MEMORY,
    /** The worker died in every attempt. */
    WORKER_LOST,
    /** Over a limit, or impossible to describe; never given to a worker. */
    REFUSED,
    /** Anything else; the detail says what. */
    ERROR
  }
}
