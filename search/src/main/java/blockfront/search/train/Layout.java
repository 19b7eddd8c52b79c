package blockfront.search.train;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Where in one block of memory buffers lie, so that those alive at the same time do not overlap.
 *
 * @param offsets of each buffer, in elements
 * @param size of the block, in elements
 */
record Layout(List<Long> offsets, long size) {

  /** Buffers start at multiples of this: a cache line. */
  private static final long ALIGNMENT = 16;

  /**
   * A buffer and the steps it is alive in.
   *
   * @param elements its size
   * @param from the step that writes it
   * @param to the last step that reads it
   */
  record Interval(long elements, int from, int to) {

    private boolean overlaps(Interval other) {
      return from <= other.to && other.from <= to;
    }
  }

  /** The largest first, each at the lowest place that is free while it is alive. */
  static Layout of(List<Interval> intervals) {
    record Placed(Interval interval, long offset) {
      long end() {
        return offset + interval.elements();
      }
    }
    var order = new ArrayList<Integer>();
    for (int i = 0; i < intervals.size(); i++) {
      order.add(i);
    }
    order.sort(Comparator.comparing((Integer i) -> -intervals.get(i).elements()));
    var offsets = new Long[intervals.size()];
    var placed = new ArrayList<Placed>();
    long size = 0;
    for (int index : order) {
      Interval interval = intervals.get(index);
      long offset = 0;
      for (Placed other : placed) { // by offset
        if (other.interval().overlaps(interval)) {
          if (other.offset() >= offset + interval.elements()) {
            break;
          }
          offset = Math.max(offset, aligned(other.end()));
        }
      }
      var place = new Placed(interval, offset);
      int at = 0;
      while (at < placed.size() && placed.get(at).offset() <= offset) {
        at++;
      }
      placed.add(at, place);
      offsets[index] = offset;
      size = Math.max(size, place.end());
    }
    return new Layout(List.of(offsets), size);
  }

  private static long aligned(long offset) {
    return Math.ceilDiv(offset, ALIGNMENT) * ALIGNMENT;
  }
}
