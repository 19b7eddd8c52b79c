package blockfront.search.probe;

import blockfront.blocks.graph.Shape;
import blockfront.blocks.technique.Quantiser;
import blockfront.search.data.Examples;
import blockfront.search.data.Normalisation;
import blockfront.search.train.TrainedNetwork;
import java.util.LinkedHashMap;

/**
 * What is lost when weights are rounded, each output channel on a grid of its own; biases, gains
 * and activations stay as they are.
 *
 * @param accuracy before
 * @param rounded accuracy after
 */
public record RoundingProbe(int bits, double accuracy, double rounded) {

  /** Answers all examples twice. */
  public static RoundingProbe of(
      TrainedNetwork network, Examples examples, Normalisation normalisation, int bits) {
    var values = new LinkedHashMap<String, float[]>();
    network
        .values()
        .forEach(
            (name, numbers) -> {
              Shape shape = network.shapes().getOrDefault(name, Shape.of(1));
              values.put(
                  name,
                  shape.rank() < 2 ? numbers : Quantiser.ofChannels(numbers, shape.size(-1), bits));
            });
    double before = network.score(examples, normalisation).accuracy();
    try (TrainedNetwork other = network.with(values)) {
      return new RoundingProbe(bits, before, other.score(examples, normalisation).accuracy());
    }
  }

  /** Accuracy lost. */
  public double drop() {
    return accuracy - rounded;
  }
}
