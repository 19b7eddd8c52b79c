package blockfront.blocks.mixer;

import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import blockfront.blocks.graph.Window;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One level of the dual-tree complex wavelet transform with the near-symmetric filters of 13 and 19
 * taps (<a href="https://doi.org/10.1006/acha.2000.0343">Kingsbury, 2001</a>), not decimated: a low
 * band as large as the grid, and six complex bands of half its height and width.
 *
 * <p>Grids are mirrored at their borders, the outermost cell included.
 *
 * @param low {@code [height, width, channels]}
 * @param real parts of the bands of 15, 165, 45, 135, 75 and 105 degrees above each other, {@code
 *     [6 height / 2, width / 2, channels]}
 * @param imaginary parts likewise
 */
record DualTree(Tensor low, Tensor real, Tensor imaginary) {

  static final int BANDS = 6;

  private static final double[] H0 = symmetric(5120, -9, 0, 114, -240, -247, 1520, 2844);
  private static final double[] G0 =
      symmetric(1146880, 81, 0, -1539, -2160, 8208, 27360, -63816, -59280, 343786, 641600);
  private static final double[] H1 = alternating(G0, -1);
  private static final double[] G1 = alternating(H0, 1);

  private static final double SQUARE_ROOT = Math.sqrt(0.5);

  /** Of a grid {@code [height, width, channels]} with an even number of rows and columns. */
  static DualTree of(Tensor x) {
    Tensor lowRows = along(x, H0, 1);
    Tensor highRows = along(x, H1, 1);
    Pair lowHigh = Pair.of(along(lowRows, H1, 0));
    Pair highHigh = Pair.of(along(highRows, H1, 0));
    Pair highLow = Pair.of(along(highRows, H0, 0));
    return new DualTree(
        along(lowRows, H0, 0),
        Tensor.concatenate(
            0,
            lowHigh.firstReal(),
            lowHigh.secondReal(),
            highHigh.firstReal(),
            highHigh.secondReal(),
            highLow.firstReal(),
            highLow.secondReal()),
        Tensor.concatenate(
            0,
            lowHigh.firstImaginary(),
            lowHigh.secondImaginary(),
            highHigh.firstImaginary(),
            highHigh.secondImaginary(),
            highLow.firstImaginary(),
            highLow.secondImaginary()));
  }

  /** The grid that has these bands. */
  Tensor inverse() {
    Tensor lowHigh = pair(0).grid();
    Tensor highHigh = pair(1).grid();
    Tensor highLow = pair(2).grid();
    Tensor high = along(highHigh, G1, 0).plus(along(highLow, G0, 0));
    Tensor rest = along(lowHigh, G1, 0).plus(along(low, G0, 0));
    return along(high, G1, 1).plus(along(rest, G0, 1));
  }

  private Pair pair(int index) {
    return new Pair(
        band(real, 2 * index),
        band(real, 2 * index + 1),
        band(imaginary, 2 * index),
        band(imaginary, 2 * index + 1));
  }

  private static Tensor band(Tensor bands, int index) {
    int rows = bands.shape().size(0) / BANDS;
    return bands.slice(0, index * rows, (index + 1) * rows);
  }

  /**
   * Two complex bands, which together say as much as a real one of twice their height and width: of
   * each of its quads {@code a b / c e}, {@code (a - e) + i (b + c)} and {@code (a + e) + i (b -
   * c)}, scaled by {@code 1 / sqrt 2}.
   */
  private record Pair(
      Tensor firstReal, Tensor secondReal, Tensor firstImaginary, Tensor secondImaginary) {

    static Pair of(Tensor band) {
      Tensor upper = band.select(0, every(band.shape().size(0), 0)).times(SQUARE_ROOT);
      Tensor lower = band.select(0, every(band.shape().size(0), 1)).times(SQUARE_ROOT);
      int columns = band.shape().size(1);
      Tensor a = upper.select(1, every(columns, 0));
      Tensor b = upper.select(1, every(columns, 1));
      Tensor c = lower.select(1, every(columns, 0));
      Tensor e = lower.select(1, every(columns, 1));
      return new Pair(a.minus(e), a.plus(e), b.plus(c), b.minus(c));
    }

    Tensor grid() {
      Tensor a = firstReal.plus(secondReal);
      Tensor b = firstImaginary.plus(secondImaginary);
      Tensor c = firstImaginary.minus(secondImaginary);
      Tensor e = secondReal.minus(firstReal);
      Shape shape = a.shape();
      int rows = shape.size(0);
      int columns = shape.size(1);
      int channels = shape.size(2);
      Tensor upper = Tensor.concatenate(2, a, b).reshape(rows, 2 * columns * channels);
      Tensor lower = Tensor.concatenate(2, c, e).reshape(rows, 2 * columns * channels);
      return Tensor.concatenate(1, upper, lower)
          .reshape(2 * rows, 2 * columns, channels)
          .times(SQUARE_ROOT);
    }

    private static List<Integer> every(int size, int first) {
      return IntStream.range(0, size / 2).map(i -> 2 * i + first).boxed().toList();
    }
  }

  /** Filters down the columns (axis 0) or along the rows (axis 1). */
  private static Tensor along(Tensor x, double[] filter, int axis) {
    int taps = filter.length;
    int size = x.shape().size(axis);
    int channels = x.shape().size(2);
    Tensor mirrored =
        x.select(
            axis,
            IntStream.range(-(taps / 2), size + taps / 2)
                .map(i -> mirrored(i, size))
                .boxed()
                .toList());
    int height = axis == 0 ? taps : 1;
    int width = axis == 0 ? 1 : taps;
    Tensor kernel =
        Tensor.constant(
            Op.Purpose.TRANSFORM,
            Values.of(taps * channels, i -> filter[i / channels]),
            height,
            width,
            1,
            channels);
    return mirrored.convolve(kernel, new Window(height, width, 1, 1, 0, 0, 0, 0), channels);
  }

  /** {@code -1 - m} is m and {@code size + m} is {@code size - 1 - m}, as often as needed. */
  private static int mirrored(int index, int size) {
    int within = Math.floorMod(index, 2 * size);
    return within < size ? within : 2 * size - 1 - within;
  }

  /** The first half and the centre of a filter, over a common denominator. */
  private static double[] symmetric(double denominator, double... half) {
    int centre = half.length - 1;
    return IntStream.rangeClosed(-centre, centre)
        .mapToDouble(i -> half[centre - Math.abs(i)] / denominator)
        .toArray();
  }

  private static double[] alternating(double[] filter, double sign) {
    return IntStream.range(0, filter.length)
        .mapToDouble(i -> (i % 2 == 0 ? sign : -sign) * filter[i])
        .toArray();
  }
}
