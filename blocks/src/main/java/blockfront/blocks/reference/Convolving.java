package blockfront.blocks.reference;

import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Window;

/**
 * Convolution of one example; see {@link blockfront.blocks.graph.Op.Convolution}.
 *
 * @param in channels of the grid
 * @param out channels of the result
 */
record Convolving(Taps taps, int in, int out, int groups) {

  static Convolving over(Shape grid, Shape result, Window window, int groups) {
    return new Convolving(new Taps(grid, result, window), grid.size(2), result.size(2), groups);
  }

  double[] forward(double[] x, double[] kernel) {
    var result = new double[taps.positions() * out];
    each((from, weight, to) -> result[to] += x[from] * kernel[weight]);
    return result;
  }

  double[] inputGradient(double[] kernel, double[] upstream) {
    var result = new double[taps.cells() * in];
    each((from, weight, to) -> result[from] += upstream[to] * kernel[weight]);
    return result;
  }

  double[] kernelGradient(double[] x, double[] upstream) {
    var result = new double[taps.window().taps() * in / groups * out];
    each((from, weight, to) -> result[weight] += x[from] * upstream[to]);
    return result;
  }

  private interface Visitor {
    void visit(int from, int weight, int to);
  }

  /** Every multiply-add: which element of the grid times which weight goes where. */
  private void each(Visitor visitor) {
    int perGroup = in / groups;
    taps.each(
        (position, cell, tap) -> {
          for (int to = 0; to < out; to++) {
            int group = to / (out / groups);
            for (int i = 0; i < perGroup; i++) {
              visitor.visit(
                  cell * in + group * perGroup + i,
                  (tap * perGroup + i) * out + to,
                  position * out + to);
            }
          }
        });
  }
}
