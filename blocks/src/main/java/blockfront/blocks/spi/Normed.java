package blockfront.blocks.spi;

import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;

/** A linear layer and a norm over the batch, as most layers of spiking networks start. */
public final class Normed {

  public static final Knob<Boolean> BIAS =
      Knob.flag(
          "bias",
          "whether linear layers have a bias although a batch norm follows: their code has one, to"
              + " no effect",
          false);

  private static final double EPSILON = 1e-5;
  private static final double MOMENTUM = 0.1;

  private Normed() {}

  /** {@code norm(x W)}, with {@code + b} before the norm if there is to be a bias. */
  public static Tensor linear(Tensor x, int out, boolean bias) {
    Tensor product = x.linear(out, start(x.shape().size(-1)));
    return Scope.in("norm", () -> norm(product, bias));
  }

  /** A norm over the batch. */
  public static Tensor norm(Tensor x) {
    return x.batchNorm(EPSILON, MOMENTUM, Init.ONES);
  }

  /** A norm over the batch of what has a bias or none. */
  public static Tensor norm(Tensor x, boolean bias) {
    return norm(bias ? x.plus(Tensor.offset("shift", Init.ZEROS, x.shape().size(-1))) : x);
  }

  /** As linear layers and convolutions start in PyTorch: variance 1 / (3 fan-in). */
  public static Init start(int fanIn) {
    return new Init.Normal(Math.sqrt(1 / (3.0 * fanIn)));
  }
}
