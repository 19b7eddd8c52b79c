package blockfront.blocks.reference;

import blockfront.blocks.graph.Op;
import java.util.stream.IntStream;

/** Normalisation over a whole batch, channels innermost; see {@link Op.BatchNormalise}. */
record BatchNormalising(int channels, double epsilon) {

  double[] forward(double[] x, double[] gain, double[] bias) {
    double[] normalised = normalised(x);
    return IntStream.range(0, x.length)
        .mapToDouble(i -> gain[i % channels] * normalised[i] + bias[i % channels])
        .toArray();
  }

  double[] inputGradient(double[] x, double[] gain, double[] upstream) {
    double[] normalised = normalised(x);
    double[] deviations = deviations(x);
    double[] means = means(upstream);
    double[] along = gainGradient(x, upstream);
    int rows = x.length / channels;
    return IntStream.range(0, x.length)
        .mapToDouble(
            i -> {
              int c = i % channels;
              return gain[c]
                  / deviations[c]
                  * (upstream[i] - means[c] - normalised[i] * along[c] / rows);
            })
        .toArray();
  }

  double[] gainGradient(double[] x, double[] upstream) {
    double[] normalised = normalised(x);
    var result = new double[channels];
    for (int i = 0; i < x.length; i++) {
      result[i % channels] += normalised[i] * upstream[i];
    }
    return result;
  }

  private double[] normalised(double[] x) {
    double[] means = means(x);
    double[] deviations = deviations(x);
    return IntStream.range(0, x.length)
        .mapToDouble(i -> (x[i] - means[i % channels]) / deviations[i % channels])
        .toArray();
  }

  private double[] deviations(double[] x) {
    double[] means = means(x);
    double[] squares =
        IntStream.range(0, x.length)
            .mapToDouble(i -> (x[i] - means[i % channels]) * (x[i] - means[i % channels]))
            .toArray();
    double[] variances = means(squares);
    return IntStream.range(0, channels)
        .mapToDouble(c -> Math.sqrt(variances[c] + epsilon))
        .toArray();
  }

  private double[] means(double[] x) {
    var result = new double[channels];
    for (int i = 0; i < x.length; i++) {
      result[i % channels] += x[i] * channels / x.length;
    }
    return result;
  }
}
