package blockfront.blocks.mixer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.graph.Gradient;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import blockfront.blocks.mixer.MixtureOfHeads.Working;
import blockfront.blocks.reference.Array;
import blockfront.blocks.reference.Reference;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.testing.Described;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MixtureOfHeadsTest {

  private static final int N = 5;
  private static final int C = 16;
  private static final int H = 8;
  private static final Shape TOKENS = Shape.of(N, C);

  @Test
  void zeroRoutersThatChooseAllArePlainAttention() {
    Described mixture =
        moh(0.25, 1)
            .random(1)
            .set("router.shared.weight", 0)
            .set("router.routed.weight", 0)
            .set("router.balance.weight", 0);

    assertThat(mixture.atRandom(2))
        .containsExactly(plain().like(mixture).atRandom(2), within(1e-12));
  }

  /** All of it by loops: gates, choice and balance. */
  @ParameterizedTest
  @CsvSource({"0.25, 0.75", "0.125, 0.5", "0, 0.5", "0.5, 0.5", "1, 1"})
  void headsAreWeighedByTheirGates(double shared, double active) {
    Described mixture = moh(shared, active).random(1);
    double[] x = mixture.input(2);
    int always = (int) (shared * H);
    int chosen = (int) (active * H) - always;
    double[] qkv =
        DenseAttention.linear(x, mixture.values("qkv.weight"), mixture.values("qkv.bias"));
    double[] seen =
        DenseAttention.attend(
            DenseAttention.columns(qkv, 3 * C, 0, C),
            DenseAttention.columns(qkv, 3 * C, C, 2 * C),
            DenseAttention.columns(qkv, 3 * C, 2 * C, 3 * C),
            N,
            H,
            DenseAttention.NOTHING);
    for (int token = 0; token < N; token++) {
      double[] gates =
          gates(mixture, Arrays.copyOfRange(x, token * C, (token + 1) * C), always, chosen);
      for (int c = 0; c < C; c++) {
        seen[token * C + c] *= gates[c / (C / H)];
      }
    }

    assertThat(mixture.at(x))
        .containsExactly(
            DenseAttention.linear(seen, mixture.values("out.weight"), mixture.values("out.bias")),
            within(1e-12));
  }

  private static double[] gates(Described mixture, double[] x, int always, int chosen) {
    var gates = new double[H];
    double[] balance = {1, 1};
    if (always > 0 && chosen > 0) {
      balance =
          softmax(DenseAttention.linear(x, mixture.values("router.balance.weight"), new double[2]));
      balance[0] *= 2;
      balance[1] *= 2;
    }
    if (always == 1) {
      gates[0] = balance[0];
    } else if (always > 1) {
      double[] loud =
          softmax(
              DenseAttention.linear(x, mixture.values("router.shared.weight"), new double[always]));
      for (int i = 0; i < always; i++) {
        gates[i] = always * loud[i] * balance[0];
      }
    }
    if (chosen > 0) {
      int routed = H - always;
      double[] likes =
          softmax(
              DenseAttention.linear(x, mixture.values("router.routed.weight"), new double[routed]));
      List<Integer> best =
          IntStream.range(0, routed)
              .boxed()
              .sorted(Comparator.comparingDouble(i -> -likes[i]))
              .limit(chosen)
              .toList();
      double sum = best.stream().mapToDouble(i -> likes[i]).sum();
      best.forEach(i -> gates[always + i] = chosen * likes[i] / sum);
      for (int i : best) {
        gates[always + i] *= balance[1];
      }
    }
    return gates;
  }

  private static double[] softmax(double[] x) {
    double sum = Arrays.stream(x).map(Math::exp).sum();
    return Arrays.stream(x).map(each -> Math.exp(each) / sum).toArray();
  }

  @Test
  void theGreatestAreChosenAndOfEqualsTheFirst() {
    assertThat(greatest(2, 0.3, 0.1, 0.5, 0.4)).containsExactly(0, 0, 1, 1);
    assertThat(greatest(2, 1, 1, 1, 1)).containsExactly(1, 1, 0, 0);
    assertThat(greatest(3, 2, 7, 2, 2)).containsExactly(1, 1, 1, 0);
    assertThat(greatest(4, 2, 7, 2, 2)).containsExactly(1, 1, 1, 1);
  }

  private static double[] greatest(int k, double... row) {
    Tensor x = Tensor.constant(Values.of(row), 1, row.length);
    return Reference.evaluate(MixtureOfHeads.greatest(x, k), Map.of(), 1).values();
  }

  @Test
  void theBestOfManyRowsAreThoseThatSortingFinds() {
    var random = new SplittableRandom(4);
    for (int round = 0; round < 50; round++) {
      double[] row = random.doubles(7).toArray();
      int k = 1 + round % 7;
      var expected = new ArrayList<Integer>();
      IntStream.range(0, 7)
          .boxed()
          .sorted(Comparator.comparingDouble(i -> -row[i]))
          .limit(k)
          .forEach(expected::add);
      double[] mask = greatest(k, row);
      assertThat(IntStream.range(0, 7).filter(i -> mask[i] == 1).boxed())
          .as("round %d", round)
          .containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  @Test
  void onlyChosenHeadsTeachTheRouter() {
    Tensor logits = Tensor.input("logits", Shape.of(1, 4));
    Tensor upstream = Tensor.input("upstream", Shape.of(1, 4));
    Tensor gradient =
        Gradient.of(MixtureOfHeads.chosen(logits, 2), upstream, List.of(logits))
            .firstEntry()
            .getValue();
    double[] slopes =
        Reference.evaluate(
                gradient,
                Map.of(
                    logits, Array.of(logits, 1, 0.2, 1.5, -0.4, 0.9),
                    upstream, Array.of(upstream, 1, 1.0, 2.0, 3.0, 5.0)),
                1)
            .values();

    assertThat(slopes[0]).isCloseTo(0, within(1e-12));
    assertThat(slopes[2]).isCloseTo(0, within(1e-12));
    assertThat(slopes[1]).isNotCloseTo(0, within(1e-3));
    assertThat(slopes[3]).isCloseTo(-slopes[1], within(1e-12));
  }

  @Test
  void imbalanceIsLeastWhereAllHeadsAreUsedAlike() {
    // 3 tokens like 4 heads; the two best of each are 0 and 1, 1 and 2, 0 and 1
    double[] likes = {2, 1, 0, -1, 0, 1, 2, 0, 3, 2.5, 0, 0};
    double[] mean = new double[4];
    for (int token = 0; token < 3; token++) {
      double[] shares = softmax(Arrays.copyOfRange(likes, 4 * token, 4 * token + 4));
      for (int head = 0; head < 4; head++) {
        mean[head] += shares[head] / 3;
      }
    }
    double expected = 16 * (mean[0] * 2 / 3 + mean[1] + mean[2] / 3) / 4;

    assertThat(imbalance(likes)).isCloseTo(expected, within(1e-12));
    assertThat(imbalance(0, 0, 0, 0)).isCloseTo(2, within(1e-12));
  }

  private static double imbalance(double... likes) {
    Tensor logits = Tensor.constant(Values.of(likes), likes.length / 4, 4);
    return Reference.evaluate(MixtureOfHeads.imbalance(logits, 2), Map.of(), 1).at(0);
  }

  @Test
  void trainingIsToldOfTheImbalance() {
    Tensor x = Tensor.input("x", TOKENS);

    assertThat(penalties(() -> new MixtureOfHeads().mix(x, setting(0.25, 0.75))))
        .as("answering")
        .isEmpty();
    assertThat(
            Scope.inTraining(
                () -> penalties(() -> new MixtureOfHeads().mix(x, setting(0.25, 0.75)))))
        .singleElement()
        .satisfies(
            penalty -> {
              assertThat(penalty.kind()).isEqualTo("moh");
              assertThat(penalty.value().shape()).isEqualTo(Shape.of(1));
            });
  }

  private static List<Scope.Penalty> penalties(Supplier<Tensor> description) {
    return Scope.collectingPenalties(description).penalties();
  }

  @Test
  void edgesOfTheShares() {
    assertThat(MixtureOfHeads.working(8, setting(0.25, 0.75))).isEqualTo(new Working(2, 6, 4));
    // more than there are
    assertThat(MixtureOfHeads.working(8, setting(0.25, 1))).isEqualTo(new Working(2, 6, 6));
    // shared ones only
    assertThat(MixtureOfHeads.working(8, setting(1, 1))).isEqualTo(new Working(8, 0, 0));
    // never none
    assertThat(MixtureOfHeads.working(8, setting(0, 0))).isEqualTo(new Working(0, 8, 1));
    assertThat(MixtureOfHeads.working(1, setting(0.25, 0.75))).isEqualTo(new Working(0, 1, 1));
  }

  @Test
  void routersCostAWeightAHead() {
    var cost = moh(0.25, 0.75).cost();

    assertThat(cost.parameters() - plain().cost().parameters()).isEqualTo(C * (2 + 6 + 2));
    assertThat(cost.multiplyAdds() - plain().cost().multiplyAdds())
        .isEqualTo((long) N * C * (H + 2));
    assertThat(moh(0.125, 0.75).cost().parameters() - plain().cost().parameters())
        .as("one shared head needs no gate of its own")
        .isEqualTo(C * (7 + 2));
  }

  @Test
  void neededIsWhatTheWorkingHeadsNeed() {
    long products = 2L * N * N * C;

    assertThat(MixtureOfHeads.neededMultiplyAdds(N, C, setting(0.25, 0.75)))
        .isEqualTo(moh(0.25, 0.75).cost().multiplyAdds() - products / 4);
  }

  private static Described moh(double shared, double active) {
    return Described.of(TOKENS, x -> new MixtureOfHeads().mix(x, setting(shared, active)));
  }

  private static Described plain() {
    Setting setting = Setting.STANDARD.with(SoftmaxAttention.HEAD_DIM, C / H);
    return Described.of(TOKENS, x -> new SoftmaxAttention().mix(x, setting));
  }

  private static Setting setting(double shared, double active) {
    return Setting.STANDARD
        .with(MixtureOfHeads.HEAD_DIM, C / H)
        .with(MixtureOfHeads.SHARED, shared)
        .with(MixtureOfHeads.ACTIVE, active);
  }
}
