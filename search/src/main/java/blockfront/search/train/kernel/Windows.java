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

  /**
   * {@code y = sum over taps of w x}, one kernel {@code [height, width, 1, channels]} a channel.
   */
  public void depthwise(MemorySegment x, MemorySegment kernel, MemorySegment y) {
    clear(y, outputs());
    forEachTap((in, out, tap) -> multiplyAdd(x, in, kernel, (long) tap * channels, y, out));
  }

  public void depthwiseInputGradient(MemorySegment kernel, MemorySegment dy, MemorySegment dx) {
    clear(dx, inputs());
    forEachTap((in, out, tap) -> multiplyAdd(dy, out, kernel, (long) tap * channels, dx, in));
  }

  public void depthwiseKernelGradient(MemorySegment x, MemorySegment dy, MemorySegment dkernel) {
    clear(dkernel, (long) window.taps() * channels);
    forEachTap((in, out, tap) -> multiplyAdd(x, in, dy, out, dkernel, (long) tap * channels));
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

  /** {@code to += a b} over the channels of a cell. */
  private void multiplyAdd(
      MemorySegment a, long ai, MemorySegment b, long bi, MemorySegment to, long t) {
    int c = 0;
    for (; c <= channels - WIDTH; c += WIDTH) {
      FloatVector sum = load(a, ai + c).fma(load(b, bi + c), load(to, t + c));
      store(sum, to, t + c);
    }
    if (c < channels) {
      VectorMask<Float> rest = rest(c, channels);
      FloatVector sum = load(a, ai + c, rest).fma(load(b, bi + c, rest), load(to, t + c, rest));
      store(sum, to, t + c, rest);
    }
  }

  private void scale(MemorySegment from, long cell, float factor, MemorySegment to) {
    for (int c = 0; c < channels; c++) {
      to.setAtIndex(FLOAT, cell + c, from.getAtIndex(FLOAT, cell + c) * factor);
    }
  }
}
