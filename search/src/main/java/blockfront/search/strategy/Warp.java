package blockfront.search.strategy;

import java.util.Arrays;
import java.util.List;

/**
 * A scale on which an objective is learnt: its values as they are, or the logarithm of how far they
 * are above a floor, in either case shifted and scaled to mean 0 and variance 1. Strictly growing.
 *
 * @param floor values near and below it are continued in a straight line
 * @param softness how far above the floor the logarithm begins; infinite for values as they are
 * @param mean of the values on the new scale, before shifting
 * @param deviation of the values on the new scale, before scaling
 */
record Warp(double floor, double softness, double mean, double deviation) {

  /** Scales that may suit some values: always the plain one, the first. */
  static List<Warp> candidates(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double least = sorted[0];
    double middle = sorted[sorted.length / 2];
    Warp plain = fitted(0, Double.POSITIVE_INFINITY, values);
    if (!(middle > least)) {
      return List.of(plain);
    }
    return List.of(
        plain, fitted(least, middle - least, values), fitted(least, (middle - least) / 5, values));
  }

  private static Warp fitted(double floor, double softness, double[] values) {
    var unscaled = new Warp(floor, softness, 0, 1);
    double mean = Arrays.stream(values).map(unscaled::apply).average().orElse(0);
    double variance =
        Arrays.stream(values)
            .map(value -> (unscaled.apply(value) - mean) * (unscaled.apply(value) - mean))
            .average()
            .orElse(0);
    return new Warp(floor, softness, mean, variance > 0 ? Math.sqrt(variance) : 1);
  }

  double apply(double value) {
    double warped = value;
    if (Double.isFinite(softness)) {
      double above = (value - floor) / softness;
      warped = above > 0 ? Math.log1p(above) : above;
    }
    return (warped - mean) / deviation;
  }

  double undo(double warped) {
    double above = warped * deviation + mean;
    if (!Double.isFinite(softness)) {
      return above;
    }
    return floor + softness * (above > 0 ? Math.expm1(Math.min(above, 50)) : above);
  }

  /** The logarithm of the slope at some values, summed: what makes likelihoods comparable. */
  double logSlope(double[] values) {
    double sum = -values.length * Math.log(deviation);
    if (Double.isFinite(softness)) {
      for (double value : values) {
        sum -= Math.log(softness) + Math.log1p(Math.max(0, (value - floor) / softness));
      }
    }
    return sum;
  }
}
