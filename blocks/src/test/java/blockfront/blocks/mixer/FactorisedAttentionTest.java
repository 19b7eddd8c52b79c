package blockfront.blocks.mixer;

import static org.assertj.core.api.Assertions.assertThat;
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

class FactorisedAttentionTest {

  private static final int C = 32;

  /** All of it by loops; the grid may leave windows and coarse keys unfilled. */
  @ParameterizedTest
  @CsvSource({"6, 6, 2, 2, 3", "7, 5, 2, 1, 3", "8, 6, 4, 2, 3", "5, 5, 1, 4, 3", "3, 3, 1, 2, 3"})
  void groupsAttendToCoarseKeysAndMeanWindows(
      int rows, int columns, int reduction, int heads, int side) {
    Described described = fasa(rows, columns, reduction, heads, side, false).random(1);
    double[] x = described.input(2);
    int first = C / 8; // two of sixteen, or one of eight
    double[] query =
        DenseAttention.linear(x, described.values("query.weight"), described.values("query.bias"));
    double[] result =
        coarse(
            described,
            DenseAttention.columns(query, C, 0, first),
            DenseAttention.columns(x, C, 0, first),
            rows,
            columns,
            reduction);
    int width = first;
    double[] local =
        DenseAttention.plusRow(
            DenseAttention.depthwise(
                DenseAttention.columns(x, C, first, C),
                rows,
                columns,
                C - first,
                described.values("local.weight"),
                (_, _) -> true),
            described.values("local.bias"));
    double[] features =
        DenseAttention.linear(
            local, described.values("features.weight"), described.values("features.bias"));
    int groups = reduction > 1 ? 2 : 1;
    int each = (C - first) / groups;
    for (int i = 0; i < groups; i++) {
      double[] seen =
          window(
              described,
              "window" + (i + 1),
              DenseAttention.columns(query, C, first + i * each, first + (i + 1) * each),
              DenseAttention.columns(features, C - first, i * each, (i + 1) * each),
              new int[] {rows, columns, heads, side, i == 0 ? 1 : reduction});
      result = DenseAttention.joined(result, width, seen, each);
      width += each;
    }

    assertThat(described.at(x))
        .containsExactly(
            DenseAttention.linear(
                result, described.values("out.weight"), described.values("out.bias")),
            within(1e-10));
  }

  private static double[] coarse(
      Described described, double[] query, double[] x, int rows, int columns, int reduction) {
    int width = query.length / rows / columns;
    int down = (rows + reduction - 1) / reduction;
    int right = (columns + reduction - 1) / reduction;
    double[] kernel = described.values("coarse.reduce.weight");
    var reduced = new double[down * right * width];
    for (int key = 0; key < down * right; key++) {
      for (int o = 0; o < width; o++) {
        double sum = described.values("coarse.reduce.bias")[o];
        for (int tap = 0; tap < reduction * reduction; tap++) {
          int row = key / right * reduction + tap / reduction;
          int column = key % right * reduction + tap % reduction;
          if (row < rows && column < columns) {
            for (int i = 0; i < width; i++) {
              sum +=
                  kernel[(tap * width + i) * width + o] * x[(row * columns + column) * width + i];
            }
          }
        }
        reduced[key * width + o] = sum;
      }
    }
    double[] both =
        DenseAttention.linear(
            normalised(
                reduced,
                described.values("coarse.norm.gain"),
                described.values("coarse.norm.bias")),
            described.values("coarse.key_value.weight"),
            described.values("coarse.key_value.bias"));
    double[] value = DenseAttention.columns(both, 2 * width, width, 2 * width);
    return DenseAttention.attend(
        query,
        DenseAttention.columns(both, 2 * width, 0, width),
        placed(described, "coarse", value, down, right, width),
        rows * columns,
        1,
        DenseAttention.NOTHING);
  }

