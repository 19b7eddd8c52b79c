package blockfront.blocks.reference;

import blockfront.blocks.graph.Shape;
import java.util.Arrays;
import java.util.List;

/** Where the elements of one example come from when only their places change. */
final class Indices {

  private Indices() {}

  static double[] pick(double[] values, int[] sources) {
    return Arrays.stream(sources).mapToDouble(source -> values[source]).toArray();
  }

  /** For each element of {@code to}, the element of {@code from} that stretches over it. */
  static int[] stretched(Shape from, Shape to) {
    var sources = new int[Math.toIntExact(to.elements())];
    for (int i = 0; i < sources.length; i++) {
      int rest = i;
      int stride = 1;
      for (int axis = 1; axis <= from.rank(); axis++) {
        int place = rest % to.size(-axis);
        rest /= to.size(-axis);
        sources[i] += from.size(-axis) == 1 ? 0 : place * stride;
        stride *= from.size(-axis);
      }
    }
    return sources;
  }

  /** For each element of the permuted shape, the element it was. */
  static int[] permuted(Shape from, List<Integer> order) {
    var strides = new int[from.rank()];
    int stride = 1;
    for (int axis = from.rank() - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= from.size(axis);
    }
    Shape to = from.permuted(order);
    var sources = new int[stride];
    for (int i = 0; i < sources.length; i++) {
      int rest = i;
      for (int axis = to.rank() - 1; axis >= 0; axis--) {
        sources[i] += rest % to.size(axis) * strides[order.get(axis)];
        rest /= to.size(axis);
      }
    }
    return sources;
  }

  /**
   * Copies what fits when {@code from} is laid over {@code to}, moved by {@code offset} along an
   * axis; the other axes are of equal size.
   */
  static void copy(
      double[] from, Shape fromShape, double[] to, Shape toShape, int axis, int offset) {
    int inner = 1;
    for (int i = axis + 1; i < fromShape.rank(); i++) {
      inner *= fromShape.size(i);
    }
    int fromSize = fromShape.size(axis);
    int toSize = toShape.size(axis);
    int outer = from.length / (inner * fromSize);
    for (int o = 0; o < outer; o++) {
      for (int place = 0; place < fromSize; place++) {
        int target = place + offset;
        if (target >= 0 && target < toSize) {
          System.arraycopy(
              from, (o * fromSize + place) * inner, to, (o * toSize + target) * inner, inner);
        }
      }
    }
  }

  /** Where each element of a selection comes from. */
  static int[] selected(Shape shape, int axis, List<Integer> indices) {
    int inner =
        shape.sizes().subList(axis + 1, shape.rank()).stream().reduce(1, Math::multiplyExact);
    int size = shape.size(axis);
    int outer = Math.toIntExact(shape.elements() / ((long) inner * size));
    var sources = new int[outer * indices.size() * inner];
    int at = 0;
    for (int o = 0; o < outer; o++) {
      for (int index : indices) {
        for (int i = 0; i < inner; i++) {
          sources[at++] = (o * size + index) * inner + i;
        }
      }
    }
    return sources;
  }
}
