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
    Tensor kernel =
        Tensor.weight("weight", Init.TRUNCATED_NORMAL_002, size, size, shape.size(2), width);
    return x.convolve(kernel, window, 1).plus(Tensor.offset("bias", Init.ZEROS, width));
  }

  private static int after(int length, int size, int stride, int before) {
    int positions = Math.ceilDiv(length, stride);
    return Math.max(0, (positions - 1) * stride + size - before - length);
  }
}
