package blockfront.search.data;

import blockfront.blocks.graph.Shape;
import blockfront.blocks.network.Task;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What networks learn from: images {@code [height, width, channels]} of one byte a value, or
 * sequences of tokens {@code [length]} or vectors {@code [length, channels]}; with each a class, a
 * token at each place, or a number. All of one shape; immutable.
 */
public final class Examples {

  /** Of a place whose answer does not count. */
  public static final int IGNORED = -1;

  static final int LONGEST_ARRAY = Integer.MAX_VALUE - 8;

  private final Shape shape;
  private final int stride;
  private final int size;
  private final byte[] pixels; // of images, else empty
  private final float[] numbers; // of sequences, else empty
  private final int[] labels; // one or, in a row, several for each example; else empty
  private final float[] truths; // one for each example, else empty

  private Examples(
      Shape shape, int size, byte[] pixels, float[] numbers, int[] labels, float[] truths) {
    this.shape = shape;
    this.stride = Math.toIntExact(shape.elements());
    this.size = size;
    this.pixels = pixels;
    this.numbers = numbers;
    this.labels = labels;
    this.truths = truths;
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
    return owning(shape, pixels.clone(), labels.clone());
  }

  /** As {@link #of}, for arrays that nobody will write to again: a set may fill half the heap. */
  static Examples owning(Shape shape, byte[] pixels, int[] labels) {
    if (shape.rank() != 3) {
      throw new IllegalArgumentException(
          "Examples need images [height, width, channels], got " + shape);
    }
    if (pixels.length != shape.elements() * labels.length) {
      throw new IllegalArgumentException(
          "Examples need %d values for %d images of %s, got %d"
              .formatted(shape.elements() * labels.length, labels.length, shape, pixels.length));
    }
    requireLabels(labels, 0);
    return new Examples(shape, labels.length, pixels, new float[0], labels, new float[0]);
  }

  /**
   * Sequences of one class each; the arrays become this object's own.
   *
   * @param shape {@code [length]} of tokens, {@code [length, channels]} of vectors
   * @param labels class of each sequence, counted from 0
   */
  static Examples sequences(Shape shape, float[] numbers, int[] labels) {
    requireSequences(shape, numbers, labels.length);
    requireLabels(labels, 0);
    return new Examples(shape, labels.length, new byte[0], numbers, labels, new float[0]);
  }

  /**
   * Sequences with an answer at each place; the arrays become this object's own.
   *
   * @param length of each
   * @param labels as many as tokens: the right one, or {@link #IGNORED}
   */
  static Examples labelledTokens(int length, float[] tokens, int[] labels) {
    requireSequences(Shape.of(length), tokens, labels.length / length);
    if (labels.length != tokens.length) {
      throw new IllegalArgumentException(
          "Examples need a label for each of %d tokens, got %d"
              .formatted(tokens.length, labels.length));
    }
    requireLabels(labels, IGNORED);
    return new Examples(
        Shape.of(length), labels.length / length, new byte[0], tokens, labels, new float[0]);
  }

  /**
   * Sequences with a number each; the arrays become this object's own.
   *
   * @param shape {@code [length, channels]}
   */
  static Examples measured(Shape shape, float[] numbers, float[] truths) {
    requireSequences(shape, numbers, truths.length);
    return new Examples(shape, truths.length, new byte[0], numbers, new int[0], truths);
  }

  private static void requireSequences(Shape shape, float[] numbers, int count) {
    if (shape.rank() > 2) {
      throw new IllegalArgumentException(
          "Examples need tokens [length] or vectors [length, channels], got " + shape);
    }
    if (numbers.length != shape.elements() * count) {
      throw new IllegalArgumentException(
          "Examples need %d numbers for %d sequences of %s, got %d"
              .formatted(shape.elements() * count, count, shape, numbers.length));
    }
  }

  private static void requireLabels(int[] labels, int least) {
    for (int label : labels) {
      if (label < least) {
        throw new IllegalArgumentException(
            "Examples need labels of at least %d, got %d".formatted(least, label));
      }
    }
  }

  /**
   * An array for the pixels of so many images.
   *
   * @throws DataException if they are more than one array can hold
   */
  static byte[] room(String where, Shape shape, long count) {
    return new byte[length(where, "bytes of pixels", "images", shape, count)];
  }

  /**
   * An array for the numbers of so many sequences.
   *
   * @throws DataException if they are more than one array can hold
   */
  static float[] roomForNumbers(String where, Shape shape, long count) {
    return new float[length(where, "numbers", "sequences", shape, count)];
  }

  private static int length(
      String where, String elements, String examples, Shape shape, long count) {
    long length = Math.multiplyExact(shape.elements(), count);
    if (length > LONGEST_ARRAY) {
      throw new DataException(
          "%s: wanted at most %d %s, got %d %s of %s, which are %d"
              .formatted(where, LONGEST_ARRAY, elements, count, examples, shape.text(), length));
    }
    return (int) length;
  }

