package blockfront.blocks.mixer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.testing.Described;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScatteringTest {

  private static final int C = 8;
  private static final Setting TOKEN = Setting.STANDARD.with(ScatteringMixer.MIXING, "token");
  private static final Setting BOTH =
      Setting.STANDARD.with(ScatteringMixer.MIXING, "channel_token");

  @ParameterizedTest
  @CsvSource({"8, 8", "14, 10", "28, 28", "2, 4"})
  void waveletBandsAddUpToTheGrid(int height, int width) {
    Described there = Described.of(Shape.of(height, width, 2), x -> DualTree.of(x).inverse());
    double[] x = there.input(1);

    assertThat(there.at(x)).containsExactly(x, within(1e-13));
  }

  @Test
  void aConstantGridHasNoDetail() {
    Shape shape = Shape.of(6, 8, 1);
    var x = new double[48];
    Arrays.fill(x, 3);

    assertThat(Described.of(shape, g -> DualTree.of(g).low()).at(x))
        .containsExactly(x, within(1e-13));
    assertThat(Described.of(shape, g -> DualTree.of(g).real()).at(x))
        .containsExactly(new double[72], within(1e-13));
    assertThat(Described.of(shape, g -> DualTree.of(g).imaginary()).at(x))
        .containsExactly(new double[72], within(1e-13));
  }

  /** A grating at 45 degrees is in the band of 45 or 135 degrees, and one of rows in 15 and 165. */
  @Test
  void directionsHaveBandsOfTheirOwn() {
    int side = 40;
    Shape shape = Shape.of(side, side, 1);
    var diagonal = new double[side * side];
    var rows = new double[side * side];
    for (int i = 0; i < side * side; i++) {
      diagonal[i] = Math.cos(2 * Math.PI * 0.35 * (i / side + i % side));
      rows[i] = Math.cos(2 * Math.PI * 0.4 * Math.floorDiv(i, side));
    }

    double[] ofDiagonal = energies(shape, diagonal);
    double[] ofRows = energies(shape, rows);

    assertThat(Math.max(ofDiagonal[2], ofDiagonal[3]))
        // mirrored at the border, a diagonal runs the other way
        .isGreaterThan(3 * Math.min(ofDiagonal[2], ofDiagonal[3]))
        .isGreaterThan(ofDiagonal[0] + ofDiagonal[1] + ofDiagonal[4] + ofDiagonal[5]);
    assertThat(ofRows[0] + ofRows[1])
        .isGreaterThan(1e3 * (ofRows[2] + ofRows[3] + ofRows[4] + ofRows[5]));
  }

  private static double[] energies(Shape shape, double[] x) {
    double[] real = Described.of(shape, g -> DualTree.of(g).real()).at(x);
    double[] imaginary = Described.of(shape, g -> DualTree.of(g).imaginary()).at(x);
    var energies = new double[DualTree.BANDS];
    for (int i = 0; i < real.length; i++) {
      energies[i / (real.length / DualTree.BANDS)] +=
          real[i] * real[i] + imaginary[i] * imaginary[i];
    }
    return energies;
  }

  /** Biases that keep relu from cutting, and are taken off behind it. */
  @ParameterizedTest
  @CsvSource({"8, 8", "7, 6", "5, 5"})
  void bandsThatAreLeftAsTheyAreGiveTheGridBack(int height, int width) {
    Described mixer = neutral(Described.of(Shape.of(height, width, C), ScatteringTest::channel));
    double[] x = mixer.input(2);

    assertThat(mixer.at(x)).containsExactly(x, within(1e-11));
  }

  @Test
  void rowsThatAreLeftAsTheyAreGiveTheGridBackToo() {
    Described mixer =
        neutral(Described.of(Shape.of(8, 8, C), x -> new ScatteringMixer().mix(x, TOKEN)));
    double[] x = mixer.input(2);

    assertThat(mixer.at(x)).containsExactly(x, within(1e-11));
  }

  @Test
  void halfOfTheChannelsIsConvolvedAndChannelsComeByTurns() {
    Described mixer =
        neutral(Described.of(Shape.of(6, 6, C), x -> new ScatteringMixer().mix(x, BOTH)))
            .set("local.weight", i -> i / (C / 2) == 4 ? 1 : 0)
            .set("local.bias", 0);
    double[] x = mixer.input(2);
    double[] y = mixer.at(x);

    for (int i = 0; i < x.length; i++) {
      int channel = i % C;
      int from = i - channel + channel / 2 + (channel % 2 == 0 ? 0 : C / 2);
      assertThat(y[i]).isCloseTo(x[from], within(1e-11));
    }
  }

  private static Described neutral(Described mixer) {
    mixer.set("low", 1);
    for (String part : new String[] {"high", "rows"}) {
      if (mixer.names().contains(part + ".expand.real")) {
        for (String layer : new String[] {".expand", ".contract"}) {
          double bias = layer.equals(".expand") ? 100 : -100;
          int side = blockSide(mixer, part + layer);
          mixer
              .set(part + layer + ".real", i -> i / side % side == i % side ? 1 : 0)
              .set(part + layer + ".imaginary", 0)
              .set(part + layer + ".bias_real", bias)
              .set(part + layer + ".bias_imaginary", bias);
        }
      }
    }
    return mixer;
  }

  private static int blockSide(Described mixer, String layer) {
    return mixer.values(layer + ".real").length / mixer.values(layer + ".bias_real").length;
  }

  private static Tensor channel(Tensor x) {
    return new ScatteringMixer().mix(x, Setting.STANDARD);
  }

  @Test
  void itCostsWhatItsFormulaSays() {
    int n = 8 * 6;
    Described mixer = Described.of(Shape.of(8, 6, C), ScatteringTest::channel);

    assertThat(mixer.cost().parameters()).isEqualTo(C * n + C * C + 4 * C);
    assertThat(mixer.cost().multiplyAdds()).isEqualTo(3L * n * C * C);
    assertThat(mixer.cost().fourier()).isEqualTo(192L * n * C);
  }

  @Test
  void rowsAddAMatrixEachForTheRowsOfABand() {
    Described mixer = Described.of(Shape.of(8, 8, C), x -> new ScatteringMixer().mix(x, TOKEN));
    Described plain = Described.of(Shape.of(8, 8, C), ScatteringTest::channel);

    assertThat(mixer.cost().parameters() - plain.cost().parameters())
        .isEqualTo(2 * (2 * 4 * 4 * 4 + 2 * 4 * 4));
  }

  @Test
  void channelsThatFourDoesNotDivideAreRepaired() {
    var noted = Scope.collectingRepairs(() -> channel(Tensor.input("x", Shape.of(4, 4, 6))));

    assertThat(noted.repairs())
        .containsExactly("high: 6 channels cannot be split into 4 blocks; used 3");
  }

  @Test
  void oddChannelsCannotBeHalved() {
    assertThatThrownBy(() -> new ScatteringMixer().mix(Tensor.input("x", Shape.of(4, 4, 7)), BOTH))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Scattering cannot halve 7 channels");
  }
}
