package blockfront.blocks.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.ChannelMixer;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Traits;
import blockfront.blocks.testing.Described;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChannelMixersTest {

  private static final Shape GRID = Shape.of(3, 4, 8);
  private static final long N = 12;
  private static final int C = 8;

  @Test
  void aConvolutionalMlpWithAPeakInItsKernelsIsAnMlp() {
    Described local = of(new ConvolutionalMlp()).random(1);
    local.set("local.weight", i -> i / (4 * C) == 4 ? 1 : 0).set("local.bias", 0);

    assertThat(local.atRandom(2))
        .containsExactly(of(new Mlp()).like(local).atRandom(2), within(1e-12));
  }

  @Test
  void aConvolutionalMlpCostsAnMlpAndItsKernels() {
    Described local = of(new ConvolutionalMlp());
    int hidden = 4 * C;

    assertThat(local.cost().parameters()).isEqualTo(2 * C * hidden + hidden + C + 10 * hidden);
    assertThat(local.cost().multiplyAdds()).isEqualTo(N * (2 * C * hidden + 9 * hidden));
  }

  @Test
  void anMlpWithLocalDetailAndKernelsOfZeroIsAnMlp() {
    Described detailed = of(new ScaleAwareMlp()).random(1);
    detailed.set("local.weight", 0).set("local.bias", 0);

    assertThat(detailed.atRandom(2))
        .containsExactly(of(new Mlp()).like(detailed).atRandom(2), within(1e-12));
  }

  @Test
  void aGatedConvolutionalMlpHasNoBiases() {
    Described gated = of(new GatedConvolutionalMlp());
    int hidden = 21; // 2.66 for each of 8 channels

    assertThat(gated.cost().parameters()).isEqualTo(2 * C * hidden + 18 * hidden + hidden * C);
    assertThat(gated.cost().multiplyAdds()).isEqualTo(N * (3 * C * hidden + 18 * hidden));
    assertThat(gated.at(new double[(int) N * C])).containsOnly(0);
  }

  @Test
  void theActivatorUnitActsOnEachTokenAlone() {
    Described unit = of(new ActivatorGlu()).random(3);
    double[] x = unit.input(4);
    double[] y = unit.at(x);
    x[5 * C + 2] += 1;
    double[] moved = unit.at(x);

    for (int i = 0; i < y.length; i++) {
      if (i / C == 5) {
        assertThat(moved[i]).isNotEqualTo(y[i]);
      } else {
        assertThat(moved[i]).isEqualTo(y[i]);
      }
    }
  }

  @Test
  void permutedTokensArePermutedByTheActivatorUnit() {
    Described unit = of(new ActivatorGlu()).random(3);
    double[] x = unit.input(4);
    var turned = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      turned[(i + 7 * C) % x.length] = x[i];
    }
    double[] expected = new double[x.length];
    double[] y = unit.at(x);
    for (int i = 0; i < x.length; i++) {
      expected[(i + 7 * C) % x.length] = y[i];
    }

    assertThat(unit.at(turned)).containsExactly(expected);
  }

  @Test
  void theActivatorUnitSharesItsNormAsReleased() {
    Described released = of(new ActivatorGlu());
    Described intended =
        of(new ActivatorGlu(), Setting.STANDARD.with(ActivatorGlu.AS_RELEASED, false));

    assertThat(released.names()).contains("norm.gain").doesNotContain("norm2.gain");
    assertThat(intended.names()).contains("norm.gain", "norm2.gain");
  }

  @Test
  void activatorBlocksHaveTheirPublishedSize() {
    Described unit =
        Described.of(Shape.of(64, 256), x -> new ActivatorGlu().mix(x, Setting.STANDARD));

    // a block is this, an MLP of the same width and a norm: 658,944 parameters
    assertThat(unit.cost().parameters()).isEqualTo(658_944 - 512 - (2 * 256 * 512 + 512 + 256));
    assertThat(unit.cost().multiplyAdds()).isEqualTo(64 * 3 * 256 * 512);
  }

  @Test
  void hashedTablesCostOneRowATable() {
    Described hashed = memory(8, false);

    assertThat(hashed.cost().multiplyAdds()).as("C / 8 tables").isEqualTo(2 * (N * (C / 8) * C));
    assertThat(hashed.cost().parameters()).isEqualTo(2 * ((C / 8) * 256 * C + C));
  }

  @Test
  void theSignOfOneBitSelectsAnotherRow() {
    Described hashed = single(4, false);
    double[] x = {1e3, 1e3, 1e3, 1e3, -1e3, -1e3, -1e3, -1e3};
    double[] first = hashed.at(x);
    x[0] = -1e3;
    double[] second = hashed.at(x);

    // rows are numbered by their signs, the first channel is the lowest bit; table 1 begins at 16
    assertThat(first[0]).isCloseTo(15 + 16, within(1e-9));
    assertThat(second[0]).isCloseTo(14 + 16, within(1e-9));
  }

  @Test
  void certainCodesAreProbabilitiesOnlyAsIntended() {
    double[] x = {0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5};
    double each = 1 / (1 + Math.exp(-1));
    double probability = Math.pow(each, 4);

    assertThat(single(4, false).at(x)[0]).isCloseTo(probability * (15 + 31), within(1e-9));
    assertThat(single(4, true).at(x)[0])
        .as("times the sum of magnitudes")
        .isCloseTo(2 * probability * (15 + 31), within(1e-9));
  }

  @Test
  void theProbabilityOfACodeIsThatOfTheNearestCorner() {
    double[] z = {0.3, -0.2, 0.9, -1.1};
    double nearest = 0;
    double all = 0;
    for (int corner = 0; corner < 16; corner++) {
      double dot = 0;
      for (int b = 0; b < 4; b++) {
        dot += z[b] * ((corner >> b & 1) == 1 ? 1 : -1);
      }
      all += Math.exp(dot);
      nearest = Math.max(nearest, Math.exp(dot));
    }
    double[] x = Arrays.copyOf(z, 8);
    System.arraycopy(new double[] {1e3, 1e3, 1e3, 1e3}, 0, x, 4, 4);

    // bits 0 and 2 are set: row 5 of the first table, row 15 of the second
    assertThat(single(4, false).at(x)[0]).isCloseTo(5 * nearest / all + 31, within(1e-9));
  }

  @Test
  void bitsThatDoNotDivideTheChannelsAreRepaired() {
    var noted =
        Scope.collectingRepairs(
            () -> new MemoryFormer().mix(Tensor.input("x", Shape.of(2, 12)), Setting.STANDARD));

    assertThat(noted.repairs())
        .containsExactlyInAnyOrder(
            "expand: Codes of 8 bits do not divide 12 channels; used 6",
            "contract: Codes of 8 bits do not divide 12 channels; used 6");
  }

  @Test
  void allLearnersTogetherAreAnMlp() {
    Described adaptive = adaptive(false).random(5);
    adaptive.set("gate.contract.weight", 0).set("gate.contract.bias", i -> i == 4 ? 1 : 0);

    assertThat(adaptive.atRandom(6))
        .containsExactly(of(new Mlp()).like(adaptive).atRandom(6), within(1e-12));
  }

  @Test
  void noLearnerLeavesTheBiasAlone() {
    Described adaptive = adaptive(false).random(5).set("contract.bias", 0);
    adaptive.set("gate.contract.weight", 0).set("gate.contract.bias", i -> i == 0 ? 1 : 0);

    assertThat(adaptive.atRandom(6)).containsOnly(0);
  }

  @Test
  void theLastLearnerIsUnreachableAsReleased() {
    Described released = adaptive(true).random(5);
    released.set("gate.contract.weight", 0).set("gate.contract.bias", i -> i == 4 ? 1 : 0);
    Described three = adaptive(false).like(released);
    three.set("gate.contract.weight", 0).set("gate.contract.bias", i -> i == 3 ? 1 : 0);

    assertThat(released.atRandom(6)).containsExactly(three.atRandom(6), within(1e-12));
  }

  @Test
  void equalLogitsRunTheFewestLearners() {
    Described adaptive = adaptive(false).random(5).set("contract.bias", 0);
    adaptive.set("gate.contract.weight", 0).set("gate.contract.bias", 0);

    assertThat(adaptive.atRandom(6)).containsOnly(0);
  }

  @Test
  void trainingWeighsEveryNumberOfLearners() {
    Described trained =
        Scope.inTraining(
            () -> Described.of(GRID, x -> new AdaptiveComputation().mix(x, Setting.STANDARD)));
    trained.random(5).set("gate.contract.weight", 0).set("gate.contract.bias", 0);
    var expected = new double[(int) N * C];
    for (int runs = 0; runs <= 4; runs++) {
      int chosen = runs;
      Described fixed = adaptive(false).like(trained);
      fixed.set("gate.contract.bias", i -> i == chosen ? 1 : 0);
      double[] y = fixed.atRandom(6);
      for (int i = 0; i < y.length; i++) {
        expected[i] += y[i] / 5;
      }
    }

    assertThat(trained.atRandom(6)).containsExactly(expected, within(1e-12));
  }

  @Test
  void whatSeesNeighboursNeedsAGrid() {
    for (ChannelMixer mixer :
        List.of(new ConvolutionalMlp(), new ScaleAwareMlp(), new GatedConvolutionalMlp())) {
      assertThat(mixer.traits().layout()).isEqualTo(Traits.Layout.GRID);
      assertThatThrownBy(() -> mixer.mix(Tensor.input("x", Shape.of(6, C)), Setting.STANDARD))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageEndingWith("needs a grid [height, width, channels], got [6, 8]");
    }
  }

  private static Described adaptive(boolean asReleased) {
    return of(
        new AdaptiveComputation(),
        Setting.STANDARD.with(AdaptiveComputation.AS_RELEASED, asReleased));
  }

  private static Described memory(int bits, boolean asReleased) {
    return of(
        new MemoryFormer(),
        Setting.STANDARD.with(MemoryFormer.BITS, bits).with(MemoryFormer.AS_RELEASED, asReleased));
  }

  /** One token whose second layer is certain of row 15 of both tables: what the first found. */
  private static Described single(int bits, boolean asReleased) {
    return Described.of(
            Shape.of(1, 8),
            x ->
                MemoryFormer.hashed(
                    x,
                    1,
                    Setting.STANDARD
                        .with(MemoryFormer.BITS, bits)
                        .with(MemoryFormer.AS_RELEASED, asReleased)))
        .set("table", i -> i)
        .set("bias", 0);
  }

  private static Described of(ChannelMixer mixer) {
    return of(mixer, Setting.STANDARD);
  }

  private static Described of(ChannelMixer mixer, Setting setting) {
    return Described.of(GRID, x -> mixer.mix(x, setting));
  }

  @Test
  void channelAttentionThatKnowsNothingPassesHalf() {
    for (String form : ChannelAttention.FORM.choices()) {
      Setting setting = Setting.STANDARD.with(ChannelAttention.FORM, form);
      Described attention =
          Described.of(Shape.of(3, 4, 8), x -> new ChannelAttention().mix(x, setting)).random(1);
      attention.set("excite.weight", 0).set("excite.bias", 0);
      double[] half = attention.atRandom(2);
      attention.set("excite.bias", 1e3);
      double[] whole = attention.atRandom(2);

      for (int i = 0; i < half.length; i++) {
        assertThat(half[i]).as(form).isCloseTo(whole[i] / 2, within(1e-12));
      }
    }
  }

  /** Both convolutions keep the middle alone; the leaky ReLU is then all there is. */
  @Test
  void theLeakyReluKeepsAFifthOfWhatIsNegative() {
    Described attention =
        Described.of(Shape.of(3, 4, 2), x -> new ChannelAttention().mix(x, Setting.STANDARD));
    for (String part : new String[] {"expand", "contract"}) {
      attention
          .set(part + ".weight", i -> i / 4 == 4 && i / 2 % 2 == i % 2 ? 1 : 0)
          .set(part + ".bias", 0);
    }
    attention.set("excite.bias", 1e3);
    double[] x = attention.input(2);
    double[] y = attention.at(x);

    for (int i = 0; i < x.length; i++) {
      assertThat(y[i]).isCloseTo(x[i] > 0 ? x[i] : 0.2 * x[i], within(1e-12));
    }
    assertThat(attention.cost().parameters()).isEqualTo(2 * (9 * 4 + 2) + 2 + 1 + 2 + 2);
  }
}
