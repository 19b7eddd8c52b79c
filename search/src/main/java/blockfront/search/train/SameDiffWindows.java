package blockfront.search.train;

import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Window;
import java.util.ArrayList;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ops.impl.layers.convolution.Conv2DDerivative;
import org.nd4j.linalg.api.ops.impl.layers.convolution.DepthwiseConv2DBp;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Conv2DConfig;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.PaddingMode;

/** Convolution and pooling in SameDiff: padded first, as each side may have its own padding. */
final class SameDiffWindows {

  private final SameDiff graph;
  private final SameDiffArithmetic arithmetic;

  SameDiffWindows(SameDiff graph, SameDiffArithmetic arithmetic) {
    this.graph = graph;
    this.arithmetic = arithmetic;
  }

  SDVariable convolution(Tensor y, SDVariable x, SDVariable kernel, Window window, int groups) {
    Tensor grid = y.operand(0);
    SDVariable padded = padded(examples(grid, x), window);
    Shape shape = y.operand(1).shape();
    SDVariable result;
    if (shape.size(2) == 1) {
      result =
          graph.cnn().depthWiseConv2d(padded, byChannel(kernel, shape, groups), config(window));
    } else {
      int in = shape.size(2);
      int out = shape.size(3) / groups;
      var parts = new ArrayList<SDVariable>();
      for (int group = 0; group < groups; group++) {
        parts.add(
            graph
                .cnn()
                .conv2d(
                    channels(padded, group * in, (group + 1) * in, groups),
                    channels(kernel, group * out, (group + 1) * out, groups),
                    config(window)));
      }
      result = arithmetic.concatenate(3, parts);
    }
    return arithmetic.reshape(result, y.shape(), y.batched());
  }

  SDVariable inputGradient(
      Tensor y, SDVariable kernel, SDVariable upstream, Window window, int groups) {
    Shape shape = y.operand(0).shape();
    SDVariable arriving = examples(y.operand(1), upstream);
    // its values do not matter, its shape does
    SDVariable grid = zeros(y, window);
    SDVariable result;
    if (shape.size(2) == 1) {
      result =
          new DepthwiseConv2DBp(
                  graph, grid, byChannel(kernel, shape, groups), arriving, config(window))
              .outputVariables()[0];
    } else {
      int in = shape.size(2);
      int out = shape.size(3) / groups;
      var parts = new ArrayList<SDVariable>();
      for (int group = 0; group < groups; group++) {
        parts.add(
            derivative(
                channels(grid, group * in, (group + 1) * in, groups),
                channels(kernel, group * out, (group + 1) * out, groups),
                channels(arriving, group * out, (group + 1) * out, groups),
                window,
                0));
      }
      result = arithmetic.concatenate(3, parts);
    }
    return arithmetic.reshape(inner(result, y.shape(), window), y.shape(), y.batched());
  }

  SDVariable kernelGradient(
      Tensor y, SDVariable x, SDVariable upstream, Window window, int groups) {
    Shape shape = y.shape();
    SDVariable padded = padded(examples(y.operand(0), x), window);
    SDVariable arriving = examples(y.operand(1), upstream);
    SDVariable kernel = arithmetic.filled(0, SameDiffArithmetic.longs(shape.sizes()));
    if (shape.size(2) == 1) {
      return new DepthwiseConv2DBp(
              graph, padded, byChannel(kernel, shape, groups), arriving, config(window))
          .outputVariables()[1].reshape(SameDiffArithmetic.longs(shape.sizes()));
    }
    int in = shape.size(2);
    int out = shape.size(3) / groups;
    var parts = new ArrayList<SDVariable>();
    for (int group = 0; group < groups; group++) {
      parts.add(
          derivative(
              channels(padded, group * in, (group + 1) * in, groups),
              channels(kernel, group * out, (group + 1) * out, groups),
              channels(arriving, group * out, (group + 1) * out, groups),
              window,
              1));
    }
    return arithmetic.concatenate(3, parts);
  }

  SDVariable averagePool(Tensor y, SDVariable x, Window window) {
    Tensor grid = y.operand(0);
    int channels = y.shape().size(2);
    SDVariable sums =
        graph
            .cnn()
            .depthWiseConv2d(
                padded(examples(grid, x), window), taps(window, channels), config(window));
    return arithmetic.reshape(
        sums.mul(shares(grid.shape(), y.shape(), window)), y.shape(), y.batched());
  }

