package blockfront.blocks.mixer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.graph.Erf;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.testing.Described;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** HAT's two blocks: hybrid attention and overlapping attention. */
class HybridAttentionTest {

  private static final int C = 12;
  private static final int HEADS = 2;

  @ParameterizedTest
  @CsvSource({"none, 0", "all, 2"})
  void withoutItsConvolutionsItIsWindowAttention(String shift, int by) {
    Described hybrid = hybrid(8, 8, 4, 0, shift).random(1);
    double[] x = hybrid.input(2);

    assertThat(hybrid.at(x))
        .containsExactly(WindowAttentionTest.windows(hybrid, x, 8, 8, 4, by), within(1e-12));
  }

  @Test
  void convolutionsAreWeighedChannelByChannelAndAdded() {
    double scale = 0.5;
    Described hybrid = hybrid(5, 4, 4, scale, "none").random(1);
    double[] x = hybrid.input(2);
    double[] narrow = convolved(hybrid, "conv.compress", x, 5, 4, C, 2);
    double[] active =
        Arrays.stream(narrow).map(v -> v * (1 + Erf.erf(v / Math.sqrt(2))) / 2).toArray();
    double[] wide = convolved(hybrid, "conv.expand", active, 5, 4, 2, C);
    var mean = new double[C];
    for (int i = 0; i < wide.length; i++) {
      mean[i % C] += wide[i] / 20;
    }
    double[] squeezed =
        Arrays.stream(
                DenseAttention.linear(
                    mean, hybrid.values("conv.squeeze.weight"), hybrid.values("conv.squeeze.bias")))
            .map(v -> Math.max(0, v))
            .toArray();
    double[] weights =
        Arrays.stream(
                DenseAttention.linear(
                    squeezed,
                    hybrid.values("conv.excite.weight"),
                    hybrid.values("conv.excite.bias")))
            .map(v -> 1 / (1 + Math.exp(-v)))
            .toArray();
    double[] expected = WindowAttentionTest.windows(hybrid, x, 5, 4, 4, 0);
    for (int i = 0; i < expected.length; i++) {
      expected[i] += scale * wide[i] * weights[i % C];
    }

    assertThat(hybrid.at(x)).containsExactly(expected, within(1e-9));
  }

  private static double[] convolved(
      Described described, String name, double[] x, int rows, int columns, int in, int out) {
    double[] kernel = described.values(name + ".weight");
    double[] bias = described.values(name + ".bias");
    var y = new double[rows * columns * out];
    for (int token = 0; token < rows * columns; token++) {
      for (int o = 0; o < out; o++) {
        double sum = bias[o];
        for (int tap = 0; tap < 9; tap++) {
          int row = token / columns + tap / 3 - 1;
          int column = token % columns + tap % 3 - 1;
          if (row >= 0 && row < rows && column >= 0 && column < columns) {
            for (int i = 0; i < in; i++) {
              sum += kernel[(tap * in + i) * out + o] * x[(row * columns + column) * in + i];
            }
          }
        }
        y[token * out + o] = sum;
      }
    }
    return y;
  }

  @Test
  void costAddsTheConvolutionsAndTheSqueeze() {
    int n = 64;
    int hidden = C / 6;
    int squeezed = C / 4;
    var cost = hybrid(8, 8, 4, 0.01, "none").cost();

    assertThat(cost.parameters())
        .isEqualTo(
            4 * C * C
                + 4 * C
                + 7 * 7 * HEADS
                + 2 * 9 * C * hidden
                + hidden
                + C
                + 2 * C * squeezed
                + squeezed
                + C);
    assertThat(cost.multiplyAdds())
        .isEqualTo(4L * n * C * C + 2L * n * 16 * C + 2L * 9 * n * C * hidden + 2L * C * squeezed);
  }

  @Test
  void withoutOverlapItIsWindowAttention() {
    Described overlapping = overlapping(5, 7, 3, 0, false).random(1);
    double[] x = overlapping.input(2);

    assertThat(overlapping.at(x))
        .containsExactly(WindowAttentionTest.windows(overlapping, x, 5, 7, 3, 0), within(1e-12));
  }

