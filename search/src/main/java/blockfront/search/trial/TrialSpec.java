package blockfront.search.trial;

import blockfront.blocks.network.Architecture;
import java.nio.file.Path;
import java.util.Optional;

/**
 * All that a worker needs to train one network.
 *
 * @param attempt 1 for the first
 * @param data a built-in data set or a folder
 * @param dataHash what the data's content must be, see {@link Provenance}; anything if empty
 * @param seed of the initial weights, the order of examples and every other draw
 * @param until epochs after which to pause; those of the recipe for the whole training
 * @param checkpoint where a training that pauses is kept, and goes on from if it is there
 * @param weights where the trained weights are written, if they are wanted
 * @param parent whose weights it begins with, if not from scratch
 * @param measuresInt8 whether to measure what 8 bits cost; needs the weights
 */
public record TrialSpec(
    TrialId id,
    int attempt,
    Architecture architecture,
    String data,
    Optional<String> dataHash,
    Recipe recipe,
    long seed,
    int until,
    Optional<Path> checkpoint,
    Optional<Path> weights,
    Optional<Parent> parent,
    boolean measuresInt8) {

  public TrialSpec {
    if (measuresInt8 && weights.isEmpty()) {
      throw new IllegalArgumentException(
          "Trial %s cannot measure its INT8 drop without a file for its weights".formatted(id));
    }
  }

  /** A whole training, on whatever the data is. */
  public TrialSpec(
      TrialId id,
      int attempt,
      Architecture architecture,
      String data,
      Recipe recipe,
      long seed,
      Optional<Path> weights) {
    this(
        id,
        attempt,
        architecture,
        data,
        Optional.empty(),
        recipe,
        seed,
        recipe.epochs(),
        Optional.empty(),
        weights,
        Optional.empty(),
        false);
  }

  /** The same, if the data's content is still that. */
  public TrialSpec on(Optional<String> hash) {
    return new TrialSpec(
        id,
        attempt,
        architecture,
        data,
        hash,
        recipe,
        seed,
        until,
        checkpoint,
        weights,
        parent,
        measuresInt8);
  }
}
