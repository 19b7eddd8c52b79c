package blockfront.blocks.graph;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;

/** An immutable row of numbers: the entries of a constant tensor, outermost axis first. */
public final class Values {

  private final double[] entries;

  private Values(double[] entries) {
    this.entries = entries;
  }

  public static Values of(double... entries) {
    return new Values(entries.clone());
  }

  /** {@code size} entries, each computed from its index. */
  public static Values of(int size, IntToDoubleFunction entry) {
    var entries = new double[size];
    Arrays.setAll(entries, entry);
    return new Values(entries);
  }

  public double at(int index) {
    return entries[index];
  }

  public int size() {
    return entries.length;
  }

  public double[] toArray() {
    return entries.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Values values && Arrays.equals(entries, values.entries);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(entries);
  }

  @Override
  public String toString() {
    return entries.length <= 8 ? Arrays.toString(entries) : entries.length + " values";
  }
}
