package blockfront.blocks.mixer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.cost.Cost;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import blockfront.blocks.reference.Reference;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The chunked descriptions against the recurrences one token at a time. */
class LinearRecurrenceTest {

  private static final int TOKENS = 53;
  private static final int HEADS = 2;
  private static final int KEYS = 6;
  private static final int WIDTH = 10;

  private final double[][] q = random(1, TOKENS, HEADS * KEYS / 2);
  private final double[][] k = random(2, TOKENS, HEADS * KEYS / 2);
  private final double[][] v = random(3, TOKENS, WIDTH);
  private final double[][] gates = negative(random(4, TOKENS, HEADS * KEYS / 2));
  private final double[][] headGates = negative(random(5, TOKENS, HEADS));

  static Stream<Arguments> chunks() {
    return Stream.of(1, 5, 16, TOKENS).map(Arguments::of);
  }

  @ParameterizedTest
  @MethodSource("chunks")
  void withoutDecayItIsPlainCausalLinearAttention(int chunk) {
    double[][] expected = new double[TOKENS][WIDTH];
    int keys = q[0].length / HEADS;
    int values = WIDTH / HEADS;
    for (int i = 0; i < TOKENS; i++) {
      for (int j = 0; j <= i; j++) {
        for (int d = 0; d < WIDTH; d++) {
          int head = d / values;
          double weight = 0;
          for (int c = head * keys; c < (head + 1) * keys; c++) {
            weight += q[i][c] * k[j][c];
          }
          expected[i][d] += weight * v[j][d];
        }
      }
    }

    assertThat(run(new LinearRecurrence.None(), chunk))
        .containsExactly(flat(expected), within(1e-11));
    assertThat(
            run(
                new LinearRecurrence.PerChannel(constant(new double[TOKENS][q[0].length]), 0),
                chunk))
        .containsExactly(flat(expected), within(1e-11));
  }

  @ParameterizedTest
  @MethodSource("chunks")
  void channelsThatFadeEachForItself(int chunk) {
    int keys = q[0].length / HEADS;
    double[] expected = sequential((t, h, c) -> Math.exp(gates[t][h * keys + c]));

    // as products of factors, and by halves for decays without a bound
    assertThat(run(new LinearRecurrence.PerChannel(constant(gates), 0), chunk))
        .containsExactly(expected, within(1e-9));
    assertThat(
            run(new LinearRecurrence.PerChannel(constant(gates), Double.NEGATIVE_INFINITY), chunk))
        .containsExactly(expected, within(1e-12));
  }

  @ParameterizedTest
  @MethodSource("chunks")
  void headsThatFadeEachForItself(int chunk) {
    assertThat(run(new LinearRecurrence.PerHead(constant(headGates)), chunk))
        .containsExactly(sequential((t, h, c) -> Math.exp(headGates[t][h])), within(1e-12));
  }

  @ParameterizedTest
  @MethodSource("chunks")
  void headsThatFadeAtAFixedRate(int chunk) {
    Values logarithms = Values.of(Math.log(0.9), Math.log(0.97));

    assertThat(run(new LinearRecurrence.Fixed(logarithms), chunk))
        .containsExactly(sequential((t, h, c) -> Math.exp(logarithms.at(h))), within(1e-12));
  }

  @Test
  void whatForgetsAllAtOnceReadsItselfOnly() {
    double[][] gone = new double[TOKENS][q[0].length];
    Arrays.stream(gone).forEach(row -> Arrays.fill(row, -1000));
    int keys = q[0].length / HEADS;
    int values = WIDTH / HEADS;
    double[][] expected = new double[TOKENS][WIDTH];
    for (int t = 0; t < TOKENS; t++) {
      for (int d = 0; d < WIDTH; d++) {
        int head = d / values;
        for (int c = head * keys; c < (head + 1) * keys; c++) {
          expected[t][d] += q[t][c] * k[t][c] * v[t][d];
        }
      }
    }

    assertThat(run(new LinearRecurrence.PerChannel(constant(gone), -1000), 16))
        .containsExactly(flat(expected), within(1e-12));
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 20, 48})
  void aSegmentGoesOnWhereTheOneBeforeEnded(int end) {
    double[][] expected =
        Sequential.linearAttention(q, k, v, HEADS, (t, h, c) -> Math.exp(headGates[t][h]));
    LinearRecurrence.Read first = segment(0, end, Optional.empty());
    LinearRecurrence.Read second = segment(end, TOKENS, Optional.of(first.state()));

    assertThat(evaluate(second.output()))
        .containsExactly(flat(Arrays.copyOfRange(expected, end, TOKENS)), within(1e-12));
  }

  @Test
  void factorsAreUsedOnlyWhereTheyCannotOverflow() {
    // one product for all pairs of a chunk, or one for each doubling
    long bounded = pairsCost(-60.0 / 16);
    long unbounded = pairsCost(-60);

    assertThat(unbounded - bounded).isEqualTo(3L * 64 * 16 * 8);
  }

  private static long pairsCost(double least) {
    Tensor x = Tensor.input("x", Shape.of(64, 8));
    return Cost.of(
            LinearRecurrence.of(
                    x, x, x, 1, new LinearRecurrence.PerChannel(x, least), 16, Optional.empty())
                .output())
        .multiplyAdds();
  }

  private LinearRecurrence.Read segment(int from, int to, Optional<Tensor> before) {
    return LinearRecurrence.of(
        constant(Arrays.copyOfRange(q, from, to)),
        constant(Arrays.copyOfRange(k, from, to)),
        constant(Arrays.copyOfRange(v, from, to)),
        HEADS,
        new LinearRecurrence.PerHead(constant(Arrays.copyOfRange(headGates, from, to))),
        16,
        before);
  }

  private double[] sequential(Sequential.Decay decay) {
    return flat(Sequential.linearAttention(q, k, v, HEADS, decay));
  }

  private double[] run(LinearRecurrence.Decay decay, int chunk) {
    return evaluate(
        LinearRecurrence.of(
                constant(q), constant(k), constant(v), HEADS, decay, chunk, Optional.empty())
            .output());
  }

  static double[] evaluate(Tensor tensor) {
    return Reference.evaluate(List.of(tensor), Map.of(), 1).getFirst().values();
  }

  static Tensor constant(double[][] matrix) {
    return Tensor.constant(Values.of(flat(matrix)), matrix.length, matrix[0].length);
  }

  static double[] flat(double[][] matrix) {
    return Sequential.flat(matrix);
  }

  static double[][] random(long seed, int rows, int columns) {
    var random = new SplittableRandom(seed);
    return Sequential.matrix(
        random.doubles((long) rows * columns).map(_ -> random.nextGaussian()).toArray(), columns);
  }

  /** Logarithms of decays from 1 to about a tenth. */
  static double[][] negative(double[][] matrix) {
    return Sequential.map(matrix, x -> -Math.abs(x));
  }
}
