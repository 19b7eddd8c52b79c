package blockfront.blocks.mixer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.graph.Shape;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.testing.Described;
import org.junit.jupiter.api.Test;

class PositionalAttentionTest {

  private static final int ROWS = 4;
  private static final int COLUMNS = 5;
  private static final int N = ROWS * COLUMNS;

  @Test
  void closedGatesLeaveContentOnly() {
    Described described = gpsa(8, 4, 1).random(1).set("gate", -1e3);
    double[] x = described.input(2);
    double[] both = DenseAttention.linear(x, described.values("query_key.weight"), new double[16]);
    double[] value = DenseAttention.linear(x, described.values("value.weight"), new double[8]);
    double[] seen =
        DenseAttention.attend(
            DenseAttention.columns(both, 16, 0, 8),
            DenseAttention.columns(both, 16, 8, 16),
            value,
            N,
            2,
            DenseAttention.NOTHING);

    assertThat(described.at(x)).containsExactly(out(described, seen), within(1e-12));
  }

  @Test
  void openGatesLeavePositionOnly() {
    Described described = gpsa(8, 4, 1).random(1).set("gate", 1e3);
    double[] x = described.input(2);
    double[] weight = described.values("position.weight"); // [3, 1] for the one head of a square
    double[] more = described.values("position.more");
    DenseAttention.Added added =
        (head, i, j) -> {
          double right = j % COLUMNS - i % COLUMNS;
          double down = Math.floorDiv(j, COLUMNS) - Math.floorDiv(i, COLUMNS);
          double[] own = head == 0 ? weight : more;
          return own[0] * right + own[1] * down + own[2] * (right * right + down * down);
        };
    double[] seen =
        DenseAttention.attend(
            new double[N * 8],
            new double[N * 8],
            DenseAttention.linear(x, described.values("value.weight"), new double[8]),
            N,
            2,
            added);

    assertThat(described.at(x)).containsExactly(out(described, seen), within(1e-12));
  }

  @Test
  void oneSharpHeadStartsAsTheIdentity() {
    Described described =
        gpsa(4, 4, 1000).set("gate", 1e3).set("out.weight", i -> i / 4 == i % 4 ? 1 : 0);
    double[] x = described.input(2);

    assertThat(described.at(x)).containsExactly(x, within(1e-12));
  }

  @Test
  void nineSharpHeadsStartAsAConvolution() {
    int c = 18;
    Described described = gpsa(c, 2, 1000).set("gate", 1e3);
    double[] random = Described.of(Shape.of(1, c), x -> x.linear(c)).random(5).values("weight");
    described.set("out.weight", i -> random[i]);
    double[] x = described.input(2);
    double[] y = described.at(x);

    for (int row = 1; row < ROWS - 1; row++) {
      for (int column = 1; column < COLUMNS - 1; column++) {
        for (int o = 0; o < c; o++) {
          double sum = 0;
          for (int i = 0; i < c; i++) {
            int tap = i / 2; // the head that a channel belongs to
            int token = (row + tap / 3 - 1) * COLUMNS + column + tap % 3 - 1;
            sum += random[i * c + o] * x[token * c + i];
          }
          assertThat(y[(row * COLUMNS + column) * c + o])
              .as("channel %d of row %d, column %d", o, row, column)
              .isCloseTo(sum, within(1e-9));
        }
      }
    }
  }

  /** Of four heads, the first one's tap. */
  @Test
  void asReleasedFourTapsLieBetweenTokens() {
    double[] placed = firstHead(false);
    double[] released = firstHead(true);
    int token = COLUMNS + 1;
    int upLeft = 0;

    // all of its weight on the token up and left
    assertThat(placed[token]).isCloseTo(upLeft, within(1e-9));
    // a quarter on each of the four about the middle
    assertThat(released[token]).isCloseTo((0 + 1 + COLUMNS + COLUMNS + 1) / 4.0, within(1e-9));
  }

  /** What the first head gives, where each token is its own number. */
  private static double[] firstHead(boolean asReleased) {
    Setting setting =
        Setting.STANDARD
            .with(PositionalAttention.HEAD_DIM, 1)
            .with(PositionalAttention.LOCALITY, 1000.0)
            .with(PositionalAttention.AS_RELEASED, asReleased);
    Described described =
        Described.of(Shape.of(ROWS, COLUMNS, 4), x -> new PositionalAttention().mix(x, setting))
            .set("gate", 1e3)
            .set("query_key.weight", 0)
            .set("out.weight", i -> i == 0 ? 1 : 0);
    double[] x = new double[N * 4];
    for (int i = 0; i < N; i++) {
      x[i * 4] = i;
    }
    double[] y = described.at(x);
    return DenseAttention.columns(y, 4, 0, 1);
  }

  @Test
  void headsBesideTheSquareStartAnywhere() {
    assertThat(gpsa(10, 2, 1).names()).contains("position.weight", "position.more");
    assertThat(gpsa(8, 2, 1).names()).doesNotContain("position.more");
  }

  @Test
  void costCountsThePositions() {
    int c = 18;
    int heads = 9;
    var cost = gpsa(c, 2, 1).cost();

    assertThat(cost.parameters()).isEqualTo(4 * c * c + c + 4 * heads + heads);
    assertThat(cost.multiplyAdds()).isEqualTo(4L * N * c * c + 2L * N * N * c + 3L * heads * N * N);
  }

  private static double[] out(Described described, double[] seen) {
    return DenseAttention.linear(
        seen, described.values("out.weight"), described.values("out.bias"));
  }

  private static Described gpsa(int channels, int headDim, double locality) {
    Setting setting =
        Setting.STANDARD
            .with(PositionalAttention.HEAD_DIM, headDim)
            .with(PositionalAttention.LOCALITY, locality);
    return Described.of(
        Shape.of(ROWS, COLUMNS, channels), x -> new PositionalAttention().mix(x, setting));
  }
}