  private static double[] normalised(double[] x, double[] gain, double[] bias) {
    int width = gain.length;
    var y = new double[x.length];
    for (int row = 0; row < x.length / width; row++) {
      double[] each = Arrays.copyOfRange(x, row * width, (row + 1) * width);
      double mean = Arrays.stream(each).average().orElseThrow();
      double variance =
          Arrays.stream(each).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
      for (int c = 0; c < width; c++) {
        y[row * width + c] = (each[c] - mean) / Math.sqrt(variance + 1e-5) * gain[c] + bias[c];
      }
    }
    return y;
  }

  private static double[] placed(
      Described described, String name, double[] value, int rows, int columns, int width) {
    double[] local =
        DenseAttention.depthwise(
            value, rows, columns, width, described.values(name + ".place.weight"), (_, _) -> true);
    return DenseAttention.sum(
        value, DenseAttention.plusRow(local, described.values(name + ".place.bias")));
  }

  private static double[] window(
      Described described, String name, double[] query, double[] x, int[] sizes) {
    int rows = sizes[0];
    int columns = sizes[1];
    int heads = sizes[2];
    int side = sizes[3];
    int dilation = sizes[4];
    int width = query.length / rows / columns;
    int span = dilation * (side - 1) + 1;
    int down = (rows + span - 1) / span;
    int right = (columns + span - 1) / span;
    var mean = new double[side * side * width];
    for (int a = 0; a < down; a++) {
      for (int b = 0; b < right; b++) {
        for (int tap = 0; tap < side * side; tap++) {
          int row = mirrored(a * span + tap / side * dilation, rows);
          int column = mirrored(b * span + tap % side * dilation, columns);
          for (int c = 0; c < width; c++) {
            mean[tap * width + c] += x[(row * columns + column) * width + c] / (down * right);
          }
        }
      }
    }
    double[] first =
        DenseAttention.linear(
            mean, described.values(name + ".first.weight"), described.values(name + ".first.bias"));
    double[] both =
        DenseAttention.linear(
            first,
            described.values(name + ".key_value.weight"),
            described.values(name + ".key_value.bias"));
    // rows are those of a head of a token, each [key, value]
    int size = width / heads;
    double[] key = DenseAttention.columns(both, 2 * size, 0, size);
    double[] value = DenseAttention.columns(both, 2 * size, size, 2 * size);
    return DenseAttention.attend(
        query,
        key,
        placed(described, name, value, side, side, width),
        rows * columns,
        heads,
        DenseAttention.NOTHING);
  }

  private static int mirrored(int index, int length) {
    int at = index;
    while (at >= length || at < 0) {
      at = at < 0 ? -at : 2 * (length - 1) - at;
    }
    return at;
  }

  /** Keys that are all alike get even weights, whatever is asked. */
  @Test
  void aConstantGridIsSeenAsAWhole() {
    Described one = constant().random(1);
    Described other = constant().like(one).set("query.weight", i -> Math.sin(i));
    for (Described each : new Described[] {one, other}) {
      // the features of a constant are constant at the edge too
      each.set("local.weight", i -> i / 28 == 4 ? 1 : 0);
    }
    double[] x = new double[6 * 6 * C];
    for (int i = 0; i < x.length; i++) {
      x[i] = Math.cos(i % C);
    }

    assertThat(other.at(x)).containsExactly(one.at(x), within(1e-9));
  }

  private static Described constant() {
    return fasa(6, 6, 2, 2, 3, false);
  }

  @Test
  void oneWindowIsItsOwnMean() {
    Described one = fasa(3, 3, 1, 2, 3, false).random(1);
    Described released = fasa(3, 3, 1, 2, 3, true).like(one);

    assertThat(released.atRandom(2)).containsExactly(one.atRandom(2), within(1e-12));
  }

