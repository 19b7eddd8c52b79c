package blockfront.blocks.mixer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Depth;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.testing.Described;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Swin's windows and StyleSwin's double ones. */
class WindowAttentionTest {

  private static final int C = 8;
  private static final int HEADS = 2;

  /** Whole windows, cut ones and padded ones, plain and shifted. */
  @ParameterizedTest
  @CsvSource({
    "4, 4, 4, none",
    "6, 9, 3, none",
    "6, 9, 3, all",
    "8, 8, 4, all",
    "5, 7, 3, none",
    "5, 7, 3, all",
    "7, 5, 4, all",
    "5, 6, 2, all"
  })
  void tokensOfAWindowSeeEachOther(int rows, int columns, int window, String shift) {
    Described described = swin(rows, columns, window, shift).random(1);
    double[] x = described.input(2);

    assertThat(described.at(x))
        .containsExactly(
            windows(described, x, rows, columns, window, shift.equals("all") ? window / 2 : 0),
            within(1e-12));
  }

  @Test
  void oneWindowWithoutBiasIsPlainAttention() {
    Described window = swin(3, 3, 3, "alternate").random(1).set("bias_table", 0);
    Described plain =
        Described.of(
                Shape.of(3, 3, C),
                x ->
                    new SoftmaxAttention()
                        .mix(x, Setting.STANDARD.with(SoftmaxAttention.HEAD_DIM, C / HEADS)))
            .like(window);

    assertThat(window.atRandom(2)).containsExactly(plain.atRandom(2), within(1e-12));
  }

  @Test
  void shiftedWindowsDoNotSeeAroundTheEdge() {
    Described shifted = swin(8, 8, 4, "all").random(1);
    double[] x = shifted.input(2);
    double[] before = shifted.at(x);
    x[(7 * 8 + 3) * C] += 5; // a token of the last row
    double[] after = shifted.at(x);
    int firstRows = 2 * 8 * C;

    assertThat(Arrays.copyOf(after, firstRows)).containsExactly(Arrays.copyOf(before, firstRows));
    assertThat(after).isNotEqualTo(before);
  }

  @Test
  void everySecondLayerIsShifted() {
    double[] plain = swin(6, 6, 3, "none").random(1).atRandom(2);
    double[] shifted = swin(6, 6, 3, "all").random(1).atRandom(2);

    for (int layer = 0; layer < 4; layer++) {
      Described described = Depth.stage(4).layer(layer, () -> swin(6, 6, 3, "alternate").random(1));
      assertThat(described.atRandom(2))
          .as("layer %d", layer)
          .containsExactly(layer % 2 == 0 ? plain : shifted);
    }
    assertThat(plain).isNotEqualTo(shifted);
  }

  @Test
  void costGrowsWithTheWindow() {
    var cost = swin(8, 12, 4, "all").cost();
    int n = 8 * 12;

    assertThat(cost.parameters()).isEqualTo(4 * C * C + 4 * C + 7 * 7 * HEADS);
    assertThat(cost.multiplyAdds()).isEqualTo(4L * n * C * C + 2L * n * 16 * C);
  }

  @Test
  void whatDoesNotFitIsRepairedAndTold() {
    var noted =
        Scope.collectingRepairs(
            () ->
                new WindowAttention()
                    .mix(
                        Tensor.input("x", Shape.of(5, 4, C)),
                        setting(7).with(WindowAttention.SHIFT, "all")));

    assertThat(noted.repairs())
        .containsExactly(
            "Windows of 7 are larger than a grid of 5x4; used 4",
            "Tiles of 4x4 do not fill a grid of 5x4; padded it to 8x4");
  }

