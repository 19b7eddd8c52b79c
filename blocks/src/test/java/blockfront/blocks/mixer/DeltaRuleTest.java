package blockfront.blocks.mixer;

import static blockfront.blocks.mixer.LinearRecurrenceTest.constant;
import static blockfront.blocks.mixer.LinearRecurrenceTest.evaluate;
import static blockfront.blocks.mixer.LinearRecurrenceTest.flat;
import static blockfront.blocks.mixer.LinearRecurrenceTest.negative;
import static blockfront.blocks.mixer.LinearRecurrenceTest.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeltaRuleTest {

  private static final int TOKENS = 53;
  private static final int HEADS = 2;

  private final double[][] q = Sequential.unit(random(1, TOKENS, 8), HEADS);
  private final double[][] k = Sequential.unit(random(2, TOKENS, 8), HEADS);
  private final double[][] v = random(3, TOKENS, 6);
  private final double[][] beta = Sequential.map(random(4, TOKENS, HEADS), Sequential::sigmoid);
  private final double[][] gates = negative(random(5, TOKENS, HEADS));

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 5, 16, TOKENS})
  void chunksAgreeWithTheSequence(int chunk) {
    assertThat(run(k, v, beta, Optional.empty(), chunk))
        .containsExactly(
            flat(Sequential.deltaRule(q, k, v, beta, HEADS, Sequential.NONE)), within(1e-12));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 5, 16, TOKENS})
  void chunksThatFadeAgreeWithTheSequence(int chunk) {
    assertThat(run(k, v, beta, Optional.of(gates), chunk))
        .containsExactly(
            flat(Sequential.deltaRule(q, k, v, beta, HEADS, (t, h, c) -> Math.exp(gates[t][h]))),
            within(1e-12));
  }

  @Test
  void withoutFadingTheGatedRuleIsThePlainOne() {
    assertThat(run(k, v, beta, Optional.of(new double[TOKENS][HEADS]), 16))
        .containsExactly(run(k, v, beta, Optional.empty(), 16), within(1e-13));
  }

  @Test
  void whatCorrectsNothingReadsNothing() {
    assertThat(run(k, v, new double[TOKENS][HEADS], Optional.empty(), 16)).containsOnly(0);
  }

  /** Keys that are the axes, written in turn: each is read back, though it was written before. */
  @Test
  void aNewValueTakesThePlaceOfTheOld() {
    int keys = 4;
    double[][] axes = new double[12][keys];
    double[][] ones = new double[12][1];
    for (int t = 0; t < 12; t++) {
      axes[t][t % keys] = 1;
      ones[t][0] = 1;
    }
    double[][] values = random(6, 12, 3);

    double[] read =
        evaluate(
            DeltaRule.of(
                    constant(axes),
                    constant(axes),
                    constant(values),
                    constant(ones),
                    Optional.empty(),
                    1,
                    5)
                .output());

    assertThat(read).containsExactly(flat(values), within(1e-13));
  }

  @Test
  void zeroKeysStayZeros() {
    double[] unit = evaluate(DeltaRule.normalised(constant(new double[3][4]), 2, 1));

    assertThat(unit).containsOnly(0);
  }

  @Test
  void keysAreBroughtToTheLengthAsked() {
    double[][] x = random(7, 5, 8);

    assertThat(evaluate(DeltaRule.normalised(constant(x), 2, 0.5)))
        .containsExactly(flat(Sequential.map(Sequential.unit(x, 2), c -> c / 2)), within(1e-12));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 16, 21, 64})
  void inversesUndoTheirMatrices(int size) {
    double[][] m = strictlyLower(random(size, size, size));

    assertThat(distanceFromInverse(m, inverse(m))).isLessThan(1e-9);
  }

  /** Keys of a random walk: the powers of the product of Neumann's series grow like binomials. */
  @Test
  void inversesOfKeysThatResembleEachOtherAreExact() {
    int size = 64;
    double[][] keys = walk(size, 16);
    var m = new double[size][size];
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < i; j++) {
        for (int c = 0; c < 16; c++) {
          m[i][j] += keys[i][c] * keys[j][c];
        }
      }
    }

    assertThat(distanceFromInverse(m, inverse(m))).isLessThan(1e-12);
    assertThat(distanceFromInverse(m, neumann(m))).isGreaterThan(1e-3);
  }

  private static double[][] inverse(double[][] m) {
    return Sequential.matrix(
        evaluate(TriangularInverse.of(Tensor.constant(Values.of(flat(m)), 1, m.length, m.length))),
        m.length);
  }

  /** {@code (I - M)(I + M²)(I + M⁴)..}: exact on paper. */
  private static double[][] neumann(double[][] m) {
    double[][] power = m;
    double[][] product = plusIdentity(Sequential.map(m, x -> -x));
    for (int i = 2; i < m.length; i *= 2) {
      power = Sequential.times(power, power);
      product = Sequential.times(product, plusIdentity(power));
    }
    return product;
  }

  private static double distanceFromInverse(double[][] m, double[][] inverse) {
    double[][] product = Sequential.times(plusIdentity(m), inverse);
    double most = 0;
    for (int i = 0; i < m.length; i++) {
      for (int j = 0; j < m.length; j++) {
        most = Math.max(most, Math.abs(product[i][j] - (i == j ? 1 : 0)));
      }
    }
    return most;
  }

  private static double[][] plusIdentity(double[][] m) {
    double[][] sum = Arrays.stream(m).map(double[]::clone).toArray(double[][]::new);
    for (int i = 0; i < m.length; i++) {
      sum[i][i] += 1;
    }
    return sum;
  }

  private static double[][] strictlyLower(double[][] m) {
    for (int i = 0; i < m.length; i++) {
      Arrays.fill(m[i], i, m.length, 0);
      for (int j = 0; j < i; j++) {
        m[i][j] /= m.length;
      }
    }
    return m;
  }

  /** Unit vectors, each near the one before. */
  private static double[][] walk(int steps, int width) {
    var random = new SplittableRandom(8);
    var keys = new double[steps][];
    double[] at = random.doubles(width).map(_ -> random.nextGaussian()).toArray();
    for (int t = 0; t < steps; t++) {
      double length = Math.sqrt(Arrays.stream(at).map(x -> x * x).sum());
      keys[t] = Arrays.stream(at).map(x -> x / length).toArray();
      at = Arrays.stream(keys[t]).map(x -> x + 0.05 * random.nextGaussian()).toArray();
    }
    return keys;
  }

  private double[] run(
      double[][] keys, double[][] values, double[][] rates, Optional<double[][]> decay, int chunk) {
    return evaluate(
        DeltaRule.of(
                constant(q),
                constant(keys),
                constant(values),
                constant(rates),
                decay.map(LinearRecurrenceTest::constant),
                HEADS,
                chunk)
            .output());
  }
}
