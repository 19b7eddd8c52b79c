package blockfront.search.train;

import blockfront.blocks.graph.Tensor;
import blockfront.search.train.kernel.Strides;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where the elements of a tensor lie: in the buffer of another, in some order, or in its own.
 *
 * @param root whose buffer it is
 * @param offset of the first element, in elements
 * @param sizes of the axes, the batch in front if there is one
 * @param strides elements from one index of each axis to the next; 0 where it stands still
 * @param factor what elements are to be multiplied by when they are read
 */
record Place(Tensor root, long offset, List<Integer> sizes, List<Long> strides, float factor) {

  Place {
    sizes = List.copyOf(sizes);
    strides = List.copyOf(strides);
  }

  /** A buffer of its own. */
  static Place whole(Tensor tensor, List<Integer> sizes) {
    return new Place(tensor, 0, sizes, Strides.dense(sizes), 1);
  }

  /** Whether the elements follow each other, and are what they are. */
  boolean dense() {
    if (factor != 1) {
      return false;
    }
    long stride = 1;
    for (int axis = sizes.size() - 1; axis >= 0; axis--) {
      if (sizes.get(axis) > 1 && strides.get(axis) != stride) {
        return false;
      }
      stride *= sizes.get(axis);
    }
    return true;
  }

  /** Whether elements along the last axis that has more than one follow each other. */
  boolean runs() {
    for (int axis = sizes.size() - 1; axis >= 0; axis--) {
      if (sizes.get(axis) > 1) {
        return strides.get(axis) == 1;
      }
    }
    return true;
  }

  long elements() {
    return sizes.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
  }

  Place slice(int axis, int from, int size) {
    var cut = new ArrayList<>(sizes);
    cut.set(axis, size);
    return new Place(root, offset + from * strides.get(axis), cut, strides, factor);
  }

  /** Axis {@code i} of the result is axis {@code order.get(i)} of this. */
  Place permute(List<Integer> order) {
    return new Place(
        root,
        offset,
        order.stream().map(sizes::get).toList(),
        order.stream().map(strides::get).toList(),
        factor);
  }

  Place times(double scale) {
    return new Place(root, offset, sizes, strides, (float) (factor * scale));
  }

  /** The same elements in other axes, if strides can say it. */
  Optional<Place> reshape(List<Integer> target) {
    var from = new ArrayList<Integer>(); // axes of one element say nothing
    var steps = new ArrayList<Long>();
    for (int axis = 0; axis < sizes.size(); axis++) {
      if (sizes.get(axis) > 1) {
        from.add(sizes.get(axis));
        steps.add(strides.get(axis));
      }
    }
    var result = new ArrayList<Long>();
    int done = 0; // axes of from that are used up
    int axis = 0;
    while (axis < target.size()) {
      if (target.get(axis) == 1) {
        result.add(1L);
        axis++;
        continue;
      }
      // the fewest axes of both that hold as many elements
      int last = axis;
      int end = done;
      long there = target.get(axis);
      long here = from.get(end);
      while (there != here) {
        if (there < here) {
          last++;
          there *= target.get(last);
        } else {
          end++;
          here *= from.get(end);
        }
      }
      for (int i = done; i < end; i++) {
        if (steps.get(i) != steps.get(i + 1) * from.get(i + 1)) {
          return Optional.empty();
        }
      }
      var inner = new ArrayList<Long>();
      long stride = steps.get(end);
      for (int i = last; i >= axis; i--) {
        inner.addFirst(stride);
        stride *= target.get(i);
      }
      result.addAll(inner);
      done = end + 1;
      axis = last + 1;
    }
    return Optional.of(new Place(root, offset, target, result, factor));
  }
}