  @Test
  void sequencesHaveNoWindows() {
    assertThatThrownBy(
            () -> new WindowAttention().mix(Tensor.input("x", Shape.of(9, C)), setting(3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Window attention needs a grid [height, width, channels], got [9, 8]");
  }

  /** Half of the heads see plain windows, half shifted ones. */
  @ParameterizedTest
  @CsvSource({"6, 9, 3", "5, 7, 3", "8, 8, 4", "4, 4, 4"})
  void doubleWindowsArePlainAndShiftedOnes(int rows, int columns, int window) {
    Described described = twice(rows, columns, window).random(1);
    double[] x = described.input(2);
    double[] qkv =
        DenseAttention.linear(x, described.values("qkv.weight"), described.values("qkv.bias"));
    double[] plain = new double[0];
    double[] shifted = new double[0];
    for (int half = 0; half < 2; half++) {
      // one window that is all of the grid is never shifted
      int shift = half == 0 || Math.min(rows, columns) <= window ? 0 : window / 2;
      double[] seen =
          DenseAttention.attend(
              part(qkv, half),
              part(qkv, 2 + half),
              part(qkv, 4 + half),
              rows * columns,
              1,
              inWindow(
                  described.values((half == 0 ? "plain" : "shifted") + ".bias_table"),
                  1,
                  columns,
                  window,
                  shift));
      if (half == 0) {
        plain = seen;
      } else {
        shifted = seen;
      }
    }
    double[] expected =
        DenseAttention.linear(
            DenseAttention.joined(plain, C / 2, shifted, C / 2),
            described.values("out.weight"),
            described.values("out.bias"));

    assertThat(described.at(x)).containsExactly(expected, within(1e-12));
  }

  private static double[] part(double[] qkv, int half) {
    return DenseAttention.columns(qkv, 3 * C, half * C / 2, (half + 1) * C / 2);
  }

  @Test
  void doubleWindowsCostAsPlainOnes() {
    var cost = twice(8, 8, 4).cost();

    assertThat(cost.parameters()).isEqualTo(4 * C * C + 4 * C + 2 * 7 * 7);
    assertThat(cost.multiplyAdds()).isEqualTo(swin(8, 8, 4, "none").cost().multiplyAdds());
  }

  @Test
  void oddChannelsHaveNoHalves() {
    assertThatThrownBy(
            () ->
                new DoubleWindowAttention()
                    .mix(Tensor.input("x", Shape.of(4, 4, 5)), Setting.STANDARD))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Double window attention cannot halve 5 channels");
  }

  /** What window attention gives, by attention over all tokens with a mask. */
  static double[] windows(
      Described described, double[] x, int rows, int columns, int window, int shift) {
    double[] qkv =
        DenseAttention.linear(x, described.values("qkv.weight"), described.values("qkv.bias"));
    int channels = qkv.length / rows / columns / 3;
    double[] table = described.values("bias_table");
    int heads = table.length / (2 * window - 1) / (2 * window - 1);
    double[] seen =
        DenseAttention.attend(
            DenseAttention.columns(qkv, 3 * channels, 0, channels),
            DenseAttention.columns(qkv, 3 * channels, channels, 2 * channels),
            DenseAttention.columns(qkv, 3 * channels, 2 * channels, 3 * channels),
            rows * columns,
            heads,
            inWindow(table, heads, columns, window, shift));
    return DenseAttention.linear(
        seen, described.values("out.weight"), described.values("out.bias"));
  }

  /** The bias of the offset within a window; what lies shifted about the edge is cut there. */
  private static DenseAttention.Added inWindow(
      double[] table, int heads, int columns, int window, int shift) {
    return (head, query, key) -> {
      int down = key / columns - query / columns;
      int right = key % columns - query % columns;
      boolean together =
          Math.floorDiv(key / columns - shift, window)
                  == Math.floorDiv(query / columns - shift, window)
              && Math.floorDiv(key % columns - shift, window)
                  == Math.floorDiv(query % columns - shift, window);
      int row = (down + window - 1) * (2 * window - 1) + right + window - 1;
      return together ? table[row * heads + head] : Double.NEGATIVE_INFINITY;
    };
  }

  private static Described swin(int rows, int columns, int window, String shift) {
    Setting setting = setting(window).with(WindowAttention.SHIFT, shift);
    return Described.of(Shape.of(rows, columns, C), x -> new WindowAttention().mix(x, setting));
  }

  private static Described twice(int rows, int columns, int window) {
    return Described.of(
        Shape.of(rows, columns, C), x -> new DoubleWindowAttention().mix(x, setting(window)));
  }

  private static Setting setting(int window) {
    return Setting.STANDARD
        .with(WindowAttention.WINDOW, window)
        .with(WindowAttention.HEAD_DIM, C / HEADS);
  }
}
