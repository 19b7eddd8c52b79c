package blockfront.search.export.onnx;

import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Window;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import onnx.Onnx.AttributeProto;

/** Convolution and pooling in ONNX, which wants channels before rows and columns. */
final class OnnxWindows {

  private final OnnxGraph graph;
  private final Map<Tensor, String> kernels = new HashMap<>();

  OnnxWindows(OnnxGraph graph) {
    this.graph = graph;
  }

  /** A trained kernel {@code [h, w, in, out]} as {@code [out, in, h, w]}. */
  String kernel(String name, Tensor kernel, float[] values) {
    return kernels.computeIfAbsent(
        kernel,
        _ -> {
          Shape shape = kernel.shape();
          int taps = shape.size(0) * shape.size(1);
          int in = shape.size(2);
          int out = shape.size(3);
          var turned = new float[values.length];
          for (int tap = 0; tap < taps; tap++) {
            for (int i = 0; i < in; i++) {
              for (int o = 0; o < out; o++) {
                turned[(o * in + i) * taps + tap] = values[(tap * in + i) * out + o];
              }
            }
          }
          return graph.floats(name, turned, out, in, shape.size(0), shape.size(1));
        });
  }

  /** Of a grid with a batch axis. */
  String convolution(Tensor y, String grid, String kernel, Window window, int groups) {
    return channelsLast(
        y,
        graph.node(
            y.scope(),
            "Conv",
            List.of(channelsFirst(y, grid), kernel),
            OnnxGraph.integers("kernel_shape", window.height(), window.width()),
            OnnxGraph.integers("strides", window.stride(), window.stride()),
            OnnxGraph.integers("dilations", window.dilation(), window.dilation()),
            pads(window),
            OnnxGraph.integer("group", groups)));
  }

  /** Of a grid with a batch axis. */
  String averagePool(Tensor y, String grid, Window window) {
    int[] inside = inside(y.operand(0).shape(), y.shape(), window);
    boolean always = Arrays.stream(inside).allMatch(count -> count > 0);
    if (window.dilation() == 1 && always) {
      return channelsLast(
          y,
          graph.node(
              y.scope(),
              "AveragePool",
              List.of(channelsFirst(y, grid)),
              OnnxGraph.integers("kernel_shape", window.height(), window.width()),
              OnnxGraph.integers("strides", window.stride(), window.stride()),
              pads(window),
              OnnxGraph.integer("count_include_pad", 0)));
    }
    // what opset 17 cannot pool: a sum over the window, divided by what lies over the grid
    int channels = y.shape().size(2);
    var ones = new float[channels * window.taps()];
    Arrays.fill(ones, 1);
    var shares = new float[inside.length];
    for (int i = 0; i < shares.length; i++) {
      shares[i] = 1f / Math.max(1, inside[i]);
    }
    String taps =
        graph.floats(y.scope() + "/taps", ones, channels, 1, window.height(), window.width());
    String share =
        graph.floats(y.scope() + "/shares", shares, y.shape().size(0), y.shape().size(1), 1);
    return graph.node(
        y.scope(), "Mul", List.of(convolution(y, grid, taps, window, channels), share));
  }

  /** How many taps of each position lie over the grid. */
  private static int[] inside(Shape grid, Shape result, Window window) {
    var counts = new int[result.size(0) * result.size(1)];
    for (int i = 0; i < counts.length; i++) {
      int row = i / result.size(1);
      int column = i % result.size(1);
      counts[i] =
          inside(row, window.height(), window.top(), grid.size(0), window)
              * inside(column, window.width(), window.left(), grid.size(1), window);
    }
    return counts;
  }

  private static int inside(int position, int taps, int before, int size, Window window) {
    int count = 0;
    for (int tap = 0; tap < taps; tap++) {
      int at = position * window.stride() + tap * window.dilation() - before;
      count += at >= 0 && at < size ? 1 : 0;
    }
    return count;
  }

  private static AttributeProto pads(Window window) {
    return OnnxGraph.integers("pads", window.top(), window.left(), window.bottom(), window.right());
  }

  private String channelsFirst(Tensor y, String grid) {
    return graph.node(
        y.scope(), "Transpose", List.of(grid), OnnxGraph.integers("perm", 0, 3, 1, 2));
  }

  private String channelsLast(Tensor y, String grid) {
    return graph.node(
        y.scope(), "Transpose", List.of(grid), OnnxGraph.integers("perm", 0, 2, 3, 1));
  }
}
