package blockfront.search.train.kernel;

import static blockfront.search.train.kernel.Lanes.WIDTH;
import static blockfront.search.train.kernel.Lanes.load;
import static blockfront.search.train.kernel.Lanes.rest;
import static blockfront.search.train.kernel.Lanes.store;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.VectorMask;

/**
 * Rows of a table by index.
 *
 * @param rows of the table
 * @param channels of a row
 * @param count indices
 */
public record Table(int rows, int channels, long count) {

  public void forward(MemorySegment table, MemorySegment index, MemorySegment y) {
    long bytes = (long) channels << 2;
    for (long i = 0; i < count; i++) {
      MemorySegment.copy(table, row(index, i) * bytes, y, i * bytes, bytes);
    }
  }

  /** The gradient of the table. */
  public void gradient(MemorySegment index, MemorySegment dy, MemorySegment dtable) {
    dtable.asSlice(0, ((long) rows * channels) << 2).fill((byte) 0);
    for (long i = 0; i < count; i++) {
      long to = row(index, i) * channels;
      long from = i * channels;
      for (int c = 0; c < channels; c += WIDTH) {
        VectorMask<Float> rest = rest(c, channels);
        store(load(dtable, to + c, rest).add(load(dy, from + c, rest)), dtable, to + c, rest);
      }
    }
  }

  private long row(MemorySegment index, long at) {
    return (long) Math.clamp(Math.rint(index.getAtIndex(ValueLayout.JAVA_FLOAT, at)), 0, rows - 1);
  }
}
