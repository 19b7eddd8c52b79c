package blockfront.search.train.kernel;

import static blockfront.search.train.kernel.Lanes.FLOAT;
import static blockfront.search.train.kernel.Lanes.WIDTH;
import static blockfront.search.train.kernel.Lanes.load;
import static blockfront.search.train.kernel.Lanes.rest;
import static blockfront.search.train.kernel.Lanes.store;

import blockfront.blocks.graph.Window;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Loops over a window that slides over grids {@code [examples, height, width, channels]}.
 *
 * @param examples how many grids
 */
public record Windows(Window window, int examples, int height, int width, int channels) {

  /** Rows of the result. */
  public int outHeight() {
    return window.rows(height);
  }

  /** Columns of the result. */
  public int outWidth() {
    return window.columns(width);
  }

  /** What is done for a tap of the window that lies within the grid. */
  @FunctionalInterface
  private interface Tap {

    /**
     * One position and tap.
     *
     * @param in first channel of the grid's cell
     * @param out first channel of the result's cell
     * @param tap index within the window
     */
    void at(long in, long out, int tap);
  }

  /** Vectors that are summed up side by side, so that one need not wait for the other. */
  private static final int ABREAST = 4;

  /**
   * {@code y = sum over taps of w x}, one kernel {@code [height, width, 1, channels]} a channel.
   */
  public void depthwise(MemorySegment x, MemorySegment kernel, MemorySegment y) {
    int rows = outHeight();
    int columns = outWidth();
    for (int example = 0; example < examples; example++) {
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns; j++) {
          long out = (((long) example * rows + i) * columns + j) * channels;
          int c = 0;
          for (; c <= channels - ABREAST * WIDTH; c += ABREAST * WIDTH) {
            cell(x, kernel, y, example, i, j, out + c, c);
          }
          for (; c < channels; c += WIDTH) {
            cell(x, kernel, y, example, i, j, out + c, c, rest(c, channels));
          }
        }
      }
    }
  }

  private void cell(
      MemorySegment x,
      MemorySegment kernel,
      MemorySegment y,
      int example,
      int i,
      int j,
      long out,
      int c) {
    FloatVector s0 = Lanes.zero();
    FloatVector s1 = Lanes.zero();
    FloatVector s2 = Lanes.zero();
    FloatVector s3 = Lanes.zero();
    for (int p = 0; p < window.height(); p++) {
      int row = i * window.stride() - window.top() + p * window.dilation();
      if (row < 0 || row >= height) {
        continue;
      }
      for (int q = 0; q < window.width(); q++) {
        int column = j * window.stride() - window.left() + q * window.dilation();
        if (column >= 0 && column < width) {
          long in = (((long) example * height + row) * width + column) * channels + c;
          long k = ((long) p * window.width() + q) * channels + c;
          s0 = load(x, in).fma(load(kernel, k), s0);
          s1 = load(x, in + WIDTH).fma(load(kernel, k + WIDTH), s1);
          s2 = load(x, in + 2L * WIDTH).fma(load(kernel, k + 2L * WIDTH), s2);
          s3 = load(x, in + 3L * WIDTH).fma(load(kernel, k + 3L * WIDTH), s3);
        }
      }
    }
    store(s0, y, out);
    store(s1, y, out + WIDTH);
    store(s2, y, out + 2L * WIDTH);
    store(s3, y, out + 3L * WIDTH);
  }

  private void cell(
      MemorySegment x,
      MemorySegment kernel,
      MemorySegment y,
      int example,
      int i,
      int j,
      long out,
      int c,
      VectorMask<Float> rest) {
    FloatVector sum = Lanes.zero();
    for (int p = 0; p < window.height(); p++) {
      int row = i * window.stride() - window.top() + p * window.dilation();
      if (row < 0 || row >= height) {
        continue;
      }
      for (int q = 0; q < window.width(); q++) {
        int column = j * window.stride() - window.left() + q * window.dilation();
        if (column >= 0 && column < width) {
          long in = (((long) example * height + row) * width + column) * channels + c;
          long k = ((long) p * window.width() + q) * channels + c;
          sum = load(x, in, rest).fma(load(kernel, k, rest), sum);
        }
      }
    }
    store(sum, y, out, rest);
  }

  public void depthwiseInputGradient(MemorySegment kernel, MemorySegment dy, MemorySegment dx) {
    for (int example = 0; example < examples; example++) {
      for (int row = 0; row < height; row++) {
        for (int column = 0; column < width; column++) {
          long in = (((long) example * height + row) * width + column) * channels;
          int c = 0;
          for (; c <= channels - ABREAST * WIDTH; c += ABREAST * WIDTH) {
            origin(kernel, dy, dx, example, row, column, in + c, c);
          }
          for (; c < channels; c += WIDTH) {
            origin(kernel, dy, dx, example, row, column, in + c, c, rest(c, channels));
          }
        }
      }
    }
  }

  private void origin(
      MemorySegment kernel,
      MemorySegment dy,
      MemorySegment dx,
      int example,
      int row,
      int column,
      long in,
      int c) {
    FloatVector s0 = Lanes.zero();
    FloatVector s1 = Lanes.zero();
    FloatVector s2 = Lanes.zero();
    FloatVector s3 = Lanes.zero();
    int rows = outHeight();
    int columns = outWidth();
    for (int p = 0; p < window.height(); p++) {
      int i = position(row + window.top() - p * window.dilation(), rows);
      if (i < 0) {
        continue;
      }
      for (int q = 0; q < window.width(); q++) {
        int j = position(column + window.left() - q * window.dilation(), columns);
        if (j >= 0) {
          long out = (((long) example * rows + i) * columns + j) * channels + c;
          long k = ((long) p * window.width() + q) * channels + c;
          s0 = load(dy, out).fma(load(kernel, k), s0);
          s1 = load(dy, out + WIDTH).fma(load(kernel, k + WIDTH), s1);
          s2 = load(dy, out + 2L * WIDTH).fma(load(kernel, k + 2L * WIDTH), s2);
          s3 = load(dy, out + 3L * WIDTH).fma(load(kernel, k + 3L * WIDTH), s3);
        }
      }
    }
    store(s0, dx, in);
    store(s1, dx, in + WIDTH);
    store(s2, dx, in + 2L * WIDTH);
    store(s3, dx, in + 3L * WIDTH);
  }

  private void origin(
      MemorySegment kernel,
      MemorySegment dy,
      MemorySegment dx,
      int example,
      int row,
      int column,
      long in,
      int c,
      VectorMask<Float> rest) {
    FloatVector sum = Lanes.zero();
    int rows = outHeight();
    int columns = outWidth();
    for (int p = 0; p < window.height(); p++) {
      int i = position(row + window.top() - p * window.dilation(), rows);
      if (i < 0) {
        continue;
      }
      for (int q = 0; q < window.width(); q++) {
        int j = position(column + window.left() - q * window.dilation(), columns);
        if (j >= 0) {
          long out = (((long) example * rows + i) * columns + j) * channels + c;
          long k = ((long) p * window.width() + q) * channels + c;
          sum = load(dy, out, rest).fma(load(kernel, k, rest), sum);
        }
      }
    }
    store(sum, dx, in, rest);
  }

  /** The position whose window begins {@code offset} after the padding; -1 if there is none. */
  private int position(int offset, int positions) {
    int stride = window.stride();
    if (stride == 1) {
      return offset < positions ? offset : -1; // a division takes longer than what it is for
    }
    if (offset < 0 || offset % stride != 0) {
      return -1;
    }
    int position = offset / stride;
    return position < positions ? position : -1;
  }

  public void depthwiseKernelGradient(MemorySegment x, MemorySegment dy, MemorySegment dkernel) {
    clear(dkernel, (long) window.taps() * channels);
    for (int example = 0; example < examples; example++) {
      int c = 0;
      for (; c <= channels - ABREAST * WIDTH; c += ABREAST * WIDTH) {
        for (int p = 0; p < window.height(); p++) {
          for (int q = 0; q < window.width(); q++) {
            tap(x, dy, dkernel, example, p, q, c);
          }
        }
      }
      for (; c < channels; c += WIDTH) {
        VectorMask<Float> rest = rest(c, channels);
        for (int p = 0; p < window.height(); p++) {
          for (int q = 0; q < window.width(); q++) {
            tap(x, dy, dkernel, example, p, q, c, rest);
          }
        }
      }
    }
  }

  private void tap(
      MemorySegment x, MemorySegment dy, MemorySegment dkernel, int example, int p, int q, int c) {
    long k = ((long) p * window.width() + q) * channels + c;
    FloatVector s0 = load(dkernel, k);
    FloatVector s1 = load(dkernel, k + WIDTH);
    FloatVector s2 = load(dkernel, k + 2L * WIDTH);
    FloatVector s3 = load(dkernel, k + 3L * WIDTH);
    int rows = outHeight();
    int columns = outWidth();
    for (int i = 0; i < rows; i++) {
      int row = i * window.stride() - window.top() + p * window.dilation();
      if (row < 0 || row >= height) {
        continue;
      }
      for (int j = 0; j < columns; j++) {
        int column = j * window.stride() - window.left() + q * window.dilation();
        if (column >= 0 && column < width) {
          long in = (((long) example * height + row) * width + column) * channels + c;
          long out = (((long) example * rows + i) * columns + j) * channels + c;
          s0 = load(x, in).fma(load(dy, out), s0);
          s1 = load(x, in + WIDTH).fma(load(dy, out + WIDTH), s1);
          s2 = load(x, in + 2L * WIDTH).fma(load(dy, out + 2L * WIDTH), s2);
          s3 = load(x, in + 3L * WIDTH).fma(load(dy, out + 3L * WIDTH), s3);
        }
      }
    }
    store(s0, dkernel, k);
    store(s1, dkernel, k + WIDTH);
    store(s2, dkernel, k + 2L * WIDTH);
    store(s3, dkernel, k + 3L * WIDTH);
  }

  private void tap(
      MemorySegment x,
      MemorySegment dy,
      MemorySegment dkernel,
      int example,
      int p,
      int q,
      int c,
      VectorMask<Float> rest) {
    long k = ((long) p * window.width() + q) * channels + c;
    FloatVector sum = load(dkernel, k, rest);
    int rows = outHeight();
    int columns = outWidth();
    for (int i = 0; i < rows; i++) {
      int row = i * window.stride() - window.top() + p * window.dilation();
      if (row < 0 || row >= height) {
        continue;
      }
      for (int j = 0; j < columns; j++) {
        int column = j * window.stride() - window.left() + q * window.dilation();
        if (column >= 0 && column < width) {
          long in = (((long) example * height + row) * width + column) * channels + c;
          long out = (((long) example * rows + i) * columns + j) * channels + c;
          sum = load(x, in, rest).fma(load(dy, out, rest), sum);
        }
      }
    }
    store(sum, dkernel, k, rest);
  }

  /** Mean over the taps that lie within the grid. */
  public void averagePool(MemorySegment x, MemorySegment y) {
    clear(y, outputs());
    forEachTap((in, out, tap) -> Copies.add(x, in, y, out, channels));
    forEachCell((cell, taps) -> scale(y, cell, 1f / taps, y));
  }

  /** The gradient of {@link #averagePool}; {@code scratch} holds as much as {@code dy}. */
  public void averagePoolGradient(MemorySegment dy, MemorySegment scratch, MemorySegment dx) {
    forEachCell((cell, taps) -> scale(dy, cell, 1f / taps, scratch));
    clear(dx, inputs());
    forEachTap((in, out, tap) -> Copies.add(scratch, out, dx, in, channels));
  }

  /**
   * Lays the taps of some channels of some examples out as rows {@code [examples outHeight
   * outWidth, taps count]}; what lies outside the grid is 0.
   */
  public void unfold(
      MemorySegment x,
      MemorySegment columns,
      int fromExample,
      int toExample,
      int first,
      int count) {
    int rowLength = window.taps() * count;
    clear(columns, (long) (toExample - fromExample) * outHeight() * outWidth() * rowLength);
    long origin = (long) fromExample * outHeight() * outWidth();
    forEachTap(
        fromExample,
        toExample,
        (in, out, tap) ->
            MemorySegment.copy(
                x,
                (in + first) << 2,
                columns,
                ((out / channels - origin) * rowLength + (long) tap * count) << 2,
                (long) count << 2));
  }

  /**
   * Adds rows laid out by {@link #unfold} back to where they came from; {@code dx} is not cleared.
   */
  public void fold(
      MemorySegment columns,
      MemorySegment dx,
      int fromExample,
      int toExample,
      int first,
      int count) {
    int rowLength = window.taps() * count;
    long origin = (long) fromExample * outHeight() * outWidth();
    forEachTap(
        fromExample,
        toExample,
        (in, out, tap) ->
            Copies.add(
                columns,
                (out / channels - origin) * rowLength + (long) tap * count,
                dx,
                in + first,
                count));
  }

  private void forEachTap(Tap tap) {
    forEachTap(0, examples, tap);
  }

  /** The position in the result is given as if it had {@link #channels} channels too. */
  private void forEachTap(int fromExample, int toExample, Tap tap) {
    int rows = outHeight();
    int columns = outWidth();
    for (int example = fromExample; example < toExample; example++) {
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns; j++) {
          long out = (((long) example * rows + i) * columns + j) * channels;
          for (int p = 0; p < window.height(); p++) {
            int row = i * window.stride() - window.top() + p * window.dilation();
            if (row < 0 || row >= height) {
              continue;
            }
            for (int q = 0; q < window.width(); q++) {
              int column = j * window.stride() - window.left() + q * window.dilation();
              if (column >= 0 && column < width) {
                long in = (((long) example * height + row) * width + column) * channels;
                tap.at(in, out, p * window.width() + q);
              }
            }
          }
        }
      }
    }
  }

  /** What is done for a cell of the result. */
  @FunctionalInterface
  private interface Cell {
    void at(long cell, int taps);
  }

  private void forEachCell(Cell cell) {
    int rows = outHeight();
    int columns = outWidth();
    for (int example = 0; example < examples; example++) {
      for (int i = 0; i < rows; i++) {
        int vertical = inside(i, window.top(), window.height(), height);
        for (int j = 0; j < columns; j++) {
          int horizontal = inside(j, window.left(), window.width(), width);
          cell.at((((long) example * rows + i) * columns + j) * channels, vertical * horizontal);
        }
      }
    }
  }

  /** Taps of one axis that lie within the grid; at least 1, so that an empty mean is 0. */
  private int inside(int position, int padding, int taps, int size) {
    int count = 0;
    for (int tap = 0; tap < taps; tap++) {
      int at = position * window.stride() - padding + tap * window.dilation();
      count += at >= 0 && at < size ? 1 : 0;
    }
    return Math.max(count, 1);
  }

  private long inputs() {
    return (long) examples * height * width * channels;
  }

  private long outputs() {
    return (long) examples * outHeight() * outWidth() * channels;
  }

  private static void clear(MemorySegment segment, long count) {
    segment.asSlice(0, count << 2).fill((byte) 0);
  }

  private void scale(MemorySegment from, long cell, float factor, MemorySegment to) {
    for (int c = 0; c < channels; c++) {
      to.setAtIndex(FLOAT, cell + c, from.getAtIndex(FLOAT, cell + c) * factor);
    }
  }
}
