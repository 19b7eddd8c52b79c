package blockfront.search.probe;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.network.Architecture;
import blockfront.search.data.DataSet;
import blockfront.search.data.Examples;
import blockfront.search.train.TrainedNetwork;
import blockfront.search.trial.Inspection;
import java.nio.file.Path;

/** Looks into trained networks with every probe. */
public final class Inspector {

  /** Usual: more change the means little and take memory. */
  public static final int EXAMPLES = 32;

  private Inspector() {}

  /**
   * Looks at the first test examples.
   *
   * @param weights the file that a training wrote
   * @param count how many examples; all if there are not as many
   * @throws IllegalArgumentException if the weights are missing, broken or of another network, if
   *     the data is for another task, or if there are no examples to look at
   */
  public static Inspection inspect(
      Architecture architecture, Catalogue catalogue, Path weights, DataSet data, int count) {
    if (count < 1) {
      throw new IllegalArgumentException(
          "Probes need at least one example to look at, got " + count);
    }
    if (!data.task().equals(architecture.task())) {
      throw new IllegalArgumentException(
          "Network for %s cannot be looked into with '%s', which has %s"
              .formatted(architecture.task().text(), data.name(), data.task().text()));
    }
    try (TrainedNetwork network = TrainedNetwork.load(architecture, catalogue, weights)) {
      return inspect(network, data, count);
    }
  }

  static Inspection inspect(TrainedNetwork network, DataSet data, int count) {
    Examples examples = data.test();
    int looked = Math.min(count, examples.size());
    return new Inspection(
        looked,
        ActivationProbe.of(network, examples, data.normalisation(), looked),
        AttentionProbe.of(network, examples, data.normalisation(), looked),
        EnergyProbe.activity(network, examples, data.normalisation(), looked));
  }
}
