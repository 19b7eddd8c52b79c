package blockfront.blocks.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Parameters;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.mixer.ConditionallyGatedAttention;
import blockfront.blocks.mixer.GatedAttention;
import blockfront.blocks.mixer.SoftmaxAttention;
import blockfront.blocks.mixer.SparseQueryAttention;
import blockfront.blocks.mixer.WideAttention;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.network.Network;
import blockfront.blocks.network.Stage;
import blockfront.blocks.spi.Choice;
import blockfront.blocks.spi.Places;
import blockfront.blocks.spi.Position;
import blockfront.blocks.spi.Rotary;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.stem.PatchEmbed;
import blockfront.blocks.testing.Described;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PositionsTest {

  private static final int C = 8;

  // ---- sinusoidal

  @Test
  void wavesAreThoseOfTheTransformer() {
    double[] added = located(new SinusoidalPosition(), Shape.of(5, C));

    for (int place = 0; place < 5; place++) {
      for (int i = 0; i < C / 2; i++) {
        double angle = place / Math.pow(10_000, 2.0 * i / C);
        assertThat(added[place * C + 2 * i]).isCloseTo(Math.sin(angle), within(1e-12));
        assertThat(added[place * C + 2 * i + 1]).isCloseTo(Math.cos(angle), within(1e-12));
      }
    }
  }

  @Test
  void onAGridHalfOfTheWavesGoDownAndHalfAcross() {
    double[] added = located(new SinusoidalPosition(), Shape.of(3, 4, C));
    double[] down = located(new SinusoidalPosition(), Shape.of(3, C / 2));
    double[] across = located(new SinusoidalPosition(), Shape.of(4, C / 2));

    for (int token = 0; token < 12; token++) {
      for (int c = 0; c < C / 2; c++) {
        assertThat(added[token * C + c]).isEqualTo(down[token / 4 * C / 2 + c]);
        assertThat(added[token * C + C / 2 + c]).isEqualTo(across[token % 4 * C / 2 + c]);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7})
  void anyNumberOfChannelsHasWaves(int channels) {
    Described sequence =
        Described.of(
            Shape.of(5, channels), x -> new SinusoidalPosition().locate(x, Setting.STANDARD));
    assertThat(sequence.atRandom(1)).doesNotContain(Double.NaN);
    if (channels > 1) {
      Described grid =
          Described.of(
              Shape.of(2, 3, channels), x -> new SinusoidalPosition().locate(x, Setting.STANDARD));
      assertThat(grid.atRandom(1)).doesNotContain(Double.NaN);
    }
  }

  // ---- rotary

  /** The same query and the same key at every place: their product is that of the distance. */
  @ParameterizedTest
  @ValueSource(ints = {6, 7, 8})
  void turnedProductsDependOnTheDistanceOnly(int channels) {
    int tokens = 9;
    Described turned =
        Described.of(Shape.of(tokens, channels), x -> Rotary.sequence(x, 0, channels));
    double[][] query = rows(turned.at(repeated(turned.input(1), tokens, channels)), channels);
    double[][] key = rows(turned.at(repeated(turned.input(2), tokens, channels)), channels);

    for (int i = 0; i < tokens; i++) {
      for (int j = 0; j < tokens; j++) {
        double here = dot(query[i], key[j]);
        double there = i >= j ? dot(query[i - j], key[0]) : dot(query[0], key[j - i]);
        assertThat(here).isCloseTo(there, within(1e-12));
      }
    }
    assertThat(dot(query[0], key[3])).isNotCloseTo(dot(query[0], key[0]), within(1e-3));
  }

  @Test
  void onAGridTurnedProductsDependOnTheOffsetOnly() {
    int columns = 4;
    Described turned = Described.of(Shape.of(12, C), x -> Rotary.grid(x, 0, columns));
    double[][] query = rows(turned.at(repeated(turned.input(1), 12, C)), C);
    double[][] key = rows(turned.at(repeated(turned.input(2), 12, C)), C);

    // one down and two to the right, from anywhere
    double expected = dot(query[0], key[6]);
    for (int from : new int[] {1, 4, 5}) {
      assertThat(dot(query[from], key[from + 6])).isCloseTo(expected, within(1e-12));
    }
    // the end of a row and the start of the next are no neighbours
    assertThat(dot(query[3], key[4])).isNotCloseTo(dot(query[0], key[1]), within(1e-3));
  }

  @Test
  void turningKeepsLengths() {
    Described turned = Described.of(Shape.of(5, C), x -> Rotary.sequence(x, 0, C));
    double[] x = turned.input(1);

    double[][] before = rows(x, C);
    double[][] after = rows(turned.at(x), C);
    for (int t = 0; t < 5; t++) {
      assertThat(dot(after[t], after[t])).isCloseTo(dot(before[t], before[t]), within(1e-12));
    }
  }

  static Stream<TokenMixer> attentions() {
    return Stream.of(
        new SoftmaxAttention(),
        new GatedAttention(),
        new ConditionallyGatedAttention(),
        new WideAttention(),
        new SparseQueryAttention());
  }

  @ParameterizedTest
  @MethodSource("attentions")
  void rotaryPositionsLetAttentionTellPlaces(TokenMixer attention) {
    // tokens all alike but the last: without places all others answer alike
    Described plain = described(attention, new NoPosition());
    Described rotary = described(attention, new RotaryPosition()).like(plain);
    double[] x = repeated(plain.input(1), 6, C);
    x[5 * C] += 3;

    double[][] told = rows(rotary.at(x), C);
    double[][] untold = rows(plain.at(x), C);
    assertThat(untold[0]).containsExactly(untold[1], within(1e-12));
    assertThat(dot(told[0], told[0])).isNotCloseTo(dot(told[1], told[1]), within(1e-6));
  }

  // ---- relative

  @Test
  void biasesAreAddedByHeadAndOffset() {
    Described biased =
        Described.of(
            Shape.of(2, 6, 6),
            scores -> new RelativePosition().bias(scores, Shape.of(2, 3, C), Setting.STANDARD));
    biased.set("position.table", i -> i);
    double[] added = biased.at(new double[72]);

    for (int head = 0; head < 2; head++) {
      for (int query = 0; query < 6; query++) {
        for (int key = 0; key < 6; key++) {
          int down = key / 3 - query / 3 + 1;
          int right = key % 3 - query % 3 + 2;
          assertThat(added[(head * 6 + query) * 6 + key])
              .isEqualTo(head * 3 * 5 + down * 5 + right);
        }
      }
    }
  }

  @Test
  void aSequenceHasABiasForEachDistance() {
    Described biased =
        Described.of(
            Shape.of(1, 4, 4),
            scores -> new RelativePosition().bias(scores, Shape.of(4, C), Setting.STANDARD));

    assertThat(biased.values("position.table")).hasSize(7);
  }

  @Test
  void eachLayersAttentionHasATableOfItsOwn() {
    Layer layer =
        new Layer(
            Choice.of("metaformer_block"),
            Choice.of("layer_norm"),
            Optional.of(Choice.of("gated_sdpa").with(GatedAttention.HEAD_DIM, 8)),
            Optional.of(Choice.of("mlp")),
            0);
    Architecture architecture =
        new Architecture(
            Shape.of(12, 8, 3),
            10,
            Choice.of("patch_embed").with(PatchEmbed.PATCH, 4),
            Choice.of("relative_position"),
            List.of(new Stage(16, Optional.empty(), Collections.nCopies(2, layer))),
            Choice.of("layer_norm"),
            Choice.of("mean_pool"));

    var parameters =
        Parameters.of(List.of(Network.of(architecture, Catalogue.load()).logits())).byName();
    // patches of 4: 3 x 2 tokens
    assertThat(parameters.get("stages.0.blocks.0.mixer.position.table"))
        .extracting(Tensor::shape)
        .isEqualTo(Shape.of(2, 5 * 3));
    assertThat(parameters).containsKey("stages.0.blocks.1.mixer.position.table");
  }

  // ---- convolutional

  @Test
  void aConvolutionOfZerosLeavesTheTokens() {
    Described position =
        Described.of(
                Shape.of(3, 4, C), x -> new ConvolutionalPosition().locate(x, Setting.STANDARD))
            .set("weight", 0);
    double[] x = position.input(1);

    assertThat(position.at(x)).containsExactly(x);
    assertThat(position.cost().parameters()).isEqualTo(9 * C + C);
  }

  @Test
  void alongASequenceItSeesOneTokenEachWay() {
    Described position =
        Described.of(Shape.of(6, C), x -> new ConvolutionalPosition().locate(x, Setting.STANDARD))
            .random(1);
    double[] x = position.input(2);
    double[] before = position.at(x);
    x[3 * C] += 1;
    double[] after = position.at(x);

    int[] changed =
        IntStream.range(0, 6)
            .filter(
                t ->
                    !Arrays.equals(
                        Arrays.copyOfRange(before, t * C, (t + 1) * C),
                        Arrays.copyOfRange(after, t * C, (t + 1) * C)))
            .toArray();
    assertThat(changed).containsExactly(2, 3, 4);
  }

  /** What the position adds to zeros. */
  private static double[] located(Position position, Shape shape) {
    return Described.of(shape, x -> position.locate(x, Setting.STANDARD))
        .at(new double[Math.toIntExact(shape.elements())]);
  }

  private static Described described(TokenMixer attention, Position position) {
    Shape shape = Shape.of(6, C);
    return Described.of(
            shape,
            x ->
                new Places(position, Setting.STANDARD, shape)
                    .tell(() -> attention.mix(x, Setting.STANDARD)))
        .random(1);
  }

  private static double[] repeated(double[] row, int tokens, int channels) {
    return IntStream.range(0, tokens * channels).mapToDouble(i -> row[i % channels]).toArray();
  }

  private static double[][] rows(double[] values, int columns) {
    return IntStream.range(0, values.length / columns)
        .mapToObj(t -> Arrays.copyOfRange(values, t * columns, (t + 1) * columns))
        .toArray(double[][]::new);
  }

  private static double dot(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
  }
}
