package blockfront.search.train.kernel;

import static blockfront.search.train.kernel.Lanes.WIDTH;
import static blockfront.search.train.kernel.Lanes.load;
import static blockfront.search.train.kernel.Lanes.rest;
import static blockfront.search.train.kernel.Lanes.store;

import java.lang.foreign.MemorySegment;
import java.util.List;
import jdk.incubator.vector.VectorMask;

/**
 * Chosen indices of an axis.
 *
 * @param outer elements of the axes before, examples included
 * @param size of the axis
 * @param inner elements of the axes after
 */
public record Selection(long outer, int size, long inner, List<Integer> indices) {

  public Selection {
    indices = List.copyOf(indices);
  }

  public void forward(MemorySegment x, MemorySegment y) {
    long bytes = inner << 2;
    long to = 0;
    for (long o = 0; o < outer; o++) {
      for (int index : indices) {
        MemorySegment.copy(x, (o * size + index) * bytes, y, to, bytes);
        to += bytes;
      }
    }
  }

  /** The gradient of x. */
  public void gradient(MemorySegment dy, MemorySegment dx) {
    dx.asSlice(0, (outer * size * inner) << 2).fill((byte) 0);
    long from = 0;
    for (long o = 0; o < outer; o++) {
      for (int index : indices) {
        add(dy, from, dx, (o * size + index) * inner);
        from += inner;
      }
    }
  }

  private void add(MemorySegment dy, long from, MemorySegment dx, long to) {
    for (long i = 0; i < inner; i += WIDTH) {
      VectorMask<Float> rest = rest(i, inner);
      store(load(dx, to + i, rest).add(load(dy, from + i, rest)), dx, to + i, rest);
    }
  }
}
