package blockfront.search.data;

import blockfront.blocks.graph.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Labelled images of one shape {@code [height, width, channels]}, one byte a value; immutable. */
public final class Examples {

  private static final int LONGEST_ARRAY = Integer.MAX_VALUE - 8;

  private final Shape shape;
  private final int stride;
  private final byte[] pixels;
  private final int[] labels;

  private Examples(Shape shape, byte[] pixels, int[] labels) {
    if (shape.rank() != 3) {
      throw new IllegalArgumentException(
          "Examples need images [height, width, channels], got " + shape);
    }
    if (pixels.length != shape.elements() * labels.length) {
      throw new IllegalArgumentException(
          "Examples need %d values for %d images of %s, got %d"
              .formatted(shape.elements() * labels.length, labels.length, shape, pixels.length));
    }
    for (int label : labels) {
      if (label < 0) {
        throw new IllegalArgumentException("Examples need labels of at least 0, got " + label);
      }
    }
    this.shape = shape;
    this.stride = Math.toIntExact(shape.elements());
    this.pixels = pixels;
    this.labels = labels;
  }

  /**
   * Copies images and their labels.
   *
   * @param shape height, width and channels of one image
   * @param pixels unsigned bytes, image by image, channels last
   * @param labels class of each image, counted from 0
   * @throws IllegalArgumentException if the numbers do not fit each other
   */
  public static Examples of(Shape shape, byte[] pixels, int[] labels) {
    return new Examples(shape, pixels.clone(), labels.clone());
  }

  /** As {@link #of}, for arrays that nobody will write to again: a set may fill half the heap. */
  static Examples owning(Shape shape, byte[] pixels, int[] labels) {
    return new Examples(shape, pixels, labels);
  }

  /**
   * An array for the pixels of so many images.
   *
   * @throws DataException if they are more than one array can hold
   */
  static byte[] room(String where, Shape shape, long count) {
    long bytes = Math.multiplyExact(shape.elements(), count);
    if (bytes > LONGEST_ARRAY) {
      throw new DataException(
          "%s: wanted at most %d bytes of pixels, got %d images of %s, which are %d"
              .formatted(where, LONGEST_ARRAY, count, shape.text(), bytes));
    }
    return new byte[(int) bytes];
  }

  /** Shape of one image: {@code [height, width, channels]}. */
  public Shape shape() {
    return shape;
  }

  public int size() {
    return labels.length;
  }

  /** Class of an example, counted from 0. */
  public int label(int example) {
    return labels[example];
  }

  /** One value of {@code 0..255}. */
  public int pixel(int example, int row, int column, int channel) {
    int offset = (row * shape.size(1) + column) * shape.size(2) + channel;
    return pixels[example * stride + offset] & 0xFF;
  }

  /** The values of one image, row by row, channels last; a copy of {@code h * w * c} bytes. */
  public byte[] pixels(int example) {
    return Arrays.copyOfRange(pixels, example * stride, (example + 1) * stride);
  }

  /** How many examples each of {@code classes} classes has. */
  public List<Integer> countByClass(int classes) {
    var counts = new int[classes];
    for (int label : labels) {
      counts[label]++;
    }
    return Arrays.stream(counts).boxed().toList();
  }

  /** These examples in this order. */
  Examples chosen(int[] indices) {
    var chosen = new byte[indices.length * stride];
    for (int i = 0; i < indices.length; i++) {
      System.arraycopy(pixels, indices[i] * stride, chosen, i * stride, stride);
    }
    return owning(shape, chosen, IntStream.of(indices).map(this::label).toArray());
  }

  /** The examples from one index to before another. */
  Examples between(int start, int end) {
    return chosen(IntStream.range(start, end).toArray());
  }

  /** All values behind {@link #pixels}; shared, only to be read. */
  byte[] sharedPixels() {
    return pixels;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Examples that
        && shape.equals(that.shape)
        && Arrays.equals(labels, that.labels)
        && Arrays.equals(pixels, that.pixels);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(labels) + Arrays.hashCode(pixels);
  }

  @Override
  public String toString() {
    return "%d examples of %s".formatted(size(), shape);
  }
}