  /** Keys beyond the grid are not seen, those beyond the window are. */
  @ParameterizedTest
  @CsvSource({"8, 8, 4, 0.5", "5, 7, 4, 0.5", "6, 6, 2, 1"})
  void windowsLookAtLargerOnes(int rows, int columns, int window, double overlap) {
    Described described = overlapping(rows, columns, window, overlap, false).random(1);
    double[] x = described.input(2);
    int margin = (int) (overlap * window) / 2;
    int across = 2 * window + 2 * margin - 1;
    double[] table = described.values("bias_table");
    DenseAttention.Added added =
        (head, i, j) -> {
          // from the top left corner of the window of keys
          int down = j / columns - i / columns / window * window + margin;
          int right = j % columns - i % columns / window * window + margin;
          int side = window + 2 * margin;
          if (down < 0 || down >= side || right < 0 || right >= side) {
            return Double.NEGATIVE_INFINITY;
          }
          int row = down - i / columns % window + window - 1;
          int column = right - i % columns % window + window - 1;
          return table[(row * across + column) * HEADS + head];
        };

    assertThat(described.at(x)).containsExactly(attended(described, x, added), within(1e-12));
  }

  private static double[] attended(Described described, double[] x, DenseAttention.Added added) {
    double[] qkv =
        DenseAttention.linear(x, described.values("qkv.weight"), described.values("qkv.bias"));
    double[] seen =
        DenseAttention.attend(
            DenseAttention.columns(qkv, 3 * C, 0, C),
            DenseAttention.columns(qkv, 3 * C, C, 2 * C),
            DenseAttention.columns(qkv, 3 * C, 2 * C, 3 * C),
            x.length / C,
            HEADS,
            added);
    return DenseAttention.linear(
        seen, described.values("out.weight"), described.values("out.bias"));
  }

  /** With equal scores, a token in the corner sees 9 tokens, or 9 tokens among 16 places. */
  @Test
  void asReleasedZerosBeyondTheEdgeAreSeen() {
    double[] x = new double[4 * 4 * C];
    Arrays.fill(x, 1);
    double[] masked = even(false).at(x);
    double[] released = even(true).at(x);

    assertThat(masked[0]).isCloseTo(1, within(1e-12));
    assertThat(released[0]).isCloseTo(9.0 / 16, within(1e-12));
  }

  private static Described even(boolean asReleased) {
    return overlapping(4, 4, 2, 1, asReleased)
        .set("qkv.weight", i -> i % (3 * C) - 2 * C == i / (3 * C) ? 1 : 0)
        .set("bias_table", 0)
        .set("out.weight", i -> i / C == i % C ? 1 : 0);
  }

  @Test
  void overlapCostsKeys() {
    int n = 64;
    int keySide = 6;
    var cost = overlapping(8, 8, 4, 0.5, false).cost();

    assertThat(cost.parameters())
        .isEqualTo(4 * C * C + 4 * C + (4 + keySide - 1) * (4 + keySide - 1) * HEADS);
    assertThat(cost.multiplyAdds()).isEqualTo(4L * n * C * C + 2L * n * keySide * keySide * C);
  }

  @Test
  void anOddOverlapIsRepaired() {
    var noted =
        Scope.collectingRepairs(
            () ->
                new OverlappingAttention()
                    .mix(Tensor.input("x", Shape.of(6, 6, C)), setting(6, 0.5, false)));

    assertThat(noted.repairs()).containsExactly("An overlap of 3 tokens has no middle; used 2");
  }

  private static Described hybrid(int rows, int columns, int window, double scale, String shift) {
    Setting setting =
        Setting.STANDARD
            .with(HybridAttention.WINDOW, window)
            .with(HybridAttention.HEAD_DIM, C / HEADS)
            .with(HybridAttention.SCALE, scale)
            .with(HybridAttention.COMPRESSION, 6)
            .with(HybridAttention.SQUEEZE, 4)
            .with(HybridAttention.SHIFT, shift);
    return Described.of(Shape.of(rows, columns, C), x -> new HybridAttention().mix(x, setting));
  }

  private static Described overlapping(
      int rows, int columns, int window, double overlap, boolean asReleased) {
    return Described.of(
        Shape.of(rows, columns, C),
        x -> new OverlappingAttention().mix(x, setting(window, overlap, asReleased)));
  }

  private static Setting setting(int window, double overlap, boolean asReleased) {
    return Setting.STANDARD
        .with(OverlappingAttention.WINDOW, window)
        .with(OverlappingAttention.OVERLAP, overlap)
        .with(OverlappingAttention.HEAD_DIM, C / HEADS)
        .with(OverlappingAttention.AS_RELEASED, asReleased);
  }
}
