package blockfront.search.strategy;

import blockfront.search.space.Genome.Gene;
import java.util.Arrays;
import java.util.List;

/**
 * How alike the outcomes of two genomes are believed to be: one term a gene, which learns from few
 * examples what each gene adds, and a product over all genes, which learns how they act together.
 *
 * <pre>
 * k(x, y) = sum_g weight_g likeness_g(x, y) + amplitude exp(-sum_g decay_g distance_g(x, y))
 * </pre>
 *
 * <p>Its numbers are given as logarithms: the weights, the decays, the amplitude, and the variance
 * of the noise.
 */
final class MixedKernel {

  private static final double ORDINAL_SHARPNESS = 4;

  private final int genes;
  private final boolean[] ordinal;
  private final double[][] distances; // [gene][how far apart], see apart
  private final double[][] likeness;
  private final double[] prior;
  private final double[] spread;

  MixedKernel(List<Gene> genes) {
    int count = genes.size();
    this.genes = count;
    ordinal = new boolean[count];
    distances = new double[count][];
    likeness = new double[count][];
    prior = new double[2 * count + 2];
    spread = new double[2 * count + 2];
    for (int g = 0; g < count; g++) {
      table(g, genes.get(g));
      prior[g] = Math.log(0.7 / count);
      spread[g] = 1.2;
      prior[count + g] = Math.log(1.5 / count);
      spread[count + g] = 1;
    }
    prior[2 * count] = Math.log(0.4);
    spread[2 * count] = 1;
    prior[2 * count + 1] = Math.log(0.005);
    spread[2 * count + 1] = 1.5;
  }

  private void table(int g, Gene gene) {
    ordinal[g] = gene.ordinal();
    int steps = gene.ordinal() ? gene.choices() : 2;
    distances[g] = new double[steps];
    likeness[g] = new double[steps];
    for (int step = 0; step < steps; step++) {
      double apart = (double) step / Math.max(1, steps - 1);
      double distance = gene.ordinal() ? ORDINAL_SHARPNESS * apart * apart : apart;
      distances[g][step] = distance;
      likeness[g][step] = gene.ordinal() ? Math.exp(-distance) : 1 - distance;
    }
  }

  /** How many choices lie between two of a gene; of unordered ones, whether they differ. */
  private int apart(int g, int one, int other) {
    return ordinal[g] ? Math.abs(one - other) : one == other ? 0 : 1;
  }

  /** Logarithms that fit targets of mean 0 and variance 1 of which nothing is known. */
  double[] prior() {
    return prior.clone();
  }

  /** What to add to a logarithmic likelihood to know how believable the numbers are. */
  double logPrior(double[] logs) {
    double sum = 0;
    for (int i = 0; i < logs.length; i++) {
      double away = (logs[i] - prior[i]) / spread[i];
      sum -= away * away / 2;
    }
    return sum;
  }

  /** The upper triangle of the covariance of examples, noise included. */
  double[][] covariance(int[][] examples, double[] logs) {
    var at = new At(logs);
    int n = examples.length;
    var matrix = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = i; j < n; j++) {
        matrix[i][j] = at.between(examples[i], examples[j]);
      }
      matrix[i][i] += at.noise;
    }
    return matrix;
  }

  /** The covariance of each example (rows) with each of some others, without noise. */
  double[][] covariance(int[][] examples, int[][] others, double[] logs) {
    var at = new At(logs);
    var matrix = new double[examples.length][others.length];
    for (int i = 0; i < examples.length; i++) {
      for (int j = 0; j < others.length; j++) {
        matrix[i][j] = at.between(examples[i], others[j]);
      }
    }
    return matrix;
  }

  /** The variance of anything, without noise. */
  double variance(double[] logs) {
    double sum = Math.exp(logs[2 * genes]);
    for (int g = 0; g < genes; g++) {
      sum += Math.exp(logs[g]);
    }
    return sum;
  }

  /**
   * The gradient of the logarithmic posterior by the numbers.
   *
   * @param outer the upper triangle of {@code aa' - inverse of K}, where {@code a = inverse of K y}
   */
  double[] gradient(int[][] examples, double[] logs, double[][] outer) {
    var at = new At(logs);
    var gradient = new double[logs.length];
    for (int i = 0; i < examples.length; i++) {
      for (int j = i; j < examples.length; j++) {
        double share = i == j ? outer[i][j] / 2 : outer[i][j];
        double product = at.product(examples[i], examples[j]) * share;
        gradient[2 * genes] += product;
        for (int g = 0; g < genes; g++) {
          int apart = apart(g, examples[i][g], examples[j][g]);
          gradient[g] += share * at.weights[g] * likeness[g][apart];
          gradient[genes + g] -= product * at.decays[g] * distances[g][apart];
        }
      }
      gradient[2 * genes + 1] += outer[i][i] / 2 * at.noise;
    }
    for (int k = 0; k < gradient.length; k++) {
      gradient[k] -= (logs[k] - prior[k]) / (spread[k] * spread[k]);
    }
    return gradient;
  }

  /** The kernel with given numbers. */
  private final class At {
    final double[] weights = new double[genes];
    final double[] decays = new double[genes];
    final double amplitude;
    final double noise;
    private final double[][] terms = new double[genes][];
    private final double[][] factors = new double[genes][];

    At(double[] logs) {
      for (int g = 0; g < genes; g++) {
        double weight = Math.exp(logs[g]);
        double decay = Math.exp(logs[genes + g]);
        weights[g] = weight;
        decays[g] = decay;
        terms[g] = Arrays.stream(likeness[g]).map(like -> weight * like).toArray();
        factors[g] = Arrays.stream(distances[g]).map(far -> Math.exp(-decay * far)).toArray();
      }
      amplitude = Math.exp(logs[2 * genes]);
      noise = Math.exp(logs[2 * genes + 1]);
    }

    double between(int[] one, int[] other) {
      double sum = 0;
      double product = amplitude;
      for (int g = 0; g < genes; g++) {
        int apart = apart(g, one[g], other[g]);
        sum += terms[g][apart];
        product *= factors[g][apart];
      }
      return sum + product;
    }

    double product(int[] one, int[] other) {
      double product = amplitude;
      for (int g = 0; g < genes; g++) {
        product *= factors[g][apart(g, one[g], other[g])];
      }
      return product;
    }
  }
}
