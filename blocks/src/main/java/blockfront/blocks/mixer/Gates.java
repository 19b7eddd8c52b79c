package blockfront.blocks.mixer;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import blockfront.blocks.spi.Depth;
import java.util.Optional;

/** Decays, gates and norms that recurrences share. */
final class Gates {

  static final double EPSILON = 1e-5;

  /** A gate is closed at this: its logarithm stays finite. */
  private static final double CLOSED = 1e-26;

  /** What no {@link #logarithm} is below. */
  static final double LEAST = Math.log(CLOSED);

  private Gates() {}

  /** {@code log(gate + 1e-26)} of a gate from 0 to 1. */
  static Tensor logarithm(Tensor gate) {
    return gate.plus(CLOSED).apply(Function.LOG);
  }

  static Tensor logSigmoid(Tensor logits) {
    return logarithm(logits.apply(Function.SIGMOID));
  }

  /** {@code log sigmoid(logits) / temperature} for each channel of the keys. */
  static LinearRecurrence.Decay decay(Tensor logits, double temperature) {
    return new LinearRecurrence.PerChannel(
        logSigmoid(logits).times(1 / temperature), LEAST / temperature);
  }

  /** A linear layer with a bias, started as told. */
  static Tensor linear(Tensor x, int out, Init start) {
    return x.linear(out, start).plus(Tensor.offset("bias", Init.ZEROS, out));
  }

  /** Root mean square 1 for each head, then a gain that all heads share. */
  static Tensor normalised(Tensor x, int heads) {
    return Scope.in("norm", () -> normalised(x, heads, EPSILON));
  }

  static Tensor normalised(Tensor x, int heads, double epsilon) {
    int width = x.shape().size(1) / heads;
    return x.reshape(x.shape().size(0), heads, width).rmsNorm(epsilon).reshape(x.shape());
  }

  /** Root mean square 1 for each head, nothing to learn. */
  static Tensor normalisedPlainly(Tensor x, int heads) {
    int width = x.shape().size(1) / heads;
    return x.reshape(x.shape().size(0), heads, width)
        .normalise(
            Op.Extent.CHANNELS, false, EPSILON, Tensor.constant(Values.of(width, _ -> 1), width))
        .reshape(x.shape());
  }

  /** {@code bound + (1 - bound) gate}. */
  static Tensor above(Optional<Tensor> bound, Tensor gate) {
    return bound.map(b -> b.plus(gate.times(b.times(-1).plus(1)))).orElse(gate);
  }

  /**
   * What the gates of this layer stay above, a number a channel: 0 in the first layer of a stage,
   * more in each later one. The layers of a stage learn one table, a softmax over the layers of
   * which each layer adds up as much as lies before it.
   */
  static Optional<Tensor> lowerBound(int channels) {
    Depth depth = Depth.current();
    if (depth.layer() == 0) {
      return Optional.empty();
    }
    Tensor shares =
        depth.shared(
            "bounds", () -> Tensor.offset("table", Init.ZEROS, channels, depth.layers()).softmax());
    return Optional.of(shares.slice(1, 1, depth.layer() + 1).sum(1).reshape(channels));
  }
}