  /** Shape of one example. */
  public Shape shape() {
    return shape;
  }

  public int size() {
    return size;
  }

  /** Class of an example, counted from 0. */
  public int label(int example) {
    if (labels.length != size) {
      throw new IllegalStateException("These examples have no class each");
    }
    return labels[example];
  }

  /** How many answers an example has. */
  public int places() {
    return labels.length == 0 ? 1 : labels.length / Math.max(1, size);
  }

  /** The right class or token at a place of an example, or {@link #IGNORED}. */
  public int label(int example, int place) {
    return labels[example * places() + place];
  }

  /** Whether a number belongs to each example, and no class. */
  public boolean numeric() {
    return truths.length > 0;
  }

  /** The number that belongs to an example. */
  public double truth(int example) {
    return truths[example];
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

  /** Whether these are images, of bytes, and not sequences. */
  public boolean images() {
    return shape.rank() == 3;
  }

  /**
   * What enters for some examples, as exported networks take it: pixels from 0 to 255, tokens and
   * vectors as they are.
   *
   * @param start the first
   * @param end the one after the last
   * @return example after example, channels last
   */
  public float[] raw(int start, int end) {
    var values = new float[(end - start) * stride];
    for (int i = 0; i < values.length; i++) {
      values[i] = raw(start * stride + i);
    }
    return values;
  }

  private float raw(int index) {
    return images() ? pixels[index] & 0xFF : numbers[index];
  }

  /** One number of a sequence, channels last. */
  float number(int example, int index) {
    return numbers[example * stride + index];
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
    boolean images = images();
    var bytes = new byte[images ? indices.length * stride : 0];
    var floats = new float[images ? 0 : indices.length * stride];
    int places = labels.length / Math.max(1, size);
    var answers = new int[indices.length * places];
    var others = new float[truths.length == 0 ? 0 : indices.length];
    for (int i = 0; i < indices.length; i++) {
      int from = indices[i];
      if (images) {
        System.arraycopy(pixels, from * stride, bytes, i * stride, stride);
      } else {
        System.arraycopy(numbers, from * stride, floats, i * stride, stride);
      }
      System.arraycopy(labels, from * places, answers, i * places, places);
      if (others.length > 0) {
        others[i] = truths[from];
      }
    }
    return new Examples(shape, indices.length, bytes, floats, answers, others);
  }

  /** So many examples, evenly spread over all, for they may be sorted; all if there are fewer. */
  public Examples spread(int count) {
    int taken = Math.min(count, size());
    return chosen(IntStream.range(0, taken).map(i -> (int) ((long) i * size() / taken)).toArray());
  }

  /** The examples from one index to before another. */
  Examples between(int start, int end) {
    return chosen(IntStream.range(start, end).toArray());
  }

  /** All values behind {@link #pixels}; shared, only to be read. */
  byte[] sharedPixels() {
    return pixels;
  }

  /**
   * Checks that answers are of a kind and a range that the task has.
   *
   * @param data names the set in messages
   * @throws IllegalArgumentException if they are not
   */
  void requireFit(String data, Task task) {
    int places = task instanceof Task.TokenPrediction(var of) ? of.length() : 1;
    boolean numbers = task instanceof Task.InContextRegression;
    if (numbers ? truths.length != size : labels.length != size * places) {
      throw new IllegalArgumentException(
          "Data set '%s' needs %d answers an example, got %d labels and %d numbers for %d examples"
              .formatted(data, places, labels.length, truths.length, size));
    }
    int classes = task.output().size(-1);
    for (int label : labels) {
      if (label >= classes) {
        throw new IllegalArgumentException(
            "Data set '%s' has %d classes, got label %d".formatted(data, classes, label));
      }
    }
  }

  /** Feeds all that makes these examples what they are, the shape included, big-endian. */
  void digest(MessageDigest digest) {
    // of images: their number, the three sizes, pixels, labels
    var header = ByteBuffer.allocate((1 + shape.rank()) * Integer.BYTES).putInt(size);
    shape.sizes().forEach(header::putInt);
    digest.update(header.flip());
    digest.update(pixels);
    var one = ByteBuffer.allocate(Integer.BYTES);
    for (float number : numbers) {
      digest.update(one.clear().putFloat(number).flip());
    }
    for (int label : labels) {
      digest.update(one.clear().putInt(label).flip());
    }
    for (float truth : truths) {
      digest.update(one.clear().putFloat(truth).flip());
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Examples that
        && shape.equals(that.shape)
        && Arrays.equals(labels, that.labels)
        && Arrays.equals(pixels, that.pixels)
        && Arrays.equals(numbers, that.numbers)
        && Arrays.equals(truths, that.truths);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * Arrays.hashCode(labels) + Arrays.hashCode(pixels)) + Arrays.hashCode(numbers);
  }

  @Override
  public String toString() {
    return "%d examples of %s".formatted(size(), shape);
  }
}
