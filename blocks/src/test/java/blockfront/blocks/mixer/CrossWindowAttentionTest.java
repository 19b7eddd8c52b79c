package blockfront.blocks.mixer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.testing.Described;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CrossWindowAttentionTest {

  private static final int C = 8;
  private static final int D = 2;

  /** Stripes that fill the grid and stripes that do not. */
  @ParameterizedTest
  @CsvSource({"4, 4, 2", "6, 4, 1", "5, 4, 2", "5, 7, 3", "3, 8, 4"})
  void halvesSeeStripesAcrossAndDown(int rows, int columns, int stripe) {
    Described described = cross(rows, columns, stripe, C).random(1);
    double[] x = described.input(2);
    int width = Math.min(stripe, columns);
    int height = Math.min(stripe, rows);
    double[] qkv = qkv(described, x);
    double[] vertical =
        branch(
            described,
            qkv,
            "vertical",
            0,
            rows,
            columns,
            (i, j) -> i % columns / width == j % columns / width);
    double[] horizontal =
        branch(
            described,
            qkv,
            "horizontal",
            C / 2,
            rows,
            columns,
            (i, j) -> i / columns / height == j / columns / height);
    double[] expected =
        DenseAttention.linear(
            DenseAttention.joined(vertical, C / 2, horizontal, C / 2),
            described.values("out.weight"),
            described.values("out.bias"));

    assertThat(described.at(x)).containsExactly(expected, within(1e-12));
  }

  @Test
  void aStripeAsLargeAsTheGridIsFullAttentionAndAConvolution() {
    Described described = cross(4, 4, 4, C).random(1);
    double[] x = described.input(2);
    double[] seen = branch(described, qkv(described, x), "whole", 0, C, 4, 4, (_, _) -> true);

    assertThat(described.at(x))
        .containsExactly(
            DenseAttention.linear(
                seen, described.values("out.weight"), described.values("out.bias")),
            within(1e-12));
  }

  @Test
  void tokensOffTheCrossAreNotSeen() {
    Described described = cross(5, 6, 1, C).random(1);
    double[] x = described.input(2);
    double[] before = described.at(x);
    int row = 2;
    int column = 3;
    x[(row * 6 + column) * C] += 1;
    double[] after = described.at(x);

    for (int token = 0; token < 30; token++) {
      boolean crossed = token / 6 == row || token % 6 == column;
      boolean changed = false;
      for (int c = 0; c < C; c++) {
        changed |= after[token * C + c] != before[token * C + c];
      }
      assertThat(changed).as("token %d", token).isEqualTo(crossed);
    }
  }

  @Test
  void costGrowsWithTheStripes() {
    var cost = cross(6, 4, 2, C).cost();
    int n = 24;
    assertThat(cost.parameters()).isEqualTo(4 * C * C + 4 * C + 10 * C);
    assertThat(cost.multiplyAdds())
        .isEqualTo(4L * n * C * C + 9L * n * C + (long) n * C * 2 * (6 + 4));

    var whole = cross(4, 4, 4, C).cost();
    assertThat(whole.parameters()).isEqualTo(cost.parameters());
    assertThat(whole.multiplyAdds()).isEqualTo(4L * 16 * C * C + 9L * 16 * C + 2L * 16 * 16 * C);
  }

  @Test
  void whatCannotBeHalvedLooksOneWay() {
    var noted = Scope.collectingRepairs(() -> mix(Tensor.input("x", Shape.of(4, 4, 5)), 2));

    assertThat(noted.value().shape()).isEqualTo(Shape.of(4, 4, 5));
    assertThat(noted.repairs())
        .containsExactly(
            "5 channels are no two halves of heads of 2; used vertical stripes only",
            "Heads of 2 channels do not divide 5 channels; used 1 of 5");
  }

  @Test
  void stripesWiderThanTheGridAreRepaired() {
    var noted = Scope.collectingRepairs(() -> mix(Tensor.input("x", Shape.of(5, 3, C)), 4));

    assertThat(noted.repairs())
        .containsExactly(
            "Stripes of 4 are wider than a grid of 5x3; used 3 columns and 4 rows",
            "horizontal: Tiles of 4x3 do not fill a grid of 5x3; padded it to 8x3");
  }

  private static double[] qkv(Described described, double[] x) {
    return DenseAttention.linear(x, described.values("qkv.weight"), described.values("qkv.bias"));
  }

  private static double[] branch(
      Described described,
      double[] qkv,
      String name,
      int from,
      int rows,
      int columns,
      DenseAttention.Seen seen) {
    return branch(described, qkv, name, from, from + C / 2, rows, columns, seen);
  }

  private static double[] branch(
      Described described,
      double[] qkv,
      String name,
      int from,
      int to,
      int rows,
      int columns,
      DenseAttention.Seen seen) {
    double[] value = DenseAttention.columns(qkv, 3 * C, 2 * C + from, 2 * C + to);
    double[] attended =
        DenseAttention.attend(
            DenseAttention.columns(qkv, 3 * C, from, to),
            DenseAttention.columns(qkv, 3 * C, C + from, C + to),
            value,
            rows * columns,
            (to - from) / D,
            (_, i, j) -> seen.by(i, j) ? 0 : Double.NEGATIVE_INFINITY);
    double[] local =
        DenseAttention.depthwise(
            value, rows, columns, to - from, described.values(name + ".local.weight"), seen);
    return DenseAttention.sum(
        attended, DenseAttention.plusRow(local, described.values(name + ".local.bias")));
  }

  private static Described cross(int rows, int columns, int stripe, int channels) {
    return Described.of(Shape.of(rows, columns, channels), x -> mix(x, stripe));
  }

  private static Tensor mix(Tensor x, int stripe) {
    return new CrossWindowAttention()
        .mix(
            x,
            Setting.STANDARD
                .with(CrossWindowAttention.STRIPE, stripe)
                .with(CrossWindowAttention.HEAD_DIM, D));
  }
}
