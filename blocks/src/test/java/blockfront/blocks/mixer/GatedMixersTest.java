package blockfront.blocks.mixer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.channel.Mlp;
import blockfront.blocks.cost.Cost;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.network.Network;
import blockfront.blocks.network.Stage;
import blockfront.blocks.spi.Choice;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.stem.PatchEmbed;
import blockfront.blocks.testing.Described;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Mixers that gate: NiNformer, MAXIM, HorNet and SMT. */
class GatedMixersTest {

  private static final int H = 6;
  private static final int W = 4;
  private static final int N = H * W;
  private static final int C = 8;
  private static final Shape GRID = Shape.of(H, W, C);

  // ---- NiNformer

  @Test
  void aGateWhoseMlpsAreZeroIsTheTokensThemselves() {
    Described mixer =
        of(new NinformerMixer(), Setting.STANDARD)
            .random(1)
            .set("gate.tokens.contract.weight", 0)
            .set("gate.tokens.contract.bias", 0)
            .set("gate.channels.contract.weight", 0)
            .set("gate.channels.contract.bias", 0);
    Described content =
        Described.of(GRID, x -> Scope.in("content", () -> x.linear(C)).times(x)).like(mixer);

    assertThat(mixer.atRandom(2)).containsExactly(content.atRandom(2), within(1e-12));
  }

  @Test
  void ninformerCostsALinearLayerAndTwoMlps() {
    Cost cost = of(new NinformerMixer(), Setting.STANDARD).cost();
    int f = 2 * C;

    assertThat(cost.parameters())
        .isEqualTo(C * C + C + (2 * C + 2 * N * f + f + N) + (2 * C + 2 * C * f + f + C));
    assertThat(cost.multiplyAdds()).isEqualTo(N * C * C + 2 * N * f * C + 2 * N * C * f);
  }

  /** With the norm, the MLP and 64 tokens of 256 channels: the paper's layer. */
  @Test
  void aLayerOfNinformerHasOneNormUnlessToldOtherwise() {
    Choice mixer = Choice.of("ninformer");
    Cost shared = layer(mixer);
    Cost own = layer(mixer.with(NinformerMixer.SHARED_NORM, false));

    assertThat(shared.parameters()).isEqualTo(659_264);
    assertThat(shared.multiplyAdds()).isEqualTo(54_525_952);
    assertThat(own.parameters() - shared.parameters()).isEqualTo(2 * 256);
  }

  private static Cost layer(Choice mixer) {
    Layer layer =
        new Layer(
            Choice.of("metaformer_block"),
            Choice.of("layer_norm"),
            Optional.of(mixer),
            Optional.of(Choice.of("mlp").with(Mlp.EXPANSION, 2)),
            0);
    var architecture =
        new Architecture(
            Shape.of(32, 32, 3),
            10,
            Choice.of("patch_embed").with(PatchEmbed.PATCH, 4),
            Choice.of("no_position"),
            List.of(new Stage(256, Optional.empty(), List.of(layer))),
            Choice.of("no_norm"),
            Choice.of("mean_pool"));
    return Cost.byScope(Network.of(architecture, Catalogue.load()).logits(), 2)
        .getOrDefault("stages.0", Cost.NONE);
  }

  // ---- MAXIM

  private static final Setting SMALL =
      Setting.STANDARD.with(MultiAxisGate.BLOCK, 2).with(MultiAxisGate.GRID, 2);

  @Test
  void withoutSpatialWeightsNothingIsMixed() {
    Described gate =
        of(new MultiAxisGate(), SMALL)
            .random(1)
            .set("grid.gate.weight", 0)
            .set("block.gate.weight", 0);

    assertThat(reached(gate, 9)).containsExactly(9);
  }

  @Test
  void blocksMixTheirOwnTokens() {
    Described gate = of(new MultiAxisGate(), SMALL).random(1).set("grid.gate.weight", 0);

    // row 2, column 1: the block of rows 2 and 3, columns 0 and 1
    assertThat(reached(gate, 9)).containsExactly(8, 9, 12, 13);
  }

