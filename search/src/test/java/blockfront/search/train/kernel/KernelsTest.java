package blockfront.search.train.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.graph.Erf;
import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Window;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kernels against plain loops in double precision, at sizes that leave tails. */
class KernelsTest {

  private static final double[] NOTHING = {};
  private final Arena arena = Arena.ofAuto();

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 16, 31, 48, 77})
  void activationsAndTheirSlopesFollowTheFormulas(int channels) {
    int rows = 3;
    double[] x = random(rows * channels, channels);
    for (Function function :
        List.of(Function.GELU, Function.GELU_TANH, Function.SILU, Function.RELU)) {
      MemorySegment argument = memory(x);
      MemorySegment y = garbage(x.length);
      Pointwise.applyWithSlope(function, argument, y, x.length);
      for (int i = 0; i < x.length; i++) {
        check(function + " value", y, i, value(function, x[i]), 2e-6);
        check(function + " slope", argument, i, slope(function, x[i]), 2e-6);
      }
      MemorySegment plain = garbage(x.length);
      Pointwise.apply(function, memory(x), plain, x.length);
      MemorySegment gradient = garbage(x.length);
      Pointwise.gradient(function, memory(x), memory(x), gradient, x.length);
      for (int i = 0; i < x.length; i++) {
        check(function + " alone", plain, i, value(function, x[i]), 2e-6);
        check(function + " gradient", gradient, i, slope(function, x[i]) * x[i], 4e-6);
      }
    }
  }

  @Test
  void exponentialsAreGoodToTheLastDigits() {
    double[] x = new double[4001];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) ((i - 2000) * 0.04);
    }
    MemorySegment y = garbage(x.length);
    Pointwise.apply(Function.EXP, memory(x), y, x.length);
    for (int i = 0; i < x.length; i++) {
      double expected = Math.exp(x[i]);
      assertThat((double) y.getAtIndex(ValueLayout.JAVA_FLOAT, i))
          .isCloseTo(expected, within(3e-7 * expected));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 16, 40, 64, 100})
  void softmaxSumsToOneAndItsGradientFollowsTheFormula(int columns) {
    int rows = 4;
    double[] x = random(rows * columns, columns);
    double[] dy = random(rows * columns, columns + 1);
    MemorySegment y = garbage(x.length);
    Softmax.forward(memory(x), y, rows, columns);
    MemorySegment dx = garbage(x.length);
    Softmax.gradient(y, memory(dy), dx, rows, columns);
    for (int row = 0; row < rows; row++) {
      double sum = 0;
      for (int c = 0; c < columns; c++) {
        sum += Math.exp(x[row * columns + c]);
      }
      double along = 0;
      for (int c = 0; c < columns; c++) {
        along += Math.exp(x[row * columns + c]) / sum * dy[row * columns + c];
      }
      for (int c = 0; c < columns; c++) {
        int i = row * columns + c;
        double share = Math.exp(x[i]) / sum;
        check("softmax", y, i, share, 1e-6);
        check("softmax gradient", dx, i, share * (dy[i] - along), 2e-6);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 7, 16, 40, 64, 100})
  void aTileOfScoresIsWeighedAndWeighedAgainInTheBackwardPass(int columns) {
    int rows = 4;
    for (int more = 0; more < 2; more++) {
      int seen = columns - more * (rows - 1);
      var tile = new ScoreTile(rows, columns, seen, more);
      double[] x = random(rows * columns, columns);
      double[] dy = random(rows * columns, columns + 1);
      MemorySegment weights = memory(x);
      MemorySegment statistics = garbage(2 * (rows + 1));
      tile.weigh(weights, statistics, 1);
      MemorySegment alone = memory(x);
      tile.weigh(alone);
      MemorySegment again = memory(x);
      MemorySegment dx = memory(dy);
      tile.gradient(again, dx, statistics, 1);
      for (int row = 0; row < rows; row++) {
        int width = seen + row * more;
        double sum = 0;
        double along = 0;
        for (int c = 0; c < width; c++) {
          sum += Math.exp(x[row * columns + c]);
          along += Math.exp(x[row * columns + c]) * dy[row * columns + c];
        }
        for (int c = 0; c < columns; c++) {
          int i = row * columns + c;
          double share = c < width ? Math.exp(x[i]) / sum : 0;
          check("weight", weights, i, share, 1e-6);
          check("weight without statistics", alone, i, share, 1e-6);
          check("weight again", again, i, share, 1e-6);
          check("gradient", dx, i, share * (dy[i] - along / sum), 2e-6);
        }
      }
    }
  }

  @Test
  void aTileRowThatSeesNothingWeighsNothing() {
    double[] x = new double[20];
    java.util.Arrays.fill(x, Double.NEGATIVE_INFINITY);
    var tile = new ScoreTile(1, 20, 20, 0);
    MemorySegment weights = memory(x);
    MemorySegment statistics = garbage(2);
    tile.weigh(weights, statistics, 0);
    MemorySegment gradient = memory(ones(20));
    tile.gradient(memory(x), gradient, statistics, 0);
    checkAll("weights", weights, new double[20], 0);
    checkAll("gradient", gradient, new double[20], 0);
  }

  @Test
  void aMaskedRowOfASoftmaxIsNothingAndNotANumberSpreads() {
    double[] x = new double[20 * 2];
    for (int i = 0; i < 20; i++) {
      x[i] = Double.NEGATIVE_INFINITY;
    }
    x[27] = Double.NaN;
    MemorySegment y = garbage(x.length);
    Softmax.forward(memory(x), y, 2, 20);
    for (int i = 0; i < 20; i++) {
      check("masked", y, i, 0, 0);
      assertThat(y.getAtIndex(ValueLayout.JAVA_FLOAT, 20 + i)).isNaN();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8, 17, 64, 90})
  void normsAndTheirGradientsFollowTheFormulas(int channels) {
    for (int perRow : new int[] {1, 3}) {
      int rows = 4;
      int length = channels * perRow;
      if (length == 1) {
        continue; // nothing to normalise
      }
      double[] x = random(rows * length, channels);
      double[] gain = random(channels, 5);
      double[] bias = random(channels, 6);
      double[] dy = random(rows * length, 7);
      var kernel = new Normalisation(rows, length, channels, true, 1e-5f);
      MemorySegment statistics = garbage((int) kernel.statistics());
      MemorySegment y = garbage(x.length);
      MemorySegment dx = garbage(x.length);
      MemorySegment dgain = garbage(channels);
      kernel.measure(memory(x), statistics);
      kernel.forward(memory(x), memory(gain), Optional.of(memory(bias)), statistics, y);
      kernel.inputGradient(memory(x), memory(gain), memory(dy), statistics, dx);
      kernel.gainGradient(memory(x), memory(dy), statistics, dgain);
      double[] gainSums = new double[channels];
      for (int row = 0; row < rows; row++) {
        double mean = 0;
        for (int i = 0; i < length; i++) {
          mean += x[row * length + i] / length;
        }
        double variance = 0;
        for (int i = 0; i < length; i++) {
          variance += Math.pow(x[row * length + i] - mean, 2) / length;
        }
        double scale = 1 / Math.sqrt(variance + 1e-5f);
        double sum = 0;
        double along = 0;
        for (int i = 0; i < length; i++) {
          int at = row * length + i;
          double hat = (x[at] - mean) * scale;
          sum += dy[at] * gain[i % channels] / length;
          along += dy[at] * gain[i % channels] * hat / length;
          gainSums[i % channels] += dy[at] * hat;
          check("norm", y, at, hat * gain[i % channels] + bias[i % channels], 1e-5);
        }
        for (int i = 0; i < length; i++) {
          int at = row * length + i;
          double hat = (x[at] - mean) * scale;
          double expected = scale * (dy[at] * gain[i % channels] - sum - hat * along);
          check("norm gradient", dx, at, expected, 1e-5 * Math.max(1, scale));
        }
      }
      for (int c = 0; c < channels; c++) {
        check("gain gradient", dgain, c, gainSums[c], 2e-5);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 24, 40, 64})
  void rationalFunctionsAndTheirGradientsFollowTheFormulas(int channels) {
    int rows = 300; // more than one block
    int groups = 8;
    int p = 5;
    int q = 4;
    double[] x = random(rows * channels, channels);
    double[] dy = random(rows * channels, 3);
    double[] a = random(p + 1, 4);
    double[] b = random(groups * q, 5);
    x[3] = 0;
    var kernel = new Rational(rows, channels, groups, p, q);
    MemorySegment y = garbage(x.length);
    MemorySegment dx = garbage(x.length);
    MemorySegment da = garbage(a.length);
    MemorySegment db = garbage(b.length);
    kernel.forward(memory(x), memory(a), memory(b), y);
    kernel.inputGradient(memory(x), memory(a), memory(b), memory(dy), dx);
    kernel.numeratorGradient(memory(x), memory(b), memory(dy), da);
    kernel.denominatorGradient(memory(x), memory(a), memory(b), memory(dy), db);
    double[] sumsA = new double[a.length];
    double[] sumsB = new double[b.length];
    for (int i = 0; i < x.length; i++) {
      int group = i % channels / (channels / groups);
      double top = 0;
      double topSlope = 0;
      double bottom = 1;
      double bottomSlope = 0;
      double magnitude = Math.abs(x[i]);
      for (int n = 0; n <= p; n++) {
        top += a[n] * Math.pow(x[i], n);
        topSlope += n == 0 ? 0 : n * a[n] * Math.pow(x[i], n - 1);
      }
      for (int n = 1; n <= q; n++) {
        double each = Math.abs(b[group * q + n - 1]);
        bottom += each * Math.pow(magnitude, n);
        bottomSlope += n * each * Math.pow(magnitude, n - 1) * Math.signum(x[i]);
      }
      check("rational", y, i, top / bottom, 1e-5 * (1 + Math.abs(top / bottom)));
      double slope = topSlope / bottom - top * bottomSlope / (bottom * bottom);
      check("input gradient", dx, i, slope * dy[i], 1e-4 * (1 + Math.abs(slope)));
      for (int n = 0; n <= p; n++) {
        sumsA[n] += dy[i] * Math.pow(x[i], n) / bottom;
      }
      for (int n = 1; n <= q; n++) {
        sumsB[group * q + n - 1] -=
            dy[i]
                * top
                * Math.pow(magnitude, n)
                / (bottom * bottom)
                * Math.signum(b[group * q + n - 1]);
      }
    }
    for (int n = 0; n < a.length; n++) {
      check("numerator", da, n, sumsA[n], 1e-3 * (1 + Math.abs(sumsA[n])));
    }
    for (int n = 0; n < b.length; n++) {
      check("denominator", db, n, sumsB[n], 1e-3 * (1 + Math.abs(sumsB[n])));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 16, 19, 64, 83})
  void depthwiseConvolutionsFollowTheFormula(int channels) {
    for (Window window :
        List.of(Window.same(3), Window.square(3, 2, 1), new Window(2, 3, 1, 2, 1, 1, 2, 2))) {
      int height = 5;
      int width = 6;
      var kernel = new Windows(window, 2, height, width, channels);
      int rows = kernel.outHeight();
      int columns = kernel.outWidth();
      double[] x = random(2 * height * width * channels, 1);
      double[] w = random(window.taps() * channels, 2);
      double[] dy = random(2 * rows * columns * channels, 3);
      double[] y = new double[dy.length];
      double[] dx = new double[x.length];
      double[] dw = new double[w.length];
      for (int at = 0; at < dy.length; at++) {
        int c = at % channels;
        int j = at / channels % columns;
        int i = at / channels / columns % rows;
        int example = at / channels / columns / rows;
        for (int tap = 0; tap < window.taps(); tap++) {
          int row = i * window.stride() - window.top() + tap / window.width() * window.dilation();
          int column =
              j * window.stride() - window.left() + tap % window.width() * window.dilation();
          if (row >= 0 && row < height && column >= 0 && column < width) {
            int from = ((example * height + row) * width + column) * channels + c;
            y[at] += x[from] * w[tap * channels + c];
            dx[from] += dy[at] * w[tap * channels + c];
            dw[tap * channels + c] += dy[at] * x[from];
          }
        }
      }
      MemorySegment result = garbage(y.length);
      kernel.depthwise(memory(x), memory(w), result);
      checkAll("convolution", result, y, 1e-5);
      result = garbage(dx.length);
      kernel.depthwiseInputGradient(memory(w), memory(dy), result);
      checkAll("input gradient", result, dx, 1e-5);
      result = garbage(dw.length);
      kernel.depthwiseKernelGradient(memory(x), memory(dy), result);
      checkAll("kernel gradient", result, dw, 3e-5);
    }
  }

  @Test
  void arithmeticStretchesEitherSide() {
    int rows = 5;
    for (int columns : new int[] {1, 16, 35}) {
      double[] grid = random(rows * columns, 1);
      double[] row = random(columns, 2);
      double[] column = random(rows, 3);
      List<Integer> sizes = List.of(rows, columns);
      List<Long> dense = List.of((long) columns, 1L);
      for (Elementwise.Arithmetic arithmetic : Elementwise.Arithmetic.values()) {
        MemorySegment byRow = garbage(grid.length);
        new Elementwise(arithmetic, Strides.of(sizes, dense, List.of(0L, 1L)))
            .apply(memory(grid), memory(row), byRow);
        MemorySegment byColumn = garbage(grid.length);
        new Elementwise(arithmetic, Strides.of(sizes, List.of(1L, 0L), dense))
            .apply(memory(column), memory(grid), byColumn);
        MemorySegment inPlace = memory(grid);
        new Elementwise(arithmetic, Strides.of(sizes, dense, dense))
            .apply(inPlace, inPlace, inPlace);
        for (int i = 0; i < grid.length; i++) {
          check("row", byRow, i, combine(arithmetic, grid[i], row[i % columns]), 1e-5);
          double stretched = combine(arithmetic, column[i / columns], grid[i]);
          check("column", byColumn, i, stretched, 1e-5 * (1 + Math.abs(stretched)));
          check("in place", inPlace, i, combine(arithmetic, grid[i], grid[i]), 1e-5);
        }
      }
    }
  }

  @Test
  void copiesPermuteAndSumsGoOn() {
    int rows = 6;
    int columns = 21;
    double[] x = random(rows * columns, 1);
    List<Integer> swapped = List.of(columns, rows);
    MemorySegment transposed = garbage(x.length);
    new Copies(Strides.of(swapped, List.of(1L, (long) columns), List.of((long) rows, 1L)))
        .copy(memory(x), transposed);
    List<Integer> sizes = List.of(rows, columns);
    List<Long> dense = List.of((long) columns, 1L);
    var down = new Copies(Strides.of(sizes, dense, List.of(0L, 1L)));
    MemorySegment sums = garbage(columns);
    down.sum(memory(x), sums, columns, 1);
    down.addSum(memory(x), sums);
    MemorySegment means = garbage(rows);
    new Copies(Strides.of(sizes, dense, List.of(1L, 0L))).sum(memory(x), means, rows, 1f / columns);
    for (int c = 0; c < columns; c++) {
      double sum = 0;
      for (int r = 0; r < rows; r++) {
        sum += x[r * columns + c];
        check("transposed", transposed, c * rows + r, x[r * columns + c], 0);
      }
      check("twice the sum", sums, c, 2 * sum, 1e-5);
    }
    for (int r = 0; r < rows; r++) {
      double sum = 0;
      for (int c = 0; c < columns; c++) {
        sum += x[r * columns + c];
      }
      check("mean", means, r, sum / columns, 1e-5);
    }
  }

  @Test
  void masksKeepTheirRateAndDependOnSeedAndIndexAlone() {
    int count = 100_003;
    MemorySegment mask = garbage(count);
    Masks.draw(5, 0.3, mask, count);
    MemorySegment shorter = garbage(77);
    Masks.draw(5, 0.3, shorter, 77);
    MemorySegment other = garbage(count);
    Masks.draw(6, 0.3, other, count);
    int dropped = 0;
    int same = 0;
    for (int i = 0; i < count; i++) {
      float value = mask.getAtIndex(ValueLayout.JAVA_FLOAT, i);
      assertThat(value).isIn(0f, (float) (1 / 0.7));
      dropped += value == 0 ? 1 : 0;
      same += value == other.getAtIndex(ValueLayout.JAVA_FLOAT, i) ? 1 : 0;
      if (i < 77) {
        assertThat(shorter.getAtIndex(ValueLayout.JAVA_FLOAT, i)).isEqualTo(value);
      }
    }
    assertThat((double) dropped / count).isCloseTo(0.3, within(0.006));
    // two independent masks agree with probability 0.3² + 0.7²
    assertThat((double) same / count).isCloseTo(0.58, within(0.008));
    Masks.draw(5, 0, mask, count);
    checkAll("nothing dropped", mask, ones(count), 0);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 16, 37})
  void adamWFollowsThePaper(int count) {
    double[] w = random(count, 1);
    double[] m = new double[count];
    double[] v = new double[count];
    MemorySegment weights = memory(w);
    MemorySegment mean = memory(m);
    MemorySegment square = memory(v);
    for (int step = 1; step <= 3; step++) {
      double[] g = random(count, 10 + step);
      Descent.adamW(weights, memory(g), mean, square, count, step, 0.5f, 0.01f, 0.1f);
      for (int i = 0; i < count; i++) {
        double gradient = 0.5 * g[i];
        m[i] = 0.9 * m[i] + 0.1 * gradient;
        v[i] = 0.999 * v[i] + 0.001 * gradient * gradient;
        double corrected = Math.sqrt(v[i] / (1 - Math.pow(0.999, step))) + 1e-8;
        w[i] = w[i] * (1 - 0.01 * 0.1) - 0.01 * m[i] / (1 - Math.pow(0.9, step)) / corrected;
      }
    }
    checkAll("weights", weights, w, 2e-5);
  }

  private static double value(Function function, double x) {
    return switch (function) {
      case GELU -> x * normal(x);
      case GELU_TANH -> 0.5 * x * (1 + Math.tanh(tanhArgument(x)));
      case SILU -> x / (1 + Math.exp(-x));
      default -> Math.max(x, 0);
    };
  }

  private static double slope(Function function, double x) {
    if (function == Function.RELU) {
      return x > 0 ? 1 : 0;
    }
    DoubleUnaryOperator f = at -> value(function, at);
    double h = 1e-4; // five points: the error is of the fourth order
    return (8 * (f.applyAsDouble(x + h) - f.applyAsDouble(x - h))
            - (f.applyAsDouble(x + 2 * h) - f.applyAsDouble(x - 2 * h)))
        / (12 * h);
  }

  private static double normal(double x) {
    return 0.5 * (1 + Erf.erf(x / Math.sqrt(2)));
  }

  private static double tanhArgument(double x) {
    return Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
  }

  private static double combine(Elementwise.Arithmetic arithmetic, double x, double y) {
    return switch (arithmetic) {
      case ADD -> x + y;
      case SUBTRACT -> x - y;
      case MULTIPLY -> x * y;
      case DIVIDE -> x / y;
    };
  }

  private static double[] ones(int count) {
    double[] ones = new double[count];
    java.util.Arrays.fill(ones, 1);
    return ones;
  }

  /** Floats, so that both sides start from the same; never close to 0. */
  private static double[] random(int count, long seed) {
    var random = new SplittableRandom(seed);
    double[] values = count == 0 ? NOTHING : new double[count];
    for (int i = 0; i < count; i++) {
      double draw = random.nextDouble(0.05, 2);
      values[i] = (float) (random.nextBoolean() ? draw : -draw);
    }
    return values;
  }

  private MemorySegment memory(double[] values) {
    MemorySegment memory = arena.allocate(4L * values.length, 64);
    for (int i = 0; i < values.length; i++) {
      memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) values[i]);
    }
    return memory;
  }

  /** Not-a-numbers, so that what is not written shows. */
  private MemorySegment garbage(int count) {
    MemorySegment memory = arena.allocate(4L * count, 64);
    for (int i = 0; i < count; i++) {
      memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, Float.NaN);
    }
    return memory;
  }

  private static void checkAll(String name, MemorySegment actual, double[] expected, double off) {
    for (int i = 0; i < expected.length; i++) {
      check(name, actual, i, expected[i], off);
    }
  }

  private static void check(
      String name, MemorySegment actual, int index, double expected, double off) {
    assertThat((double) actual.getAtIndex(ValueLayout.JAVA_FLOAT, index))
        .as("%s at %d", name, index)
        .isCloseTo(expected, within(off));
  }
}
