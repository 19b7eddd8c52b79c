package blockfront.blocks.mixer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import blockfront.blocks.reference.Reference;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.testing.Described;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AttentionGatesTest {

  private static final Shape TOKENS = Shape.of(6, 8);
  private static final int N = 6;
  private static final int C = 8;
  private static final Setting TWO_HEADS = Setting.STANDARD.with(SoftmaxAttention.HEAD_DIM, 4);

  @Test
  void aGateOfZeroWeightsHalvesAttention() {
    Described gated = gated("elementwise").random(1).set("gate.weight", 0).set("out.bias", 0);
    double[] plain = plain().like(gated).atRandom(2);

    assertThat(gated.atRandom(2))
        .containsExactly(Arrays.stream(plain).map(y -> y / 2).toArray(), within(1e-12));
  }

  @Test
  void wideOpenHeadGatesLeavePlainAttention() {
    // a token whose last channel is large opens gates that read only that
    Described gated = gated("headwise").random(1).set("gate.weight", i -> i / 2 == 7 ? 1 : 0);
    double[] x = gated.input(2);
    for (int token = 0; token < N; token++) {
      x[token * C + 7] = 1e3;
    }

    assertThat(gated.at(x)).containsExactly(plain().like(gated).at(x), within(1e-9));
  }

  @Test
  void gatesCostOneWeightAChannelOrOneAHead() {
    assertThat(gated("elementwise").cost().parameters() - plain().cost().parameters())
        .isEqualTo(C * C);
    assertThat(gated("elementwise").cost().multiplyAdds() - plain().cost().multiplyAdds())
        .isEqualTo(N * C * C);
    assertThat(gated("headwise").cost().parameters() - plain().cost().parameters())
        .isEqualTo(C * 2);
  }

  @Test
  void withoutStretchTheSoftmaxIsPlain() {
    Described clipped =
        of(
                new ClippedSoftmaxAttention(),
                TWO_HEADS
                    .with(ClippedSoftmaxAttention.ALPHA, 0.0)
                    .with(ClippedSoftmaxAttention.ZETA, 1.0))
            .random(1);

    assertThat(clipped.atRandom(2))
        .containsExactly(plain().like(clipped).atRandom(2), within(1e-12));
  }

  @Test
  void smallWeightsAreClippedToZero() {
    double gamma = -0.1;
    double zeta = 1.05;
    double edge = -gamma / (zeta - gamma);
    double[] weights = {edge / 2, edge, edge + 1e-6, 0.5, 1};
    Tensor p = Tensor.constant(Values.of(weights), 5);

    double[] clipped =
        Reference.evaluate(ClippedSoftmaxAttention.clipped(p, gamma, zeta), Map.of(), 1).values();

    assertThat(clipped[0]).isZero();
    assertThat(clipped[1]).isCloseTo(0, within(1e-12));
    assertThat(clipped[2]).isPositive();
    assertThat(clipped[3]).isCloseTo(1.15 * 0.5 - 0.1, within(1e-12));
    assertThat(clipped[4]).isEqualTo(1);
  }

  @Test
  void clippedRowsSumToAtMostOne() {
    Tensor row = Tensor.constant(Values.of(0.7, 0.2, 0.06, 0.04), 4);

    double[] clipped =
        Reference.evaluate(ClippedSoftmaxAttention.clipped(row, -0.1, 1), Map.of(), 1).values();

    assertThat(Arrays.stream(clipped).sum()).isLessThanOrEqualTo(1).isGreaterThan(0);
  }

  @Test
  void thePresetOfTheReleaseIsNotWhatItSays() {
    Setting preset = TWO_HEADS.with(ClippedSoftmaxAttention.STRETCH, "preset");
    Described intended = of(new ClippedSoftmaxAttention(), preset).random(1);
    Described released =
        of(new ClippedSoftmaxAttention(), preset.with(ClippedSoftmaxAttention.AS_RELEASED, true))
            .like(intended);

    assertThat(released.atRandom(2)).isNotEqualTo(intended.atRandom(2));
  }

  static List<String> gates() {
    return List.of("linear", "mlp", "all_heads");
  }

  @ParameterizedTest
  @MethodSource("gates")
  void gatesOfLargeBiasLeavePlainAttention(String gate) {
    Described conditional = conditional(gate).random(1);
    conditional.set(gate.equals("mlp") ? "gate.contract.bias" : "gate.bias", 1e3);

    assertThat(conditional.atRandom(2))
        .containsExactly(plain().like(conditional).atRandom(2), within(1e-9));
  }

  @Test
  void aLinearGateHasAWeightAChannelAndABiasAHead() {
    assertThat(conditional("linear").cost().parameters() - plain().cost().parameters())
        .isEqualTo(2 * (4 + 1));
    assertThat(conditional("linear").cost().multiplyAdds() - plain().cost().multiplyAdds())
        .isEqualTo(N * C);
  }

  static Stream<TokenMixer> causal() {
    return Stream.of(
        new SoftmaxAttention(),
        new GatedAttention(),
        new ClippedSoftmaxAttention(),
        new ConditionallyGatedAttention(),
        new SparseQueryAttention(),
        new MixtureOfHeads(),
        new NeighbourhoodAttention());
  }

  @ParameterizedTest
  @MethodSource("causal")
  void causalAttentionSeesNothingLater(TokenMixer mixer) {
    Described described = of(mixer, TWO_HEADS.with(SoftmaxAttention.CAUSAL, true)).random(1);
    double[] x = described.input(2);
    double[] before = described.at(x);
    x[4 * C] += 1;
    double[] after = described.at(x);

    assertThat(Arrays.copyOf(after, 4 * C)).containsExactly(Arrays.copyOf(before, 4 * C));
    assertThat(after[4 * C]).isNotEqualTo(before[4 * C]);
  }

  private static Described plain() {
    return of(new SoftmaxAttention(), TWO_HEADS);
  }

  private static Described gated(String gate) {
    return of(new GatedAttention(), TWO_HEADS.with(GatedAttention.GATE, gate));
  }

  private static Described conditional(String gate) {
    return of(
        new ConditionallyGatedAttention(), TWO_HEADS.with(ConditionallyGatedAttention.GATE, gate));
  }

  private static Described of(TokenMixer mixer, Setting setting) {
    return Described.of(TOKENS, x -> mixer.mix(x, setting));
  }
}
