package blockfront.blocks.channel;

import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Window;

/** A depthwise convolution of 3x3 within a channel mixer. */
final class Depthwise {

  private static final int SIZE = 3;

  private Depthwise() {}

  /** With a bias; the grid stays. */
  static Tensor convolve(Tensor x) {
    return weighted(x).plus(Tensor.offset("bias", Init.ZEROS, x.shape().size(-1)));
  }

  /** Without a bias. */
  static Tensor weighted(Tensor x) {
    int channels = x.shape().size(-1);
    // variance 2 / fan-out, which is the taps of one kernel
    Init start = new Init.Normal(Math.sqrt(2.0 / (SIZE * SIZE)));
    Tensor kernel = Tensor.weight("weight", start, SIZE, SIZE, 1, channels);
    return x.convolve(kernel, Window.same(SIZE), channels);
  }
}
