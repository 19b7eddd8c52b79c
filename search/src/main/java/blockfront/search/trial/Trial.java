package blockfront.search.trial;

import blockfront.blocks.cost.Cost;
import blockfront.blocks.network.Architecture;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A network of a study, as the store knows it.
 *
 * @param architectureId see {@link blockfront.search.space.ArchitectureJson}
 * @param askIndex which question to the strategy proposed it, from 0
 * @param repairs what had to be changed so that it fits, for people
 * @param provenance of a finished trial that was trained
 */
public record Trial(
    TrialId id,
    String architectureId,
    Architecture architecture,
    Cost cost,
    long askIndex,
    List<String> repairs,
    Instant created,
    TrialState state,
    Optional<Provenance> provenance) {

  public Trial {
    repairs = List.copyOf(repairs);
  }

  /** How it ended, if it has. */
  public Optional<Outcome> outcome() {
    return state instanceof TrialState.Finished finished
        ? Optional.of(finished.outcome())
        : Optional.empty();
  }

  /** What its training showed, if it came to an end of its own or of the strategy's. */
  public Optional<Measurement> measurement() {
    return outcome()
        .flatMap(
            outcome ->
                switch (outcome) {
                  case Outcome.Trained(Measurement measurement) -> Optional.of(measurement);
                  case Outcome.StoppedEarly(Measurement measurement, String _) ->
                      Optional.of(measurement);
                  case Outcome.Cancelled() -> Optional.empty();
                  case Outcome.Failed _ -> Optional.empty();
                });
  }

  /** Its state in a word or two, for people and files. */
  public String status() {
    return switch (state) {
      case TrialState.Queued _ -> "queued";
      case TrialState.Running _ -> "running";
      case TrialState.Finished finished ->
          switch (finished.outcome()) {
            case Outcome.Trained _ -> "trained";
            case Outcome.StoppedEarly _ -> "stopped early";
            case Outcome.Cancelled() -> "cancelled";
            case Outcome.Failed(Outcome.Reason reason, String _) ->
                switch (reason) {
                  case DIVERGED -> "diverged";
                  case OUT_OF_MEMORY -> "out of memory";
                  case WORKER_LOST -> "worker lost";
                  case REFUSED -> "refused";
                  case ERROR -> "error";
                };
          };
    };
  }

  /** Why it ended as it did, for people; empty if there is nothing to say. */
  public String detail() {
    return switch (state) {
      case TrialState.Queued(int attempt) -> retried(attempt);
      case TrialState.Running running -> retried(running.attempt());
      case TrialState.Finished finished ->
          switch (finished.outcome()) {
            case Outcome.Trained _ -> retried(finished.attempt());
            case Outcome.Cancelled _ -> "";
            case Outcome.StoppedEarly(Measurement _, String reason) -> reason;
            case Outcome.Failed(Outcome.Reason _, String detail) -> detail;
          };
    };
  }

  private static String retried(int attempt) {
    return attempt == 1
        ? ""
        : "Attempt %d of %d: the worker was lost before".formatted(attempt, TrialState.ATTEMPTS);
  }
}
