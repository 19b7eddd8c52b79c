package blockfront.blocks.mixer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import blockfront.blocks.head.HopfieldPooling;
import blockfront.blocks.reference.Array;
import blockfront.blocks.reference.Reference;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.testing.Described;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HopfieldAssociationTest {

  private static final int N = 5;
  private static final int C = 8;
  private static final int D = 4;
  private static final Shape TOKENS = Shape.of(N, C);
  private static final Setting PLAIN =
      Setting.STANDARD
          .with(HopfieldAssociation.HEAD_DIM, D)
          .with(HopfieldAssociation.NORMS, false)
          .with(HopfieldAssociation.STEPS, 0);

  @Test
  void withoutStepsAndNormsItIsAttention() {
    Described hopfield = hopfield(PLAIN).random(1);
    Described attention =
        Described.of(
                TOKENS,
                x ->
                    new SoftmaxAttention()
                        .mix(x, Setting.STANDARD.with(SoftmaxAttention.HEAD_DIM, D)))
            .like(hopfield)
            .set(
                "qkv.weight",
                i -> hopfield.values(part(i % (3 * C)) + ".weight")[i / (3 * C) * C + i % C])
            .set("qkv.bias", i -> hopfield.values(part(i) + ".bias")[i % C]);

    assertThat(hopfield.atRandom(2)).containsExactly(attention.atRandom(2), within(1e-12));
  }

  private static String part(int column) {
    return switch (column / C) {
      case 0 -> "state";
      case 1 -> "stored";
      default -> "contents";
    };
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void stepsMoveQueriesToKeys(int steps) {
    Described hopfield = hopfield(PLAIN.with(HopfieldAssociation.STEPS, steps)).random(1);
    double[] x = hopfield.input(2);
    double[] state = projected(hopfield, "state", x);
    double[] key = projected(hopfield, "stored", x);
    for (int step = 0; step < steps; step++) {
      state = DenseAttention.attend(state, key, key, N, C / D, DenseAttention.NOTHING);
    }
    double[] seen =
        DenseAttention.attend(
            state, key, projected(hopfield, "contents", x), N, C / D, DenseAttention.NOTHING);

    assertThat(hopfield.at(x))
        .containsExactly(
            DenseAttention.linear(seen, hopfield.values("out.weight"), hopfield.values("out.bias")),
            within(1e-12));
  }

  private static double[] projected(Described hopfield, String name, double[] x) {
    return DenseAttention.linear(
        x, hopfield.values(name + ".weight"), hopfield.values(name + ".bias"));
  }

  /** {@code E = -1/b log sum exp(b X s) + s's / 2}. */
  @ParameterizedTest
  @ValueSource(doubles = {0.1, 1, 5})
  void noStepRaisesTheEnergy(double beta) {
    var random = new SplittableRandom(7);
    double[] patterns = random.doubles(6 * D).map(_ -> random.nextGaussian()).toArray();
    double[] state = random.doubles(D).map(_ -> 3 * random.nextGaussian()).toArray();
    double energy = energy(state, patterns, beta);
    for (int step = 0; step < 10; step++) {
      state = stepped(state, patterns, beta);
      double lower = energy(state, patterns, beta);
      assertThat(lower).as("step %d", step).isLessThanOrEqualTo(energy + 1e-12);
      energy = lower;
    }
  }

  private static double energy(double[] state, double[] patterns, double beta) {
    double sum = 0;
    for (int p = 0; p < patterns.length / D; p++) {
      double product = 0;
      for (int c = 0; c < D; c++) {
        product += patterns[p * D + c] * state[c];
      }
      sum += Math.exp(beta * product);
    }
    double squares = Arrays.stream(state).map(s -> s * s).sum();
    return -Math.log(sum) / beta + squares / 2;
  }

  @Test
  void wellSeparatedPatternsAreFoundInOneStep() {
    double[] patterns = {9, 0, 0, 0, 0, 9, 0, 0, 0, 0, 9, 0};
    double[] near = {8, 1, -1, 2};

    double[] once = stepped(near, patterns, 1);

    assertThat(once).containsExactly(new double[] {9, 0, 0, 0}, within(1e-6));
    assertThat(stepped(once, patterns, 1)).containsExactly(once, within(1e-6));
  }

  @Test
  void aDullStateIsTheMeanAndASharpOneTheNearest() {
    double[] patterns = {4, 0, 0, 0, 0, 2, 0, 0};
    double[] state = {0.4, 0.6, 0, 0};

    assertThat(stepped(state, patterns, 1e-9))
        .containsExactly(new double[] {2, 1, 0, 0}, within(1e-6));
    assertThat(stepped(state, patterns, 1e3))
        .containsExactly(new double[] {4, 0, 0, 0}, within(1e-6));
  }

  private static double[] stepped(double[] state, double[] patterns, double beta) {
    Tensor s = Tensor.constant(Values.of(state), 1, 1, D);
    Tensor stored = Tensor.constant(Values.of(patterns), 1, patterns.length / D, D);
    Tensor sharpness = Tensor.constant(Values.of(beta), 1);
    Tensor next = HopfieldAssociation.associated(s, stored, sharpness).matmul(stored);
    return Reference.evaluate(next, Map.<Tensor, Array>of(), 1).values();
  }

  @Test
  void aLearnedSharpnessStartsAsTheUsualOne() {
    Described fixed = hopfield(PLAIN.with(HopfieldAssociation.STEPS, 2)).random(1);
    Described learned =
        hopfield(
                PLAIN
                    .with(HopfieldAssociation.STEPS, 2)
                    .with(HopfieldAssociation.BETA_LEARNED, true))
            .like(fixed);
    Described same =
        hopfield(PLAIN.with(HopfieldAssociation.STEPS, 2).with(HopfieldAssociation.BETA, 0.5))
            .like(fixed);

    assertThat(learned.values("beta")).containsOnly(1 / Math.sqrt(D));
    assertThat(learned.atRandom(2)).containsExactly(fixed.atRandom(2), within(1e-12));
    assertThat(same.atRandom(2)).containsExactly(fixed.atRandom(2), within(1e-12));
  }

  @Test
  void learnedPatternsLetNoTokensMix() {
    Described lookup =
        hopfield(
                PLAIN
                    .with(HopfieldAssociation.STORED, "learned")
                    .with(HopfieldAssociation.PATTERNS, 7)
                    .with(HopfieldAssociation.STEPS, 1))
            .random(1);
    double[] x = lookup.input(2);
    double[] before = lookup.at(x);
    x[0] += 1;
    double[] after = lookup.at(x);

    assertThat(Arrays.copyOfRange(after, C, N * C))
        .containsExactly(Arrays.copyOfRange(before, C, N * C));
    assertThat(after[0]).isNotEqualTo(before[0]);
    assertThat(lookup.values("patterns")).hasSize(7 * C);
  }

  @Test
  void eachStepCostsAsMuchAsTheReading() {
    long attention = 4L * N * C * C + 2L * N * N * C;
    assertThat(hopfield(PLAIN).cost().multiplyAdds()).isEqualTo(attention);
    assertThat(hopfield(PLAIN.with(HopfieldAssociation.STEPS, 3)).cost().multiplyAdds())
        .isEqualTo(attention + 3 * 2L * N * N * C);
    assertThat(hopfield(PLAIN).cost().parameters()).isEqualTo(4 * C * C + 4 * C);
    assertThat(hopfield(PLAIN.with(HopfieldAssociation.NORMS, true)).cost().parameters())
        .isEqualTo(4 * C * C + 4 * C + 3 * 2 * C);
  }

  /** A state that is as near to all tokens reads their mean. */
  @Test
  void poolingReadsTheTokensTogether() {
    Described pooled =
        Described.of(TOKENS, x -> new HopfieldPooling().read(x, tokens -> tokens, 3, PLAIN))
            .random(1)
            .set("pooling.state.weight", 0)
            .set("pooling.state.bias", 0);
    double[] x = pooled.input(2);
    var mean = new double[C];
    for (int i = 0; i < x.length; i++) {
      mean[i % C] += x[i] / N;
    }
    double[] found =
        DenseAttention.linear(
            DenseAttention.linear(
                mean,
                pooled.values("pooling.contents.weight"),
                pooled.values("pooling.contents.bias")),
            pooled.values("pooling.out.weight"),
            pooled.values("pooling.out.bias"));

    assertThat(pooled.at(x))
        .containsExactly(
            DenseAttention.linear(found, pooled.values("weight"), pooled.values("bias")),
            within(1e-12));
  }

  private static Described hopfield(Setting setting) {
    return Described.of(TOKENS, x -> new HopfieldAssociation().mix(x, setting));
  }
}