  @Test
  void gridsMixTokensOfTheSamePlaceInEachPatch() {
    Described gate = of(new MultiAxisGate(), SMALL).random(1).set("block.gate.weight", 0);

    // patches of 3x2: rows 2 and 5, columns 1 and 3
    assertThat(reached(gate, 9)).containsExactly(9, 11, 21, 23);
  }

  /** A block of 3x3 cells of which only the first column has tokens: the others are not read. */
  @Test
  void paddingIsNotSeen() {
    Setting threes = Setting.STANDARD.with(MultiAxisGate.BLOCK, 3).with(MultiAxisGate.GRID, 1);
    Described gate =
        Described.of(Shape.of(3, 4, C), x -> new MultiAxisGate().mix(x, threes)).random(1);
    double[] x = gate.input(2);
    double[] before = gate.at(x);
    double[] weights = gate.values("block.gate.weight");
    gate.set("block.gate.weight", i -> i % 3 == 0 ? weights[i] : 1e3);
    double[] after = gate.at(x);

    for (int token = 0; token < 12; token++) {
      boolean alone = token % 4 == 3;
      assertThat(Arrays.equals(before, token * C, token * C + C, after, token * C, token * C + C))
          .as("token %d", token)
          .isEqualTo(alone);
    }
  }

  @Test
  void maximCostsWhatItsFormulaSays() {
    Setting setting = Setting.STANDARD.with(MultiAxisGate.BLOCK, 2).with(MultiAxisGate.GRID, 1);
    Cost cost = of(new MultiAxisGate(), setting).cost();
    int block = gate(4);
    int grid = gate(1);

    assertThat(cost.parameters()).isEqualTo(2 * C * C + 2 * C + block + grid + 2 * C * C + C);
    assertThat(cost.multiplyAdds())
        .isEqualTo(
            N * 2 * C * C
                + N * (2 * C * C + C * 4 + C * C)
                + N * (2 * C * C + C * 1 + C * C)
                + N * 2 * C * C);
  }

  private static int gate(int cells) {
    return 2 * C + 2 * C * C + 2 * C + 2 * C + cells * cells + cells + C * C + C;
  }

  @Test
  void asReleasedTheGridHasTheSideOfABlock() {
    Setting wide = Setting.STANDARD.with(MultiAxisGate.BLOCK, 2).with(MultiAxisGate.GRID, 4);

    assertThat(of(new MultiAxisGate(), wide.with(MultiAxisGate.AS_RELEASED, true)).cost())
        .isEqualTo(of(new MultiAxisGate(), SMALL).cost())
        .isNotEqualTo(of(new MultiAxisGate(), wide).cost());
  }

  @Test
  void blocksLargerThanTheGridAreRepaired() {
    assertThat(repairs(new MultiAxisGate(), SMALL.with(MultiAxisGate.BLOCK, 5), GRID))
        .containsExactly("Blocks of 5x5 do not fit a grid of 6x4; used 5x4");
  }

  /** The tokens that change when one does. */
  private static List<Integer> reached(Described described, int token) {
    double[] x = described.input(3);
    double[] before = described.at(x);
    x[token * C] += 1;
    double[] after = described.at(x);
    return IntStream.range(0, N)
        .filter(i -> !Arrays.equals(before, i * C, (i + 1) * C, after, i * C, (i + 1) * C))
        .boxed()
        .toList();
  }

  // ---- HorNet

