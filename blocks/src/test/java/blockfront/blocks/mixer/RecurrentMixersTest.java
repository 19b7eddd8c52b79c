package blockfront.blocks.mixer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.cost.Cost;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Depth;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.testing.Described;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole mixers against their definitions, one token after another. */
class RecurrentMixersTest {

  private static final int N = 23;
  private static final int C = 8;
  private static final int HEADS = 2;
  private static final Setting TWO_HEADS = Setting.STANDARD.with(Chunks.HEADS, HEADS);

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 16, N})
  void gatedLinearAttentionIsItsRecurrence(int chunk) {
    Described block = of(new GatedLinearAttention(), TWO_HEADS, chunk).random(1);
    double[][] x = input(block);
    double[][] q = scaled(Sequential.linear(x, block, "query.weight"), 0.5 * C / HEADS);
    double[][] k = Sequential.linear(x, block, "key.weight");
    double[][] v = Sequential.linear(x, block, "value.weight");
    double[][] logits = decayLogits(x, block);
    int keys = C / 2 / HEADS;

    double[][] read =
        Sequential.linearAttention(
            q,
            k,
            v,
            HEADS,
            (t, h, c) -> Math.exp(Sequential.logSigmoid(logits[t][h * keys + c]) / 16));

    assertThat(block.at(Sequential.flat(x)))
        .containsExactly(gatedOut(read, x, block, HEADS), within(1e-12));
  }

  @Test
  void aShortConvolutionPrecedesTheRecurrence() {
    Setting setting = TWO_HEADS.with(GatedLinearAttention.SHORT_CONVOLUTION, true);
    Described block = of(new GatedLinearAttention(), setting, 16).random(1);
    double[][] x = input(block);
    double[][] q = scaled(convolved(x, block, "query"), 0.5 * C / HEADS);
    double[][] logits = decayLogits(x, block);
    int keys = C / 2 / HEADS;

    double[][] read =
        Sequential.linearAttention(
            q,
            convolved(x, block, "key"),
            convolved(x, block, "value"),
            HEADS,
            (t, h, c) -> Math.exp(Sequential.logSigmoid(logits[t][h * keys + c]) / 16));

    assertThat(block.at(Sequential.flat(x)))
        .containsExactly(gatedOut(read, x, block, HEADS), within(1e-12));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 16, N})
  void retentionIsItsRecurrence(int chunk) {
    Described block = of(new Retention(), TWO_HEADS, chunk).random(1);
    double[][] x = input(block);
    double[][] q = turned(Sequential.linear(x, block, "query.weight"), HEADS);
    double[][] k = turned(Sequential.linear(x, block, "key.weight"), HEADS);
    double[][] v = Sequential.linear(x, block, "value.weight");

    double[][] read =
        Sequential.linearAttention(
            scaled(q, (double) C / HEADS), k, v, HEADS, (t, h, c) -> 1 - Math.pow(2, -5 - h));

    assertThat(block.at(Sequential.flat(x)))
        .containsExactly(gatedOut(read, x, block, HEADS), within(1e-12));
  }

  /** (Q K' * D) V with D_ij = c^(i - j). */
  @Test
  void retentionInParallelIsTheSame() {
    double[][] q = LinearRecurrenceTest.random(1, N, 6);
    double[][] k = LinearRecurrenceTest.random(2, N, 6);
    double[][] v = LinearRecurrenceTest.random(3, N, 4);
    double decay = 1 - Math.pow(2, -5);
    var expected = new double[N][4];
    for (int i = 0; i < N; i++) {
      for (int j = 0; j <= i; j++) {
        double weight = Math.pow(decay, i - j);
        double product = 0;
        for (int c = 0; c < 6; c++) {
          product += q[i][c] * k[j][c];
        }
        for (int d = 0; d < 4; d++) {
          expected[i][d] += weight * product * v[j][d];
        }
      }
    }

    assertThat(
            LinearRecurrenceTest.evaluate(
                LinearRecurrence.of(
                        LinearRecurrenceTest.constant(q),
                        LinearRecurrenceTest.constant(k),
                        LinearRecurrenceTest.constant(v),
                        1,
                        new LinearRecurrence.Fixed(Retention.decays(1)),
                        5,
                        Optional.empty())
                    .output()))
        .containsExactly(Sequential.flat(expected), within(1e-12));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 16, N})
  void aGatedRecurrenceIsItsDefinition(int chunk) {
    Described block = layer(new GatedRecurrence(), Setting.STANDARD.with(Chunks.CHUNK, chunk));
    double[][] x = input(block);
    double[] bound = bounds(block);
    double[][] forget = forget(x, block, bound);
    double[][] content =
        Sequential.map(Sequential.linear(x, block, "mixer.value.weight"), Sequential::silu);
    var state = new double[N][C];
    for (int t = 0; t < N; t++) {
      for (int c = 0; c < C; c++) {
        double before = t == 0 ? 0 : state[t - 1][c];
        state[t][c] = forget[t][c] * before + (1 - forget[t][c]) * content[t][c];
      }
    }
    double[][] normed = Sequential.rms(state, 1, 1e-5, ones(C));
    double[][] gate =
        Sequential.map(Sequential.linear(x, block, "mixer.gate.weight"), Sequential::silu);

    assertThat(block.at(Sequential.flat(x)))
        .containsExactly(
            Sequential.flat(
                Sequential.linear(Sequential.multiply(normed, gate), block, "mixer.out.weight")),
            within(1e-12));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 16, N})
  void anExpandedRecurrenceIsGatedLinearAttentionOfItsGates(int chunk) {
    Setting setting =
        Setting.STANDARD.with(Chunks.CHUNK, chunk).with(ExpandedRecurrence.EXPANSION, 4);
    Described block = layer(new ExpandedRecurrence(), setting);
    double[][] x = input(block);
    double[][] forget = forget(x, block, bounds(block));
    double[][] q =
        Sequential.map(Sequential.linear(x, block, "mixer.query.weight"), Sequential::silu);
    double[][] v = Sequential.linear(x, block, "mixer.value.weight");

    double[][] read =
        Sequential.linearAttention(
            scaled(q, 4),
            Sequential.map(forget, f -> 1 - f),
            v,
            HEADS,
            (t, h, c) -> forget[t][h * 4 + c]);
    double[][] normed = Sequential.rms(read, 1, 1e-5, block.values("mixer.norm.gain"));

    assertThat(block.at(Sequential.flat(x)))
        .containsExactly(
            Sequential.flat(Sequential.linear(normed, block, "mixer.out.weight")), within(1e-12));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 16, N})
  void theDeltaRuleIsItsRecurrence(int chunk) {
    Described block = of(new DeltaNet(), TWO_HEADS, chunk).random(1);
    double[][] x = input(block);
    double[][] q = Sequential.unit(convolved(x, block, "query"), HEADS);
    double[][] k = Sequential.unit(convolved(x, block, "key"), HEADS);
    double[][] beta =
        Sequential.map(Sequential.linear(x, block, "beta.weight"), Sequential::sigmoid);

    double[][] read =
        Sequential.deltaRule(
            scaled(q, (double) C / HEADS),
            k,
            convolved(x, block, "value"),
            beta,
            HEADS,
            Sequential.NONE);
    double[][] normed = Sequential.rms(read, HEADS, 1e-5, block.values("norm.gain"));

    assertThat(block.at(Sequential.flat(x)))
        .containsExactly(
            Sequential.flat(Sequential.linear(normed, block, "out.weight")), within(1e-10));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 16, N})
  void theGatedDeltaRuleIsItsRecurrence(int chunk) {
    Setting setting = TWO_HEADS.with(GatedDeltaNet.NEGATIVE_EIGENVALUES, true);
    Described block = of(new GatedDeltaNet(), setting, chunk).random(1);
    double[][] x = input(block);
    double[][] q = Sequential.unit(convolved(x, block, "query"), HEADS);
    double[][] k = Sequential.unit(convolved(x, block, "key"), HEADS);
    double[][] beta =
        Sequential.map(Sequential.linear(x, block, "beta.weight"), z -> 2 * Sequential.sigmoid(z));
    double[][] step =
        Sequential.plus(Sequential.linear(x, block, "decay.weight"), block.values("decay.step"));
    double[] rate = Arrays.stream(block.values("decay.rate")).map(Math::exp).toArray();

    double[][] read =
        Sequential.deltaRule(
            scaled(q, 0.75 * C / HEADS),
            k,
            convolved(x, block, "value"),
            beta,
            HEADS,
            (t, h, c) -> Math.exp(-rate[h] * Math.log1p(Math.exp(step[t][h]))));

    assertThat(block.at(Sequential.flat(x)))
        .containsExactly(gatedOut(read, x, block, HEADS), within(1e-10));
  }

  @Test
  void gatesOfAGatedDeltaRuleStartAsItsPaperHasThem() {
    Described block =
        Described.of(
            Shape.of(4, 512),
            x -> new GatedDeltaNet().mix(x, Setting.STANDARD.with(Chunks.HEADS, 128)));

    assertThat(Arrays.stream(block.values("decay.rate")).boxed())
        .allSatisfy(a -> assertThat(Math.exp(a)).isBetween(0.0, 16.0));
    assertThat(Arrays.stream(block.values("decay.rate")).map(Math::exp).average().orElseThrow())
        .isCloseTo(8, within(1.5));
    assertThat(Arrays.stream(block.values("decay.step")).boxed())
        .allSatisfy(b -> assertThat(Math.log1p(Math.exp(b))).isBetween(0.000999, 0.1001));
  }

  /** ViG's sides: here the sequence is read in both directions by one mixer. */
  @ParameterizedTest
  @ValueSource(ints = {1, 5, 16, 24})
  void bidirectionalAttentionIsTwoRecurrences(int chunk) {
    Setting setting =
        Setting.STANDARD
            .with(BidirectionalLinearAttention.HEADS, HEADS)
            .with(BidirectionalLinearAttention.OUT_ACTIVATION, true)
            .with(Chunks.CHUNK, chunk);
    Described block = bidirectional(setting).random(1);
    double[] x = block.input(2);
    double[][] local = Sequential.map(grid(x, block), Sequential::silu);
    double[][] qkv = Sequential.linear(local, block, "qkv.weight");
    double[][] q = scaled(columns(qkv, 0, C / 2), 0.5 * C / HEADS);
    double[][] k = columns(qkv, C / 2, C);
    double[][] v = columns(qkv, C, 2 * C);
    double[][] logits = decayLogits(local, block);
    double[][] forth = oneWay(q, k, v, columns(logits, 0, C / 2));
    double[][] back =
        reversed(
            oneWay(reversed(q), reversed(k), reversed(v), reversed(columns(logits, C / 2, C))));
    var both = new double[24][C];
    for (int t = 0; t < 24; t++) {
      for (int c = 0; c < C; c++) {
        both[t][c] = (forth[t][c] + back[t][c]) / 2;
      }
    }
    double[][] far = Sequential.rms(both, HEADS, 1e-6, block.values("far.gain"));
    double[][] near = Sequential.rms(local, HEADS, 1e-6, block.values("near.gain"));
    double[][] gate =
        Sequential.map(
            Sequential.plus(
                Sequential.linear(local, block, "gate.weight"), block.values("gate.bias")),
            Sequential::sigmoid);
    var chosen = new double[24][C];
    for (int t = 0; t < 24; t++) {
      for (int c = 0; c < C; c++) {
        chosen[t][c] = Sequential.silu(far[t][c] * gate[t][c] + near[t][c] * (1 - gate[t][c]));
      }
    }

    assertThat(block.at(x))
        .containsExactly(
            Sequential.flat(Sequential.linear(chosen, block, "out.weight")), within(1e-12));
  }

  @Test
  void turningTheImageAndItsDecaysRoundTurnsTheResultRound() {
    Setting setting = Setting.STANDARD.with(BidirectionalLinearAttention.HEADS, HEADS);
    Described block = bidirectional(setting).random(1);
    double[] kernel = block.values("conv.weight");
    double[] weight = block.values("decay2.weight");
    double[] bias = block.values("decay2.bias");
    Described turned =
        bidirectional(setting)
            .like(block)
            .set("conv.weight", i -> kernel[(8 - i / C) * C + i % C])
            .set("decay2.weight", i -> weight[i / C * C + (i % C + C / 2) % C])
            .set("decay2.bias", i -> bias[(i + C / 2) % C]);
    double[] x = block.input(2);

    assertThat(turned.at(Sequential.flat(reversed(Sequential.matrix(x, C)))))
        .containsExactly(
            Sequential.flat(reversed(Sequential.matrix(block.at(x), C))), within(1e-12));
  }

  /** Decays of 1: each token sees all, itself twice over; half of that. */
  @Test
  void withoutFadingBothWaysAreFullLinearAttentionAndTheTokenItself() {
    double[][] q = LinearRecurrenceTest.random(1, N, 3);
    double[][] k = LinearRecurrenceTest.random(2, N, 3);
    double[][] v = LinearRecurrenceTest.random(3, N, 2);
    double[][] none = new double[N][3];
    double[][] forth = attention(q, k, v, none);
    double[][] back = reversed(attention(reversed(q), reversed(k), reversed(v), none));
    for (int i = 0; i < N; i++) {
      var expected = new double[2];
      for (int j = 0; j < N; j++) {
        double product = 0;
        for (int c = 0; c < 3; c++) {
          product += q[i][c] * k[j][c];
        }
        for (int d = 0; d < 2; d++) {
          expected[d] += (i == j ? 2 : 1) * product * v[j][d] / 2;
        }
      }
      for (int d = 0; d < 2; d++) {
        assertThat((forth[i][d] + back[i][d]) / 2).isCloseTo(expected[d], within(1e-11));
      }
    }
  }

  static Stream<Arguments> parameters() {
    int c = 64;
    int k = 32;
    return Stream.of(
        Arguments.of(
            new GatedLinearAttention(), 2L * c * k + 3L * c * c + 16L * c + 17L * k + c / 4),
        Arguments.of(new Retention(), 8L * c * c),
        Arguments.of(new GatedRecurrence(), 4L * c * c),
        Arguments.of(new ExpandedRecurrence(), 4L * c * c + c),
        Arguments.of(new DeltaNet(), 2L * c * c + 2L * c * c + 4L * c + 4L * (2 * c + c) + c / 4),
        Arguments.of(
            new GatedDeltaNet(),
            2L * c * 48
                + 2L * c * 96
                + 4L * c
                + 4L * (2 * 48 + 96)
                + 96 / 4
                // the gate, the decay's weights, A and its bias
                + 96L * c
                + 4L * c
                + 4
                + 4));
  }

  @ParameterizedTest
  @MethodSource("parameters")
  void parametersAreThoseOfTheFormula(TokenMixer mixer, long expected) {
    assertThat(cost(mixer, 64, 64, Setting.STANDARD).parameters()).isEqualTo(expected);
  }

  @Test
  void bidirectionalAttentionHasTheParametersOfItsFormula() {
    long c = 192;
    long k = 96;
    Cost cost =
        Described.of(
                Shape.of(14, 14, 192),
                x -> new BidirectionalLinearAttention().mix(x, Setting.STANDARD))
            .cost();

    assertThat(cost.parameters())
        .isEqualTo(
            9L * c
                + 2L * c * k
                + c * c
                + (16L * c + 16L * 2 * k + 2 * k)
                + (c * c + c)
                + c * c
                + 2 * 64);
  }

  /** The first chunk finds no state and the last leaves none: of each, one chunk fewer. */
  @Test
  void multiplyAddsAreThoseOfTheFormula() {
    long n = 64;
    long c = 64;
    long k = 32;
    long gates = n * (2L * c * k + 3L * c * c + 16L * c + 16L * k);
    long within = n * 16L * (k + c);
    long between = (n - 16) * 2L * k * c / 4;
    assertThat(cost(new GatedLinearAttention(), 64, 64, Setting.STANDARD).multiplyAdds())
        // the state of the last chunk's update is described with all others at once
        .isEqualTo(gates + within + between + 16L * k * c / 4);
    assertThat(cost(new GatedRecurrence(), 64, 64, Setting.STANDARD).multiplyAdds())
        .isEqualTo(4L * n * c * c);
    long d = c / 4;
    long inverse = n * ((16L * 16 - 1) / 3 - 1) * 4;
    assertThat(cost(new DeltaNet(), 64, 64, Setting.STANDARD).multiplyAdds())
        .isEqualTo(
            n * (4L * c * c + 4L * c + 4L * 3 * c)
                + n * 4 * 16L * (3 * d + 2 * d)
                + inverse
                // values corrected and state read by all chunks but one, updates but one
                + (n - 16) * 4 * 3L * d * d);
  }

  @Test
  void headsThatDoNotFitAreRepairedAndTold() {
    Scope.Noted<Tensor> noted =
        Scope.collectingRepairs(
            () ->
                new GatedLinearAttention()
                    .mix(Tensor.input("x", Shape.of(5, 12)), Setting.STANDARD));

    assertThat(noted.repairs()).containsExactly("4 heads do not divide 6 and 12 channels; used 3");
  }

  private static Described of(TokenMixer mixer, Setting setting, int chunk) {
    return Described.of(Shape.of(N, C), x -> mixer.mix(x, setting.with(Chunks.CHUNK, chunk)));
  }

  /** In the third of four layers. */
  private static Described layer(TokenMixer mixer, Setting setting) {
    return Described.of(
            Shape.of(N, C),
            x -> Depth.stage(4).layer(2, () -> Scope.in("mixer", () -> mixer.mix(x, setting))))
        .random(1);
  }

  private static Described bidirectional(Setting setting) {
    return Described.of(Shape.of(4, 6, C), x -> new BidirectionalLinearAttention().mix(x, setting));
  }

  private static Cost cost(TokenMixer mixer, int tokens, int channels, Setting setting) {
    return Described.of(Shape.of(tokens, channels), x -> mixer.mix(x, setting)).cost();
  }

  private static double[][] input(Described block) {
    return Sequential.matrix(block.input(2), C);
  }

  /** What softmax over the layers gives to the second and third of four. */
  private static double[] bounds(Described block) {
    double[][] table = Sequential.matrix(block.values("bounds.table"), 4);
    return Arrays.stream(table)
        .mapToDouble(
            row -> {
              double all = Arrays.stream(row).map(Math::exp).sum();
              return (Math.exp(row[1]) + Math.exp(row[2])) / all;
            })
        .toArray();
  }

  private static double[][] forget(double[][] x, Described block, double[] bound) {
    double[][] opened =
        Sequential.map(Sequential.linear(x, block, "mixer.forget.weight"), Sequential::sigmoid);
    return IntStream.range(0, x.length)
        .mapToObj(
            t ->
                IntStream.range(0, C)
                    .mapToDouble(c -> bound[c] + (1 - bound[c]) * opened[t][c])
                    .toArray())
        .toArray(double[][]::new);
  }

  private static double[][] decayLogits(double[][] x, Described block) {
    return Sequential.plus(
        Sequential.linear(Sequential.linear(x, block, "decay1.weight"), block, "decay2.weight"),
        block.values("decay2.bias"));
  }

  private static double[][] convolved(double[][] x, Described block, String name) {
    return Sequential.map(
        Sequential.causalConvolution(
            Sequential.linear(x, block, name + ".weight"), block, name + ".conv.weight"),
        Sequential::silu);
  }

  private static double[] gatedOut(double[][] read, double[][] x, Described block, int heads) {
    double[] gain =
        block.names().contains("norm.gain") ? block.values("norm.gain") : ones(read[0].length);
    double[][] normed = Sequential.rms(read, heads, 1e-5, gain);
    double[][] gate = Sequential.map(Sequential.linear(x, block, "gate.weight"), Sequential::silu);
    return Sequential.flat(
        Sequential.linear(Sequential.multiply(normed, gate), block, "out.weight"));
  }

  private static double[][] scaled(double[][] x, double width) {
    return Sequential.map(x, y -> y / Math.sqrt(width));
  }

  /** Pairs of channels half a head apart, turned by the place. */
  private static double[][] turned(double[][] x, int heads) {
    int width = x[0].length / heads;
    var y = new double[x.length][x[0].length];
    for (int t = 0; t < x.length; t++) {
      for (int h = 0; h < heads; h++) {
        for (int i = 0; i < width / 2; i++) {
          double angle = t * Math.pow(10_000, -2.0 * i / width);
          int a = h * width + i;
          int b = a + width / 2;
          y[t][a] = x[t][a] * Math.cos(angle) - x[t][b] * Math.sin(angle);
          y[t][b] = x[t][b] * Math.cos(angle) + x[t][a] * Math.sin(angle);
        }
      }
    }
    return y;
  }

  private static double[][] oneWay(double[][] q, double[][] k, double[][] v, double[][] logits) {
    return Sequential.linearAttention(
        q,
        k,
        v,
        HEADS,
        (t, h, c) -> Math.exp(Sequential.logSigmoid(logits[t][h * C / 2 / HEADS + c]) / 16));
  }

  private static double[][] attention(
      double[][] q, double[][] k, double[][] v, double[][] logarithms) {
    return Sequential.matrix(
        LinearRecurrenceTest.evaluate(
            LinearRecurrence.of(
                    LinearRecurrenceTest.constant(q),
                    LinearRecurrenceTest.constant(k),
                    LinearRecurrenceTest.constant(v),
                    1,
                    new LinearRecurrence.PerChannel(LinearRecurrenceTest.constant(logarithms), 0),
                    5,
                    Optional.empty())
                .output()),
        v[0].length);
  }

  /** The 3x3 convolution of each channel of a grid of 4x6. */
  private static double[][] grid(double[] x, Described block) {
    double[] kernel = block.values("conv.weight");
    var y = new double[24][C];
    for (int row = 0; row < 4; row++) {
      for (int column = 0; column < 6; column++) {
        for (int dy = -1; dy <= 1; dy++) {
          for (int dx = -1; dx <= 1; dx++) {
            int r = row + dy;
            int q = column + dx;
            for (int c = 0; c < C && r >= 0 && r < 4 && q >= 0 && q < 6; c++) {
              y[row * 6 + column][c] +=
                  kernel[((dy + 1) * 3 + dx + 1) * C + c] * x[(r * 6 + q) * C + c];
            }
          }
        }
      }
    }
    return y;
  }

  private static double[][] columns(double[][] x, int from, int to) {
    return Arrays.stream(x).map(row -> Arrays.copyOfRange(row, from, to)).toArray(double[][]::new);
  }

  private static double[][] reversed(double[][] x) {
    return IntStream.range(0, x.length).mapToObj(t -> x[x.length - 1 - t]).toArray(double[][]::new);
  }

  private static double[] ones(int count) {
    var ones = new double[count];
    Arrays.fill(ones, 1);
    return ones;
  }
}