  SDVariable averagePoolGradient(Tensor y, SDVariable upstream, Window window) {
    Tensor arriving = y.operand(0);
    SDVariable each = examples(arriving, upstream).mul(shares(y.shape(), arriving.shape(), window));
    SDVariable padded =
        new DepthwiseConv2DBp(
                graph, zeros(y, window), taps(window, y.shape().size(2)), each, config(window))
            .outputVariables()[0];
    return arithmetic.reshape(inner(padded, y.shape(), window), y.shape(), y.batched());
  }

  private SDVariable derivative(
      SDVariable grid, SDVariable kernel, SDVariable upstream, Window window, int output) {
    return new Conv2DDerivative(graph, new SDVariable[] {grid, kernel, upstream}, config(window))
        .outputVariables()[output];
  }

  private static Conv2DConfig config(Window window) {
    return Conv2DConfig.builder()
        .kH(window.height())
        .kW(window.width())
        .sH(window.stride())
        .sW(window.stride())
        .dH(window.dilation())
        .dW(window.dilation())
        .pH(0)
        .pW(0)
        .paddingMode(PaddingMode.VALID)
        .dataFormat(Conv2DConfig.NHWC)
        .build();
  }

  /** Kernel {@code [h, w, 1, out]} as ND4J wants one that looks at each channel alone. */
  private static SDVariable byChannel(SDVariable kernel, Shape shape, int channels) {
    return kernel.reshape(shape.size(0), shape.size(1), channels, shape.size(3) / channels);
  }

  private SDVariable taps(Window window, int channels) {
    return arithmetic.filled(1, window.height(), window.width(), channels, 1);
  }

  /** One over how many taps of each position lie over the grid: {@code [1, rows, columns, 1]}. */
  private SDVariable shares(Shape grid, Shape result, Window window) {
    int rows = result.size(0);
    int columns = result.size(1);
    var shares = new float[rows * columns];
    for (int i = 0; i < shares.length; i++) {
      int inside =
          inside(i / columns, window.height(), window.top(), grid.size(0), window)
              * inside(i % columns, window.width(), window.left(), grid.size(1), window);
      shares[i] = 1f / Math.max(1, inside);
    }
    return arithmetic.constant(shares, 1, rows, columns, 1);
  }

  private static int inside(int position, int taps, int before, int size, Window window) {
    int count = 0;
    for (int tap = 0; tap < taps; tap++) {
      int at = position * window.stride() + tap * window.dilation() - before;
      count += at >= 0 && at < size ? 1 : 0;
    }
    return count;
  }

  private SDVariable padded(SDVariable grid, Window window) {
    return unpadded(window)
        ? grid
        : arithmetic.pad(
            grid, 0, 0, window.top(), window.bottom(), window.left(), window.right(), 0, 0);
  }

  /** The grid within its padding. */
  private SDVariable inner(SDVariable padded, Shape grid, Window window) {
    if (unpadded(window)) {
      return padded;
    }
    long[] begin = {0, window.top(), window.left(), 0};
    long[] end = {0, window.top() + grid.size(0), window.left() + grid.size(1), grid.size(2)};
    return graph.stridedSlice(padded, begin, end, new long[] {1, 1, 1, 1}, 1, 1, 0, 0, 0);
  }

  private static boolean unpadded(Window window) {
    return window.top() + window.bottom() + window.left() + window.right() == 0;
  }

  private SDVariable zeros(Tensor grid, Window window) {
    Shape shape = grid.shape();
    Shape padded =
        shape
            .with(0, shape.size(0) + window.top() + window.bottom())
            .with(1, shape.size(1) + window.left() + window.right());
    return grid.batched()
        ? arithmetic.stretchedZeros(padded)
        : arithmetic.filled(0, 1, padded.size(0), padded.size(1), padded.size(2));
  }

  /** Some channels of all. */
  private SDVariable channels(SDVariable x, int from, int to, int groups) {
    return groups == 1
        ? x
        : graph.stridedSlice(
            x,
            new long[] {0, 0, 0, from},
            new long[] {0, 0, 0, to},
            new long[] {1, 1, 1, 1},
            0b0111,
            0b0111,
            0,
            0,
            0);
  }

  /** A grid for each example; one that all share is the only one. */
  private SDVariable examples(Tensor grid, SDVariable x) {
    Shape shape = grid.shape();
    return grid.batched() ? x : x.reshape(1, shape.size(0), shape.size(1), shape.size(2));
  }
}
