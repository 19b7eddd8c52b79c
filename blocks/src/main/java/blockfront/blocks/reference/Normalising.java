package blockfront.blocks.reference;

import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Shape;
import java.util.stream.IntStream;

/** Normalisation of one example; see {@link Op.Normalise}. */
record Normalising(Shape shape, Op.Extent extent, boolean centred, double epsilon) {

  /** No bias is an empty one. */
  double[] forward(double[] x, double[] gain, double[] bias) {
    double[] normalised = normalised(x);
    return IntStream.range(0, x.length)
        .mapToDouble(
            i ->
                gain[i % channels()] * normalised[i]
                    + (bias.length == 0 ? 0 : bias[i % channels()]))
        .toArray();
  }

  double[] inputGradient(double[] x, double[] gain, double[] upstream) {
    double[] normalised = normalised(x);
    var result = new double[x.length];
    for (int start = 0; start < x.length; start += extentSize()) {
      double deviation = deviation(x, start);
      double mean = 0;
      double along = 0;
      for (int i = start; i < start + extentSize(); i++) {
        double arriving = gain[i % channels()] * upstream[i];
        mean += arriving / extentSize();
        along += arriving * normalised[i] / extentSize();
      }
      for (int i = start; i < start + extentSize(); i++) {
        double arriving = gain[i % channels()] * upstream[i];
        result[i] = (arriving - (centred ? mean : 0) - normalised[i] * along) / deviation;
      }
    }
    return result;
  }

  double[] gainGradient(double[] x, double[] upstream) {
    double[] normalised = normalised(x);
    var result = new double[channels()];
    for (int i = 0; i < x.length; i++) {
      result[i % channels()] += normalised[i] * upstream[i];
    }
    return result;
  }

  private double[] normalised(double[] x) {
    var result = new double[x.length];
    for (int start = 0; start < x.length; start += extentSize()) {
      double centre = centre(x, start);
      double deviation = deviation(x, start);
      for (int i = start; i < start + extentSize(); i++) {
        result[i] = (x[i] - centre) / deviation;
      }
    }
    return result;
  }

  private double centre(double[] x, int start) {
    return centred
        ? IntStream.range(start, start + extentSize()).mapToDouble(i -> x[i]).sum() / extentSize()
        : 0;
  }

  private double deviation(double[] x, int start) {
    double centre = centre(x, start);
    double squares =
        IntStream.range(start, start + extentSize())
            .mapToDouble(i -> (x[i] - centre) * (x[i] - centre))
            .sum();
    return Math.sqrt(squares / extentSize() + epsilon);
  }

  private int extentSize() {
    return switch (extent) {
      case CHANNELS -> channels();
      case EXAMPLE -> Math.toIntExact(shape.elements());
    };
  }

  private int channels() {
    return shape.size(-1);
  }
}
