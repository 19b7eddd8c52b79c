package blockfront.blocks.graph;

/**
 * The error function, {@code 2/√π ∫₀ˣ exp(-t²) dt}, accurate to a few units in the last place.
 *
 * <p>By the two classical expansions (Abramowitz and Stegun, 7.1.6 and 7.1.14): no tables.
 */
public final class Erf {

  /** From here on the continued fraction converges fast, and what it adds to 1 is small. */
  private static final double FAR = 2;

  /** Enough for full precision from {@link #FAR} on. */
  private static final int LEVELS = 80;

  private Erf() {}

  /** In (-1, 1), rounded to the ends beyond about 6. */
  public static double erf(double x) {
    return Math.abs(x) < FAR ? series(x) : Math.copySign(1 - fraction(Math.abs(x)), x);
  }

  /** {@code 1 - erf(x)}, without the loss of digits that the difference has for large x. */
  public static double erfc(double x) {
    return x < FAR ? 1 - erf(x) : fraction(x);
  }

  /** {@code 2/√π exp(-x²) (x + 2x³/3 + 4x⁵/15 + ..)}: all terms have one sign, none cancel. */
  private static double series(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; Math.abs(term) > Math.ulp(sum) / 4; n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }

  /** The complement: {@code exp(-x²)/√π / (x + (1/2)/(x + 1/(x + (3/2)/(x + ..))))}. */
  private static double fraction(double x) {
    double tail = x;
    for (int level = LEVELS; level > 0; level--) {
      tail = x + level / 2.0 / tail;
    }
    return Math.exp(-x * x) / Math.sqrt(Math.PI) / tail;
  }
}
