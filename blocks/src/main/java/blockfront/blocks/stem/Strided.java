package blockfront.blocks.stem;

import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Window;

/**
 * A convolution that leaves {@code ceil(size / stride)} rows and columns of any grid.
 *
 * <p>The zeros before are the paper's; at the bottom and right there are as many as the last window
 * needs, so no row or column is left out. Over grids that the paper's padding fits, the two agree.
 */
final class Strided {

  private Strided() {}

  static Tensor convolve(Tensor x, int width, int size, int stride, int before) {
    return weighted(x, width, size, stride, before, 1, Init.TRUNCATED_NORMAL_002)
        .plus(Tensor.offset("bias", Init.ZEROS, width));
  }

  /** A convolution without bias, then a norm over the batch. */
  static Tensor normed(Tensor x, int width, int size, int stride, int before) {
    return normed(x, width, size, stride, before, 1, Init.ONES);
  }

  /**
   * As {@link #normed(Tensor, int, int, int, int)}, in groups and with gains that start as told.
   */
  static Tensor normed(
      Tensor x, int width, int size, int stride, int before, int groups, Init gain) {
    // variance 2 / fan-out
    Init start = new Init.Normal(Math.sqrt(2.0 * groups / ((double) size * size * width)));
    return weighted(x, width, size, stride, before, groups, start).batchNorm(1e-5, 0.1, gain);
  }

  static Tensor weighted(
      Tensor x, int width, int size, int stride, int before, int groups, Init start) {
    Shape shape = x.shape();
    Window window =
        new Window(
            size,
            size,
            stride,
            1,
            before,
            after(shape.size(0), size, stride, before),
            before,
            after(shape.size(1), size, stride, before));
    Tensor kernel = Tensor.weight("weight", start, size, size, shape.size(2) / groups, width);
    return x.convolve(kernel, window, groups);
  }

  private static int after(int length, int size, int stride, int before) {
    int positions = Math.ceilDiv(length, stride);
    return Math.max(0, (positions - 1) * stride + size - before - length);
  }
}
