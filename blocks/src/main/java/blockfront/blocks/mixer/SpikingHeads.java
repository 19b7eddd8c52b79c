package blockfront.blocks.mixer;

import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Neuron;
import blockfront.blocks.spi.Tokens;

/**
 * Attention among spikes: {@code fire(q (k' v) / 8)} in several heads, at half of the threshold of
 * other neurons.
 */
final class SpikingHeads {

  private static final double SCALE = 0.125;

  private SpikingHeads() {}

  /** The largest number of equal heads not above the wanted one; a repair is told. */
  static int count(int channels, int wanted) {
    int heads = Tokens.largestDivisor(channels, wanted);
    if (heads != wanted) {
      Scope.repaired(
          "%d channels cannot be split into %d heads; used %d".formatted(channels, wanted, heads));
    }
    return heads;
  }

  /**
   * The spikes that attention fires.
   *
   * @param query {@code [steps, tokens, channels]}, as keys and values
   */
  static Tensor attend(Tensor query, Tensor key, Tensor value, int heads, Neuron neuron) {
    // keys meet values first: so the cost is linear in the tokens
    Tensor met = split(key, heads).permute(0, 1, 3, 2).matmul(split(value, heads));
    Tensor current = split(query, heads).matmul(met).times(SCALE); // [steps, heads, tokens, d]
    return neuron
        .firingAt(neuron.threshold() / 2)
        .spikes(current.permute(0, 2, 1, 3).reshape(query.shape()));
  }

  private static Tensor split(Tensor x, int heads) {
    Shape shape = x.shape();
    return x.reshape(shape.size(0), shape.size(1), heads, shape.size(2) / heads)
        .permute(0, 2, 1, 3);
  }
}
