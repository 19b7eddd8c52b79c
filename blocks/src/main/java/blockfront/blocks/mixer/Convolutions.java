package blockfront.blocks.mixer;

import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Window;

/** Convolutions within attention; the grid stays. Weights start with variance 2 / fan-out. */
final class Convolutions {

  private static final int SIZE = 3;

  private Convolutions() {}

  /** Of 3x3, each channel by itself, with a bias. */
  static Tensor depthwise(Tensor x) {
    return depthwiseUnbiased(x).plus(Tensor.offset("bias", Init.ZEROS, x.shape().size(2)));
  }

  static Tensor depthwiseUnbiased(Tensor x) {
    int channels = x.shape().size(2);
    return x.convolve(
        Tensor.weight("weight", fanOut(SIZE, 1), SIZE, SIZE, 1, channels),
        Window.same(SIZE),
        channels);
  }

  /** Of 3x3, with a bias. */
  static Tensor full(Tensor x, int out) {
    return x.convolve(
            Tensor.weight("weight", fanOut(SIZE, out), SIZE, SIZE, x.shape().size(2), out),
            Window.same(SIZE),
            1)
        .plus(Tensor.offset("bias", Init.ZEROS, out));
  }

  /** A linear layer without bias and a norm over the batch. */
  static Tensor normed(Tensor x, int out, Init gain) {
    return x.linear(out, fanOut(1, out)).batchNorm(1e-5, 0.1, gain);
  }

  static Init fanOut(int size, int out) {
    return new Init.Normal(Math.sqrt(2.0 / ((double) size * size * out)));
  }
}
