package blockfront.search.trial;

import java.util.Optional;

/**
 * One training of a network that a search has found, longer than the search's own: not a trial, no
 * search ever sees it.
 *
 * @param number 1 for the first of the network
 * @param seed of the initial weights, the order of examples and every other draw
 * @param outcome empty while it waits or runs
 * @param provenance of a run that was trained
 * @param deployment of the weights, once it is measured
 */
public record FinalRun(
    int number,
    long seed,
    Recipe recipe,
    Optional<Outcome> outcome,
    Optional<Provenance> provenance,
    Optional<Deployment> deployment) {

  /** A run that waits to be trained. */
  public static FinalRun queued(int number, long seed, Recipe recipe) {
    return new FinalRun(number, seed, recipe, Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** What the training showed, if it came to an end of its own. */
  public Optional<Measurement> measurement() {
    return outcome.flatMap(Outcome::measured);
  }

  public FinalRun ended(Outcome how, Optional<Provenance> where) {
    return new FinalRun(number, seed, recipe, Optional.of(how), where, deployment);
  }

  public FinalRun deployed(Deployment measured) {
    return new FinalRun(number, seed, recipe, outcome, provenance, Optional.of(measured));
  }
}