  /** Neighbouring channels of a window are mixed: what is the same in all of them is kept. */
  @Test
  void asReleasedChannelsAreAveragedInsteadOfWindows() {
    Described intended = fasa(6, 6, 1, 2, 3, false).random(1);
    Described released = fasa(6, 6, 1, 2, 3, true).like(intended);

    assertThat(released.atRandom(2)).isNotEqualTo(intended.atRandom(2));
    // windows in rows, channels alike within each: the mean of channels is not that of windows
    double[] windows = new double[6 * 6 * C];
    for (int i = 0; i < windows.length; i++) {
      windows[i] = i / C / 6 < 3 ? 1 : -1;
    }
    intended.set("local.weight", i -> i / 28 == 4 ? 1 : 0).set("local.bias", 0);
    intended.set("features.weight", i -> i / 28 == i % 28 ? 1 : 0).set("features.bias", 0);
    intended.set("window1.first.bias", 0);
    intended.set("window1.key_value.bias", 0);
    intended.set("window1.place.bias", 0);
    intended.set("out.weight", i -> i / C == i % C ? 1 : 0).set("out.bias", 0);
    released.like(intended);

    // the mean of opposite windows is nothing
    assertThat(DenseAttention.columns(intended.at(windows), C, 4, C))
        .containsExactly(new double[36 * 28], within(1e-12));
    assertThat(
            Arrays.stream(DenseAttention.columns(released.at(windows), C, 4, C))
                .map(Math::abs)
                .max()
                .orElseThrow())
        .isGreaterThan(1e-2);
  }

  @Test
  void costIsThatOfItsParts() {
    int rows = 8;
    int columns = 8;
    int n = 64;
    int reduction = 2;
    int heads = 2;
    int side = 3;
    int first = C / 8;
    int rest = C - first;
    int each = 7 * C / 16;
    int keys = n / reduction / reduction;
    var cost = fasa(rows, columns, reduction, heads, side, false).cost();
    int size = each / heads;

    assertThat(cost.parameters())
        .isEqualTo(
            C * C
                + C
                + reduction * reduction * first * first
                + first
                + 2 * first
                + 2 * first * first
                + 2 * first
                + 10 * first
                + 10 * rest
                + rest * rest
                + rest
                + 2 * (3 * size * size + 3 * size + 10 * each)
                + C * C
                + C);
    assertThat(cost.multiplyAdds())
        .isEqualTo(
            2L * n * C * C
                + ((long) first * first * n + 2L * first * first * keys + 9L * first * keys)
                + 2L * n * keys * first
                + (long) n * (9 * rest + rest * rest)
                + 2L
                    * (side * side * 3 * each * each / heads
                        + side * side * 9 * each
                        + 2 * side * side * n * each));
  }

  @Test
  void whatDoesNotFitIsRepaired() {
    var noted =
        Scope.collectingRepairs(
            () -> mix(Tensor.input("x", Shape.of(4, 3, 24)), setting(8, 4, 3, false)));

    assertThat(noted.value().shape()).isEqualTo(Shape.of(4, 3, 24));
    assertThat(noted.repairs())
        .containsExactly(
            "A reduction of 8 leaves nothing of a grid of 4x3; used 3",
            "24 channels do not fall into groups of 7 sixteenths with 4 heads; used 8 and twice 8"
                + " with 4");
  }

  private static Described fasa(
      int rows, int columns, int reduction, int heads, int side, boolean asReleased) {
    return Described.of(
        Shape.of(rows, columns, C), x -> mix(x, setting(reduction, heads, side, asReleased)));
  }

  private static Tensor mix(Tensor x, Setting setting) {
    return new FactorisedAttention().mix(x, setting);
  }

  private static Setting setting(int reduction, int heads, int side, boolean asReleased) {
    return Setting.STANDARD
        .with(FactorisedAttention.REDUCTION, reduction)
        .with(FactorisedAttention.HEADS, heads)
        .with(FactorisedAttention.WINDOW, side)
        .with(FactorisedAttention.AS_RELEASED, asReleased);
  }
}
