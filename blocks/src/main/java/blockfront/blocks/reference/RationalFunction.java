package blockfront.blocks.reference;

import blockfront.blocks.graph.Op;

/**
 * A rational function of each element; see {@link Op.Rational}. Magnitudes have derivative 0 at 0.
 */
final class RationalFunction {

  private final int channels;
  private final int groups;
  private final double[] a;
  private final double[] b;

  /**
   * Of given coefficients.
   *
   * @param a of the numerator, the same for all channels
   * @param b of the denominator, one group after another
   */
  RationalFunction(int channels, int groups, double[] a, double[] b) {
    this.channels = channels;
    this.groups = groups;
    this.a = a;
    this.b = b;
  }

  double[] forward(double[] x) {
    var result = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      result[i] = numerator(x[i]) / denominator(x[i], group(i));
    }
    return result;
  }

  double[] inputGradient(double[] x, double[] upstream) {
    var result = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      double below = denominator(x[i], group(i));
      double numeratorSlope = 0;
      for (int power = 1; power < a.length; power++) {
        numeratorSlope += power * a[power] * Math.pow(x[i], power - 1);
      }
      double denominatorSlope = 0;
      for (int power = 1; power <= degree(); power++) {
        denominatorSlope +=
            power
                * Math.abs(b[coefficient(group(i), power)])
                * Math.pow(Math.abs(x[i]), power - 1)
                * Math.signum(x[i]);
      }
      result[i] =
          upstream[i]
              * (numeratorSlope * below - numerator(x[i]) * denominatorSlope)
              / (below * below);
    }
    return result;
  }

  double[] numeratorGradient(double[] x, double[] upstream) {
    var result = new double[a.length];
    for (int i = 0; i < x.length; i++) {
      for (int power = 0; power < a.length; power++) {
        result[power] += upstream[i] * Math.pow(x[i], power) / denominator(x[i], group(i));
      }
    }
    return result;
  }

  double[] denominatorGradient(double[] x, double[] upstream) {
    var result = new double[b.length];
    for (int i = 0; i < x.length; i++) {
      double below = denominator(x[i], group(i));
      for (int power = 1; power <= degree(); power++) {
        int at = coefficient(group(i), power);
        result[at] -=
            upstream[i]
                * numerator(x[i])
                * Math.signum(b[at])
                * Math.pow(Math.abs(x[i]), power)
                / (below * below);
      }
    }
    return result;
  }

  private double numerator(double x) {
    double sum = 0;
    for (int power = 0; power < a.length; power++) {
      sum += a[power] * Math.pow(x, power);
    }
    return sum;
  }

  private double denominator(double x, int group) {
    double sum = 1;
    for (int power = 1; power <= degree(); power++) {
      sum += Math.abs(b[coefficient(group, power)]) * Math.pow(Math.abs(x), power);
    }
    return sum;
  }

  private int degree() {
    return b.length / groups;
  }

  private int coefficient(int group, int power) {
    return group * degree() + power - 1;
  }

  private int group(int index) {
    return index % channels / (channels / groups);
  }
}
