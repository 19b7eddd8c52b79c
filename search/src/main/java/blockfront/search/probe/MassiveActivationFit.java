package blockfront.search.probe;

import java.util.Arrays;

/**
 * The curve that massive activations follow over training: {@code a e^(-λ x) log x + k} with {@code
 * x = γ t + t0}.
 *
 * <p>(Gallego-Feliciano et al., 2025, <a href="https://arxiv.org/abs/2508.03616">Hidden Dynamics of
 * Massive Activations in Transformer Training</a>.)
 *
 * @param amplitude a
 * @param decay λ
 * @param timeScale γ
 * @param offset t0
 * @param asymptote k
 * @param fit share of the variance that is explained, R²
 */
public record MassiveActivationFit(
    double amplitude, double decay, double timeScale, double offset, double asymptote, double fit) {

  private static final int ROUNDS = 400;
  private static final int PARAMETERS = 5;

  public double at(double time) {
    double x = timeScale * time + offset;
    return amplitude * Math.exp(-decay * x) * Math.log(x) + asymptote;
  }

  /** When the curve is highest: where {@code λ x log x = 1}. */
  public double peakTime() {
    double low = 1;
    double high = 2;
    while (decay * high * Math.log(high) < 1) {
      high *= 2;
    }
    for (int i = 0; i < 200; i++) {
      double middle = (low + high) / 2;
      if (decay * middle * Math.log(middle) < 1) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return (low - offset) / timeScale;
  }

  /**
   * The curve with the least squares, from several starts.
   *
   * @param times at least 0
   * @throws IllegalArgumentException if there are fewer points than parameters
   */
  public static MassiveActivationFit of(double[] times, double[] values) {
    if (times.length != values.length || times.length < PARAMETERS) {
      throw new IllegalArgumentException(
          "A fit of %d parameters needs as many points, got %d times and %d values"
              .formatted(PARAMETERS, times.length, values.length));
    }
    double span = Math.max(1e-9, Arrays.stream(times).max().orElse(1));
    double[] best = {};
    double least = Double.POSITIVE_INFINITY;
    for (double decay : new double[] {0.01, 0.05, 0.2, 0.8}) {
      for (double scale : new double[] {3, 10, 30, 100}) {
        for (double offset : new double[] {0.3, 1, 3}) {
          // all positive, so their logarithms are what is moved
          double[] start = {Math.log(decay), Math.log(scale / span), Math.log(offset)};
          double[] found = descended(start, times, values);
          double error = error(found, times, values);
          if (error < least) {
            least = error;
            best = found;
          }
        }
      }
    }
    double[] line = line(best, times, values);
    double mean = Arrays.stream(values).average().orElse(0);
    double variance = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
    return new MassiveActivationFit(
        line[0],
        Math.exp(best[0]),
        Math.exp(best[1]),
        Math.exp(best[2]),
        line[1],
        variance == 0 ? 1 : 1 - least / variance);
  }

  /** Levenberg-Marquardt over the three that are not linear; the other two follow. */
  private static double[] descended(double[] start, double[] times, double[] values) {
    double[] at = start.clone();
    double damping = 1e-2;
    double error = error(at, times, values);
    for (int round = 0; round < ROUNDS && damping < 1e12; round++) {
      double[] residuals = residuals(at, times, values);
      var slopes = new double[3][];
      for (int i = 0; i < 3; i++) {
        double[] moved = at.clone();
        moved[i] += 1e-6;
        double[] after = residuals(moved, times, values);
        slopes[i] = new double[after.length];
        for (int j = 0; j < after.length; j++) {
          slopes[i][j] = (after[j] - residuals[j]) / 1e-6;
        }
      }
      double[] step = step(slopes, residuals, damping);
      double[] next = at.clone();
      for (int i = 0; i < 3; i++) {
        next[i] += Math.clamp(step[i], -1, 1);
      }
      double nextError = error(next, times, values);
      if (nextError < error) {
        at = next;
        error = nextError;
        damping = Math.max(1e-12, damping / 5);
      } else {
        damping *= 4;
      }
    }
    return at;
  }

  /** Solves {@code (JᵀJ + d diag) s = -Jᵀ r}. */
  private static double[] step(double[][] slopes, double[] residuals, double damping) {
    var matrix = new double[3][4];
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        matrix[i][j] = dot(slopes[i], slopes[j]);
      }
      matrix[i][3] = -dot(slopes[i], residuals);
    }
    for (int i = 0; i < 3; i++) {
      matrix[i][i] += damping * matrix[i][i] + 1e-30;
    }
    for (int i = 0; i < 3; i++) {
      for (int row = i + 1; row < 3; row++) {
        double factor = matrix[row][i] / matrix[i][i];
        for (int column = i; column < 4; column++) {
          matrix[row][column] -= factor * matrix[i][column];
        }
      }
    }
    var step = new double[3];
    for (int i = 2; i >= 0; i--) {
      double rest = matrix[i][3];
      for (int column = i + 1; column < 3; column++) {
        rest -= matrix[i][column] * step[column];
      }
      step[i] = rest / matrix[i][i];
    }
    return step;
  }

  private static double error(double[] at, double[] times, double[] values) {
    double[] residuals = residuals(at, times, values);
    double error = dot(residuals, residuals);
    return Double.isFinite(error) ? error : Double.POSITIVE_INFINITY;
  }

  private static double[] residuals(double[] at, double[] times, double[] values) {
    double[] line = line(at, times, values);
    double[] shape = shape(at, times);
    var residuals = new double[times.length];
    for (int i = 0; i < times.length; i++) {
      residuals[i] = line[0] * shape[i] + line[1] - values[i];
    }
    return residuals;
  }

  /** The best amplitude and asymptote for a shape. */
  private static double[] line(double[] at, double[] times, double[] values) {
    double[] shape = shape(at, times);
    double meanShape = Arrays.stream(shape).average().orElse(0);
    double meanValue = Arrays.stream(values).average().orElse(0);
    double together = 0;
    double alone = 0;
    for (int i = 0; i < times.length; i++) {
      together += (shape[i] - meanShape) * (values[i] - meanValue);
      alone += (shape[i] - meanShape) * (shape[i] - meanShape);
    }
    double amplitude = alone == 0 ? 0 : together / alone;
    return new double[] {amplitude, meanValue - amplitude * meanShape};
  }

  private static double[] shape(double[] at, double[] times) {
    return Arrays.stream(times)
        .map(
            t -> {
              double x = Math.exp(at[1]) * t + Math.exp(at[2]);
              return Math.exp(-Math.exp(at[0]) * x) * Math.log(x);
            })
        .toArray();
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
