package blockfront.blocks.stem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.cost.Cost;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Downsampling;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Stem;
import blockfront.blocks.testing.Described;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class StemsTest {

  private static final int C = 32;
  private static final List<Integer> SIDES = List.of(7, 8, 32, 33, 224);

  /** Parameters written out as in each paper's code: 3 channels to 32. */
  @ParameterizedTest
  @CsvSource({
    "conv7_stem, 4, 4736",
    "convnext_stem, 4, 1632",
    "overlap_stem2, 4, 5152",
    "conv16_stem, 16, 6276",
    "conv4_stem, 4, 102048",
    "cswin_stem, 4, 4800",
    "smt_stem, 4, 5120",
    "sret_stem, 8, 14496",
    "vig_stem, 4, 5184",
    "vig_patches, 16, 8640"
  })
  void stemsHaveTheShapesAndSizesOfTheirPapers(String id, int stride, long parameters) {
    Stem stem = Catalogue.load().stem(id);
    for (int side : SIDES) {
      Tensor tokens = stem.embed(Tensor.input("x", Shape.of(side, side, 3)), C, Setting.STANDARD);
      int expected = Math.ceilDiv(side, stride);

      assertThat(tokens.shape())
          .as("%s of %d pixels", id, side)
          .isEqualTo(Shape.of(expected, expected, C));
      assertThat(Cost.of(tokens).parameters()).isEqualTo(parameters);
    }
  }

  static List<Downsampling> downsamplings() {
    return Catalogue.load().downsamplings();
  }

  @ParameterizedTest
  @MethodSource("downsamplings")
  void downsamplingHalvesAnyGrid(Downsampling down) {
    for (int side : List.of(1, 2, 7, 8)) {
      Tensor x = Tensor.input("x", Shape.of(side, side + 1, 16));

      assertThat(down.reduce(x, 32, Setting.STANDARD).shape())
          .isEqualTo(Shape.of(Math.ceilDiv(side, 2), Math.ceilDiv(side + 1, 2), 32));
    }
  }

  @Test
  void groupedDownsamplingToNoMultipleIsRepaired() {
    var noted =
        Scope.collectingRepairs(
            () ->
                new SretDown().reduce(Tensor.input("x", Shape.of(4, 4, 16)), 24, Setting.STANDARD));

    assertThat(noted.repairs())
        .containsExactly("16 channels cannot become 24 each by itself; used 8 groups");
  }

  @Test
  void shvitMergingStartsWithRefinementsThatDoNothing() {
    Described merge =
        Described.of(Shape.of(4, 4, 8), x -> new ShvitMerge().reduce(x, 16, Setting.STANDARD));
    double[] before = merge.atRandom(1);
    merge.set("before.local.weight", 5).set("after.expand.weight", 5);

    assertThat(merge.atRandom(1)).containsExactly(before);
  }

  @Test
  void levelAndScaleOfASeriesDoNotMatter() {
    Described series = series().random(1);
    double[] x = series.input(2);
    double[] moved = x.clone();
    for (int t = 0; t < 20; t++) {
      moved[t * 3] = 5 * x[t * 3] + 7;
    }

    assertThat(series.at(moved)).containsExactly(series.at(x), within(1e-3));
  }

  @Test
  void permutedSeriesArePermutedTokens() {
    Described series = series().random(1);
    double[] x = series.input(2);
    double[] y = series.at(x);
    var turned = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      turned[i / 3 * 3 + (i + 1) % 3] = x[i];
    }
    double[] tokens = series.at(turned);

    for (int i = 0; i < y.length; i++) {
      assertThat(tokens[(i + 8) % y.length]).isCloseTo(y[i], within(1e-9));
    }
  }

  @Test
  void aClosedGateLeavesTheSeriesAsAWhole() {
    Setting alone = Setting.STANDARD.with(GateformerEmbed.VARIATES, false);
    Described gated =
        Described.of(Shape.of(20, 3, 1), x -> new GateformerEmbed().embed(x, 8, alone)).random(1);
    gated.set("gate.bias", -1e3);
    double[] x = gated.input(2);
    double[] closed = gated.at(x);
    gated.set("patches.read.weight", 3);

    assertThat(gated.at(x)).as("whatever the patches say").containsExactly(closed);

    gated.set("gate.bias", 1e3);
    double[] open = gated.at(x);
    gated.set("whole.weight", 3);

    assertThat(gated.at(x)).as("whatever the whole says").containsExactly(open);
    assertThat(Arrays.equals(open, closed)).isFalse();
  }

  private static Described series() {
    return Described.of(
        Shape.of(20, 3, 1), x -> new GateformerEmbed().embed(x, 8, Setting.STANDARD));
  }
}
