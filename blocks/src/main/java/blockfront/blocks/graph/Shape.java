package blockfront.blocks.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Sizes of one example, outermost axis first; the batch axis is never written.
 *
 * <p>An image or token grid is {@code [height, width, channels]}, a token sequence {@code [tokens,
 * channels]}.
 *
 * @param sizes one size for each axis, all positive
 */
public record Shape(List<Integer> sizes) {

  public Shape {
    sizes = List.copyOf(sizes);
    if (sizes.isEmpty() || sizes.stream().anyMatch(size -> size < 1)) {
      throw new IllegalArgumentException("Shape needs positive sizes, got " + sizes);
    }
  }

  public static Shape of(int... sizes) {
    return new Shape(Arrays.stream(sizes).boxed().toList());
  }

  /**
   * Reads {@code 28x28x1}.
   *
   * @throws IllegalArgumentException if the text is not positive sizes joined by 'x'
   */
  public static Shape parse(String text) {
    if (!text.matches("[1-9][0-9]{0,8}(x[1-9][0-9]{0,8})*")) {
      throw new IllegalArgumentException(
          "Shape '%s' is not sizes joined by 'x', as in 28x28x1".formatted(text));
    }
    return new Shape(Arrays.stream(text.split("x")).map(Integer::valueOf).toList());
  }

  /** Size of an axis; negative counts from the last, so {@code size(-1)} is the channels. */
  public int size(int axis) {
    return sizes.get(axis < 0 ? sizes.size() + axis : axis);
  }

  public int rank() {
    return sizes.size();
  }

  /** Number of elements of one example. */
  public long elements() {
    return sizes.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
  }

  /** The same shape with another size at an axis; negative axes count from the last. */
  public Shape with(int axis, int size) {
    var changed = new ArrayList<>(sizes);
    changed.set(axis < 0 ? sizes.size() + axis : axis, size);
    return new Shape(changed);
  }

  public Shape withLast(int size) {
    return with(-1, size);
  }

  /** Axis {@code i} of the result is axis {@code order.get(i)} of this. */
  public Shape permuted(List<Integer> order) {
    return new Shape(order.stream().map(sizes::get).toList());
  }

  /**
   * The shape of an elementwise combination: axes are matched from the last, and a size of 1 (or a
   * missing axis) stretches.
   *
   * @throws IllegalArgumentException if two sizes differ and neither is 1
   */
  public Shape broadcast(Shape other) {
    int rank = Math.max(rank(), other.rank());
    var result = new ArrayList<Integer>();
    for (int axis = -rank; axis < 0; axis++) {
      int mine = -axis > rank() ? 1 : size(axis);
      int theirs = -axis > other.rank() ? 1 : other.size(axis);
      if (mine != theirs && mine != 1 && theirs != 1) {
        throw new IllegalArgumentException(
            "Cannot combine %s with %s: sizes %d and %d differ"
                .formatted(this, other, mine, theirs));
      }
      result.add(Math.max(mine, theirs));
    }
    return new Shape(result);
  }

  /** The sizes joined by 'x', as {@link #parse} reads them. */
  public String text() {
    return sizes.stream().map(String::valueOf).collect(Collectors.joining("x"));
  }

  @Override
  public String toString() {
    return sizes.toString();
  }
}
