package blockfront.blocks.reference;

import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Window;

/** Average pooling of one example; see {@link blockfront.blocks.graph.Op.AveragePool}. */
record Pooling(Taps taps, int channels) {

  static Pooling over(Shape grid, Shape result, Window window) {
    return new Pooling(new Taps(grid, result, window), grid.size(2));
  }

  double[] forward(double[] x) {
    var result = new double[taps.positions() * channels];
    taps.each(
        (position, cell, _) -> {
          for (int channel = 0; channel < channels; channel++) {
            result[position * channels + channel] += x[cell * channels + channel];
          }
        });
    for (int i = 0; i < result.length; i++) {
      // a window that lies over padding only gives 0
      result[i] /= Math.max(1, taps.inside(i / channels));
    }
    return result;
  }

  double[] gradient(double[] upstream) {
    var result = new double[taps.cells() * channels];
    taps.each(
        (position, cell, _) -> {
          int inside = taps.inside(position);
          for (int channel = 0; channel < channels; channel++) {
            result[cell * channels + channel] += upstream[position * channels + channel] / inside;
          }
        });
    return result;
  }
}
