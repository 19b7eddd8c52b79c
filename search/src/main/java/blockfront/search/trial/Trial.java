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
 * @param rungs where it was paused so far
 * @param provenance of its training, once that came to a rung or an end
 * @param deployment of its exported models, once that is measured
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
    List<Rung> rungs,
    Optional<Provenance> provenance,
    Optional<Deployment> deployment) {

  public Trial {
    repairs = List.copyOf(repairs);
    rungs = List.copyOf(rungs);
  }

  /**
   * The same in another state. Of what it was trained, nothing is forgotten; what its models showed
   * is, when it is trained on.
   */
  public Trial in(TrialState other, List<Rung> reached, Optional<Provenance> trainedBy) {
    return new Trial(
        id,
        architectureId,
        architecture,
        cost,
        askIndex,
        repairs,
        created,
        other,
        reached,
        trainedBy,
        other instanceof TrialState.Running ? Optional.empty() : deployment);
  }

  /** Epochs that need not be trained again if it is trained on. */
  public int epochsKept() {
    return rungs.isEmpty() ? 0 : rungs.getLast().epochs();
  }

  /** How it ended, if it has. */
  public Optional<Outcome> outcome() {
    return state instanceof TrialState.Finished finished
        ? Optional.of(finished.outcome())
        : Optional.empty();
  }

  /**
   * What its training showed, if it came to an end of its own or of the strategy's, or is paused.
   */
  public Optional<Measurement> measurement() {
    if (state instanceof TrialState.Paused paused) {
      return Optional.of(paused.measurement());
    }
    return outcome().flatMap(Outcome::measured);
  }

  public Trial deployed(Deployment measured) {
    return new Trial(
        id,
        architectureId,
        architecture,
        cost,
        askIndex,
        repairs,
        created,
        state,
        rungs,
        provenance,
        Optional.of(measured));
  }

  /** When its training came to what {@link #measurement} says. */
  public Optional<Instant> measuredAt() {
    return switch (state) {
      case TrialState.Queued _, TrialState.Running _ -> Optional.empty();
      case TrialState.Paused paused -> Optional.of(paused.since());
      case TrialState.Finished finished ->
          switch (finished.outcome()) {
            case Outcome.Trained _ -> Optional.of(finished.at());
            // it was known at the rung where it waited since
            case Outcome.StoppedEarly _ ->
                Optional.of(rungs.isEmpty() ? finished.at() : rungs.getLast().at());
            case Outcome.Cancelled _, Outcome.Failed _ -> Optional.empty();
          };
    };
  }

  /** Its state in a word or two, for people and files. */
  public String status() {
    return switch (state) {
      case TrialState.Queued _ -> "queued";
      case TrialState.Running _ -> "running";
      case TrialState.Paused _ -> "paused";
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
      case TrialState.Paused paused ->
          "Paused after %d epochs: trained on if it is among the better there"
              .formatted(paused.measurement().epochs());
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
