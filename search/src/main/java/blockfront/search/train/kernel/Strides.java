package blockfront.search.train.kernel;

import java.util.ArrayList;
import java.util.List;

/**
 * A walk over two arrays side by side, each element of the one with one of the other; adjacent axes
 * that both walk alike are one.
 *
 * @param sizes of the axes, outermost first, at least one
 * @param first elements from one index of an axis to the next, in the first array; 0 stands still
 * @param second likewise in the second array
 */
public record Strides(List<Integer> sizes, List<Long> first, List<Long> second) {

  public Strides {
    sizes = List.copyOf(sizes);
    first = List.copyOf(first);
    second = List.copyOf(second);
  }

  /** Joins axes where it can. */
  public static Strides of(List<Integer> sizes, List<Long> first, List<Long> second) {
    var joined = new ArrayList<Integer>();
    var a = new ArrayList<Long>();
    var b = new ArrayList<Long>();
    for (int axis = 0; axis < sizes.size(); axis++) {
      int size = sizes.get(axis);
      if (size == 1) {
        continue;
      }
      int last = joined.size() - 1;
      boolean joins =
          last >= 0
              && a.get(last) == first.get(axis) * size
              && b.get(last) == second.get(axis) * size;
      if (joins) {
        joined.set(last, joined.get(last) * size);
        a.set(last, first.get(axis));
        b.set(last, second.get(axis));
      } else {
        joined.add(size);
        a.add(first.get(axis));
        b.add(second.get(axis));
      }
    }
    if (joined.isEmpty()) {
      return new Strides(List.of(1), List.of(1L), List.of(1L));
    }
    return new Strides(joined, a, b);
  }

  /** The strides of a dense array of the given sizes. */
  public static List<Long> dense(List<Integer> sizes) {
    var strides = new ArrayList<Long>();
    long stride = 1;
    for (int axis = sizes.size() - 1; axis >= 0; axis--) {
      strides.addFirst(stride);
      stride *= sizes.get(axis);
    }
    return strides;
  }

  int innerSize() {
    return sizes.getLast();
  }

  long innerFirst() {
    return first.getLast();
  }

  long innerSecond() {
    return second.getLast();
  }

  /** Runs along the innermost axis, one after another; allocates nothing on the way. */
  Walk walk() {
    return new Walk(this);
  }

  /** Where the next run begins in both arrays. Owned by one thread. */
  static final class Walk {
    private final int[] sizes;
    private final long[] firstSteps;
    private final long[] secondSteps;
    private final int[] index;
    private long first;
    private long second;

    private Walk(Strides strides) {
      int outer = strides.sizes().size() - 1;
      sizes = new int[outer];
      firstSteps = new long[outer];
      secondSteps = new long[outer];
      index = new int[outer];
      for (int axis = 0; axis < outer; axis++) {
        sizes[axis] = strides.sizes().get(axis);
        firstSteps[axis] = strides.first().get(axis);
        secondSteps[axis] = strides.second().get(axis);
      }
    }

    long first() {
      return first;
    }

    long second() {
      return second;
    }

    /** Goes to the next run; false, and back at the start, after the last. */
    boolean next() {
      for (int axis = index.length - 1; axis >= 0; axis--) {
        first += firstSteps[axis];
        second += secondSteps[axis];
        index[axis]++;
        if (index[axis] < sizes[axis]) {
          return true;
        }
        first -= firstSteps[axis] * sizes[axis];
        second -= secondSteps[axis] * sizes[axis];
        index[axis] = 0;
      }
      return false;
    }
  }
}
