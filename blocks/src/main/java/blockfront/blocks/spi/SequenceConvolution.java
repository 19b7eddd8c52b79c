package blockfront.blocks.spi;

import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Window;

/** A convolution of each channel over a sequence. */
public final class SequenceConvolution {

  private SequenceConvolution() {}

  /** Sees a token and {@code kernel - 1} before it; {@code x[tokens, channels]}, no bias. */
  public static Tensor causal(Tensor x, int kernel, Init init) {
    return of(x, kernel, kernel - 1, init);
  }

  /** Sees as many tokens before as after; the kernel is odd. */
  public static Tensor centred(Tensor x, int kernel, Init init) {
    return of(x, kernel, kernel / 2, init);
  }

  private static Tensor of(Tensor x, int kernel, int before, Init init) {
    int channels = x.shape().size(1);
    Tensor weight = Tensor.weight("weight", init, 1, kernel, 1, channels);
    return x.reshape(1, x.shape().size(0), channels)
        .convolve(weight, new Window(1, kernel, 1, 1, 0, 0, before, kernel - 1 - before), channels)
        .reshape(x.shape());
  }
}
