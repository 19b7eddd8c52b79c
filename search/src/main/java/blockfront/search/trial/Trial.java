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
}