  @Test
  void ofOrderOneItIsAGatedConvolution() {
    Setting once =
        Setting.STANDARD
            .with(RecursiveGate.ORDER, 1)
            .with(RecursiveGate.KERNEL, 3)
            .with(RecursiveGate.SCALE, 0.5);
    Described gate = of(new RecursiveGate(), once).random(1);
    Described written =
        Described.of(
                GRID,
                x -> {
                  Tensor both = Scope.in("expand", () -> x.linear(2 * C));
                  Tensor local =
                      Scope.in(
                          "local", () -> DepthwiseConvolution.convolve(both.slice(2, C, 2 * C), 3));
                  Tensor gated = both.slice(2, 0, C).times(local.times(0.5));
                  return Scope.in("contract", () -> gated.linear(C));
                })
            .like(gate);

    assertThat(gate.atRandom(2)).containsExactly(written.atRandom(2), within(1e-12));
  }

  @Test
  void withoutKernelsOnlyABiasIsLeft() {
    Described gate =
        of(new RecursiveGate(), Setting.STANDARD)
            .random(1)
            .set("local.weight", 0)
            .set("local.bias", 0);
    double[] bias = gate.values("contract.bias");
    double[] y = gate.atRandom(2);

    // later gates are 0 too
    for (int i = 0; i < y.length; i++) {
      assertThat(y[i]).isCloseTo(bias[i % C], within(1e-12));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void hornetCostsWhatItsFormulaSays(int order) {
    Cost cost = of(new RecursiveGate(), Setting.STANDARD.with(RecursiveGate.ORDER, order)).cost();
    int[] widths = IntStream.range(0, order).map(i -> C >> (order - 1 - i)).toArray();
    int gates = Arrays.stream(widths).sum();
    int products = IntStream.range(1, order).map(i -> widths[i - 1] * widths[i]).sum();
    int biases = gates - widths[0];

    assertThat(widths[0] + gates).isEqualTo(2 * C);
    assertThat(cost.parameters())
        .isEqualTo(2 * C * C + 2 * C + 50 * gates + products + biases + C * C + C);
    assertThat(cost.multiplyAdds()).isEqualTo((long) N * (3 * C * C + 49 * gates + products));
  }

  @Test
  void aGlobalFilterTakesHalfOfTheGates() {
    Setting global =
        Setting.STANDARD.with(RecursiveGate.ORDER, 2).with(RecursiveGate.FILTER, "global");
    Cost cost = of(new RecursiveGate(), global).cost();
    int gates = C + C / 2;

    assertThat(cost.parameters())
        .isEqualTo(
            2 * C * C
                + 2 * C
                + 9 * gates / 2
                + 2 * H * (W / 2 + 1) * gates / 2
                + 4 * gates
                + C / 2 * C
                + C
                + C * C
                + C);
    assertThat(reached(of(new RecursiveGate(), global).random(1), 0)).hasSize(N);
  }

  @ParameterizedTest
  @CsvSource({
    "72, 5, convolution, 72 channels cannot be halved often enough for order 5; used 4",
    "24, 5, global, 24 channels cannot be halved often enough for order 5; used 3"
  })
  void ordersThatWidthsDoNotAllowAreRepaired(
      int channels, int order, String filter, String repair) {
    Setting setting =
        Setting.STANDARD.with(RecursiveGate.ORDER, order).with(RecursiveGate.FILTER, filter);

    assertThat(repairs(new RecursiveGate(), setting, Shape.of(8, 8, channels)))
        .containsExactly(repair);
  }

  @Test
  void oddChannelsHaveNoGlobalHalf() {
    Setting global =
        Setting.STANDARD.with(RecursiveGate.ORDER, 1).with(RecursiveGate.FILTER, "global");

    assertThatThrownBy(() -> new RecursiveGate().mix(Tensor.input("x", Shape.of(8, 8, 9)), global))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Recursive gated convolution with a global filter cannot halve 9 channels");
  }

  // ---- SMT

  @Test
  void aModulatorOfOnesLeavesTheValues() {
    Described modulation =
        of(new ScaleAwareModulation(), Setting.STANDARD)
            .random(1)
            .set("modulator.weight", 0)
            .set("modulator.bias", 1);
    Described values =
        Described.of(
                GRID,
                x -> {
                  Tensor value = Scope.in("value", () -> x.linear(C));
                  return Scope.in("out", () -> value.linear(C));
                })
            .like(modulation);

    assertThat(modulation.atRandom(2)).containsExactly(values.atRandom(2), within(1e-12));
    assertThat(reached(modulation, 9)).containsExactly(9);
  }

  /** Head i sees i + 1 cells to each side; a group has a channel of every head. */
  @Test
  void headsSeeFartherAndFartherAndGroupsHaveOneChannelOfEach() {
    Described modulation = of(new ScaleAwareModulation(), Setting.STANDARD).random(1);
    modulation
        .set("scales.weight", i -> i / C == i % C ? 1 : 0)
        .set("scales.bias", 0)
        .set("value.weight", 0)
        .set("value.bias", 1)
        .set("out.weight", i -> i / C == i % C ? 1 : 0)
        .set("out.bias", 0);
    // channels 0 to 3 of the result read the first group, 4 to 7 the second
    modulation.set(
        "modulator.weight", i -> i / C < C == i % C < C / 2 && i / C % 8 == i % C % 4 ? 1 : 0);
    double[] x = modulation.input(3);
    double[] before = modulation.at(x);
    x[9 * C + 1] += 1; // the second channel of the first head
    double[] after = modulation.at(x);
    int[] firstGroup = {0, 1, 2, 3};

    for (int token = 0; token < N; token++) {
      for (int channel : firstGroup) {
        assertThat(after[token * C + channel]).isEqualTo(before[token * C + channel]);
      }
      boolean near = Math.abs(token / W - 2) <= 1 && Math.abs(token % W - 1) <= 1;
      boolean changed =
          !Arrays.equals(before, token * C + 4, token * C + 8, after, token * C + 4, token * C + 8);
      assertThat(changed).as("token %d", token).isEqualTo(near);
    }
  }

  @Test
  void smtCostsWhatItsFormulaSays() {
    Cost cost = of(new ScaleAwareModulation(), Setting.STANDARD).cost();
    int kernels = 9 + 25 + 49 + 81;

    assertThat(cost.parameters())
        .isEqualTo(
            2 * (C * C + C)
                + (kernels + 4) * C / 4
                + 2 * C * 4
                + 2 * C
                + 4 * C
                + 2 * C * C
                + C
                + C * C
                + C);
    // a bias and the batch norm that answers are elementwise
    assertThat(cost.multiplyAdds())
        .isEqualTo((long) N * (3 * C * C + kernels * C / 4 + 2 * C * 4 + 2 * C * C));
  }

  @Test
  void scalesThatDoNotDivideTheChannelsAreRepaired() {
    assertThat(repairs(new ScaleAwareModulation(), Setting.STANDARD, Shape.of(4, 4, 6)))
        .containsExactly("6 channels cannot be split into 4 scales; used 3");
  }

  @Test
  void attentionWithLocalDetailWithoutKernelsIsPlain() {
    Setting heads = Setting.STANDARD.with(LocalDetailAttention.HEAD_DIM, 4);
    Described detailed =
        of(new LocalDetailAttention(), heads).random(1).set("local.weight", 0).set("local.bias", 0);
    Described plain =
        of(new SoftmaxAttention(), Setting.STANDARD.with(SoftmaxAttention.HEAD_DIM, 4))
            .like(detailed);

    assertThat(detailed.atRandom(2)).containsExactly(plain.atRandom(2), within(1e-12));
    assertThat(detailed.cost().parameters() - plain.cost().parameters()).isEqualTo(10 * C);
  }

  private static List<String> repairs(TokenMixer mixer, Setting setting, Shape shape) {
    return Scope.collectingRepairs(() -> mixer.mix(Tensor.input("x", shape), setting)).repairs();
  }

  private static Described of(TokenMixer mixer, Setting setting) {
    return Described.of(GRID, x -> mixer.mix(x, setting));
  }
}
