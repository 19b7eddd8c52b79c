package blockfront.search.train;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.network.Architecture;
import blockfront.search.data.DataSet;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Recipe;
import java.nio.file.Path;
import java.util.Optional;

/** Networks that were trained for a moment, for tests of what comes after training. */
public final class SmallTrainings {

  public static final Recipe RECIPE = new Recipe(1, 64, 3e-3, 0.05, 0, 0.1, 1, 0, 0, false);

  private SmallTrainings() {}

  /** Trains, and writes the weights. */
  public static Measurement train(
      Architecture architecture, Catalogue catalogue, DataSet data, Recipe recipe, Path weights) {
    Outcome outcome =
        new Trainer(catalogue)
            .train(architecture, data, recipe, 1, _ -> {}, () -> false, Optional.of(weights));
    if (outcome instanceof Outcome.Trained(Measurement measurement)) {
      return measurement;
    }
    throw new IllegalStateException("Training ended as " + outcome);
  }
}
