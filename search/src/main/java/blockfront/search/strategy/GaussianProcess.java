package blockfront.search.strategy;

import java.util.Arrays;

/**
 * A Gaussian process with a {@link MixedKernel}, for targets of mean 0 and variance about 1. What
 * is in flight is believed to come out as guessed: it narrows the uncertainty around it and changes
 * no mean.
 */
final class GaussianProcess implements Regression {

  private static final double GREATEST_LOG = 8;
  private static final double FIRST_STEP = 0.2;
  private static final double LEAST_VARIANCE = 1e-9;

  private final MixedKernel kernel;
  private final int[][] examples; // those with targets first, then those in flight
  private final double[] logs;
  private final Cholesky factor;
  private final double[] weights; // of those with targets

  /**
   * With given numbers of the kernel.
   *
   * @param examples those with targets first, then those in flight
   */
  GaussianProcess(MixedKernel kernel, int[][] examples, double[] targets, double[] logs) {
    this.kernel = kernel;
    this.examples = examples;
    this.logs = logs;
    this.factor = new Cholesky(kernel.covariance(examples, logs));
    this.weights = factor.solve(targets);
  }

  /** Numbers of a kernel, and how believable they are. */
  static final class Fit {
    final double[] logs;
    final double evidence;

    private Fit(double[] logs, double evidence) {
      this.logs = logs;
      this.evidence = evidence;
    }
  }

  /**
   * The most probable numbers of the kernel, by resilient propagation (Riedmiller and Braun, 1993).
   *
   * @param start where to begin
   * @param steps how many to take
   */
  static Fit fit(
      MixedKernel kernel, int[][] examples, double[] targets, double[] start, int steps) {
    double[] logs = start.clone();
    var step = new double[logs.length];
    Arrays.fill(step, FIRST_STEP);
    var last = new double[logs.length];
    double[] best = logs.clone();
    double greatest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < steps; i++) {
      var factor = new Cholesky(kernel.covariance(examples, logs));
      double[] weights = factor.solve(targets);
      double evidence = kernel.logPrior(logs) - factor.logDeterminant() / 2;
      for (int j = 0; j < targets.length; j++) {
        evidence -= targets[j] * weights[j] / 2;
      }
      if (evidence > greatest) {
        greatest = evidence;
        best = logs.clone();
      }
      double[] gradient = kernel.gradient(examples, logs, outer(factor, weights));
      for (int k = 0; k < logs.length; k++) {
        double agreement = gradient[k] * last[k];
        if (agreement < 0) {
          step[k] *= 0.5;
          gradient[k] = 0;
        } else if (agreement > 0) {
          step[k] = Math.min(1, step[k] * 1.2);
        }
        double moved = logs[k] + Math.signum(gradient[k]) * step[k];
        logs[k] = Math.clamp(moved, -2 * GREATEST_LOG, GREATEST_LOG);
        last[k] = gradient[k];
      }
    }
    return new Fit(best, greatest);
  }

  private static double[][] outer(Cholesky factor, double[] weights) {
    double[][] outer = factor.inverse();
    for (int i = 0; i < weights.length; i++) {
      for (int j = i; j < weights.length; j++) {
        outer[i][j] = weights[i] * weights[j] - outer[i][j];
      }
    }
    return outer;
  }

  @Override
  public Guess guess(int[][] genes) {
    var guess = new Guess(genes.length);
    double[][] covariance = kernel.covariance(examples, genes, logs);
    for (int i = 0; i < weights.length; i++) {
      for (int j = 0; j < genes.length; j++) {
        guess.mean[j] += weights[i] * covariance[i][j];
      }
    }
    factor.solveTransposed(covariance);
    var variance = new double[genes.length];
    Arrays.fill(variance, kernel.variance(logs));
    for (double[] row : covariance) {
      for (int j = 0; j < genes.length; j++) {
        variance[j] -= row[j] * row[j];
      }
    }
    for (int j = 0; j < genes.length; j++) {
      guess.deviation[j] = Math.sqrt(Math.max(LEAST_VARIANCE, variance[j]));
    }
    return guess;
  }
}
