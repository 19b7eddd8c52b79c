package blockfront.search.train;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.spi.Block;
import blockfront.search.data.DataSet;
import blockfront.search.data.DataSets;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Recipe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Networks that were trained for a moment, for tests of what comes after training. */
public final class SmallTrainings {

  /** Some of the digits: a network learns something of them in a moment. */
  public static final DataSet FEW = few(DataSets.load("digits"));

  private static final Map<String, Path> TRAINED = new ConcurrentHashMap<>();

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

  /** The weights of a small network with a block, trained once for all tests. */
  public static Path weights(Block block, Catalogue catalogue) {
    return TRAINED.computeIfAbsent(
        block.id(),
        id -> {
          try {
            Path file = Files.createTempFile("blockfront-" + id, ".safetensors");
            file.toFile().deleteOnExit();
            train(architecture(block), catalogue, data(block), RECIPE, file);
            return file;
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  /** The network that {@link #weights} are of. */
  public static Architecture architecture(Block block) {
    return SmallNetworks.with(block, data(block).task());
  }

  /** What it is trained on. */
  public static DataSet data(Block block) {
    DataSet data = SmallNetworks.data(block);
    return data.train().images() ? FEW : data;
  }

  private static DataSet few(DataSet all) {
    return DataSet.of(
        all.name(),
        all.classes(),
        all.train().spread(448),
        all.validation().spread(64),
        all.test().spread(100),
        all.flips(),
        all.licence(),
        all.source());
  }
}
