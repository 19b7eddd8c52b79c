package blockfront.blocks.channel;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;

/** {@code (f(x W1) * x W2) W3}: what the gated linear units share. */
final class GatedLinear {

  static final Knob<Integer> EXPANSION =
      Knob.integer(
          "expansion",
          "hidden channels for each channel of the plain MLP that costs the same",
          4,
          1,
          16,
          1,
          2,
          3,
          4);

  static final Knob<Integer> MULTIPLE =
      Knob.integer(
          "multiple", "hidden channels are rounded up to a multiple of this", 8, 1, 1024, 8);

  private GatedLinear() {}

  static Tensor mix(Tensor x, Function function, int expansion, int multiple) {
    int channels = x.shape().size(-1);
    int hidden = hidden(channels, expansion, multiple);
    Tensor gate = Scope.in("gate", () -> x.linear(hidden, Init.TRUNCATED_NORMAL_002));
    Tensor content = Scope.in("expand", () -> x.linear(hidden, Init.TRUNCATED_NORMAL_002));
    Tensor gated = gate.apply(function).times(content);
    return Scope.in("contract", () -> gated.linear(channels, Init.TRUNCATED_NORMAL_002));
  }

  /** Three matrices of two thirds of the width cost as much as two of the whole. */
  private static int hidden(int channels, int expansion, int multiple) {
    int exact = Math.ceilDiv(Math.multiplyExact(2 * expansion, channels), 3);
    return Math.ceilDiv(exact, multiple) * multiple;
  }
}
