package blockfront.blocks.reference;

import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;

/**
 * The numbers of a tensor, outermost axis first; of a batched one, one example after another.
 *
 * <p>Immutable.
 */
public final class Array {

  private final Shape shape;
  private final boolean batched;
  private final double[] values;

  private Array(Shape shape, boolean batched, double[] values) {
    this.shape = shape;
    this.batched = batched;
    this.values = values;
  }

  /**
   * The given values for a tensor.
   *
   * @param values as many as the tensor has elements, times the examples if it is batched
   * @throws IllegalArgumentException if there are more or fewer
   */
  public static Array of(Tensor tensor, int examples, double... values) {
    long wanted = tensor.shape().elements() * (tensor.batched() ? examples : 1);
    if (values.length != wanted) {
      throw new IllegalArgumentException(
          "Array for %s and %d examples needs %d values, got %d"
              .formatted(tensor, examples, wanted, values.length));
    }
    return new Array(tensor.shape(), tensor.batched(), values.clone());
  }

  /** Each value computed from its index over all examples. */
  public static Array of(Tensor tensor, int examples, IntToDoubleFunction value) {
    var values =
        new double[Math.toIntExact(tensor.shape().elements() * (tensor.batched() ? examples : 1))];
    Arrays.setAll(values, value);
    return of(tensor, examples, values);
  }

  /** The shape of one example. */
  public Shape shape() {
    return shape;
  }

  public boolean batched() {
    return batched;
  }

  /** All values, the examples one after another. */
  public double[] values() {
    return values.clone();
  }

  /** The values for one example; the same for all if this is not batched. */
  public double[] example(int index) {
    if (!batched) {
      return values.clone();
    }
    int size = Math.toIntExact(shape.elements());
    return Arrays.copyOfRange(values, index * size, (index + 1) * size);
  }

  public int size() {
    return values.length;
  }

  public double at(int index) {
    return values[index];
  }

  /** The same with one value changed. */
  public Array with(int index, double value) {
    double[] changed = values.clone();
    changed[index] = value;
    return new Array(shape, batched, changed);
  }

  @Override
  public String toString() {
    return (batched ? "[batch] " : "") + shape + " " + Arrays.toString(values);
  }
}
