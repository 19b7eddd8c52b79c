package blockfront.blocks.mixer;

/**
 * The linear system whose state holds the last {@code window} of its input as coefficients of
 * shifted Legendre polynomials: {@code A_ij = (2i + 1) / window (-1 if i < j, else (-1)^(i-j+1))},
 * {@code B_i = (2i + 1) (-1)^i / window}, held for a step (zero-order hold).
 *
 * <p>(<a href="https://papers.nips.cc/paper/9689">Voelker et al., 2019</a>.) Immutable.
 */
final class LegendreDelay {

  private final double[][] transition;
  private final double[] input;

  private LegendreDelay(double[][] transition, double[] input) {
    this.transition = transition;
    this.input = input;
  }

  static LegendreDelay of(int order, double window) {
    // the exponential of [[A, B], [0, 0]] is [[transition, input], [0, 1]]
    var joint = new double[order + 1][order + 1];
    for (int i = 0; i < order; i++) {
      double rate = (2 * i + 1) / window;
      for (int j = 0; j < order; j++) {
        joint[i][j] = i < j || (i - j) % 2 == 0 ? -rate : rate;
      }
      joint[i][order] = i % 2 == 0 ? rate : -rate;
    }
    double[][] held = exponential(joint);
    var transition = new double[order][order];
    var input = new double[order];
    for (int i = 0; i < order; i++) {
      System.arraycopy(held[i], 0, transition[i], 0, order);
      input[i] = held[i][order];
    }
    return new LegendreDelay(transition, input);
  }

  /** From one token to the next, {@code [to][from]}. */
  double[][] transition() {
    return product(transition, identity(order()));
  }

  /** What a token of 1 adds. */
  double[] input() {
    return input.clone();
  }

  int order() {
    return input.length;
  }

  /** What an input of 1 has become after 0, 1, .. tokens, {@code [tokens][order]}. */
  double[][] responses(int tokens) {
    var responses = new double[tokens][];
    responses[0] = input.clone();
    for (int t = 1; t < tokens; t++) {
      var next = new double[order()];
      for (int i = 0; i < order(); i++) {
        for (int j = 0; j < order(); j++) {
          next[i] += transition[i][j] * responses[t - 1][j];
        }
      }
      responses[t] = next;
    }
    return responses;
  }

  /** The transition over 1, 2, .. tokens. */
  double[][][] powers(int tokens) {
    var powers = new double[tokens][][];
    powers[0] = transition;
    for (int t = 1; t < tokens; t++) {
      powers[t] = product(powers[t - 1], transition);
    }
    return powers;
  }

  /** By Taylor's series of a small fraction, squared again and again. */
  static double[][] exponential(double[][] m) {
    int size = m.length;
    double norm = 0;
    for (double[] row : m) {
      double sum = 0;
      for (double entry : row) {
        sum += Math.abs(entry);
      }
      norm = Math.max(norm, sum);
    }
    int squarings = Math.max(0, Math.getExponent(norm) + 2);
    double scale = Math.scalb(1.0, -squarings);
    var small = new double[size][size];
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        small[i][j] = m[i][j] * scale;
      }
    }
    // at a norm of at most a half, 18 terms leave less than 1e-21
    double[][] sum = identity(size);
    for (int term = 18; term >= 1; term--) {
      sum = product(small, sum);
      for (int i = 0; i < size; i++) {
        for (int j = 0; j < size; j++) {
          sum[i][j] = sum[i][j] / term + (i == j ? 1 : 0);
        }
      }
    }
    for (int i = 0; i < squarings; i++) {
      sum = product(sum, sum);
    }
    return sum;
  }

  private static double[][] identity(int size) {
    var identity = new double[size][size];
    for (int i = 0; i < size; i++) {
      identity[i][i] = 1;
    }
    return identity;
  }

  private static double[][] product(double[][] a, double[][] b) {
    var c = new double[a.length][b[0].length];
    for (int i = 0; i < a.length; i++) {
      for (int k = 0; k < b.length; k++) {
        double factor = a[i][k];
        for (int j = 0; j < b[0].length; j++) {
          c[i][j] += factor * b[k][j];
        }
      }
    }
    return c;
  }
}
