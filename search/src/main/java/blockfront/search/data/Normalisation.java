package blockfront.search.data;

import java.util.ArrayList;
import java.util.List;

/**
 * Mean and standard deviation of each channel, of values scaled to {@code 0..1}.
 *
 * @param mean one for each channel
 * @param deviation one for each channel, positive
 */
public record Normalisation(List<Double> mean, List<Double> deviation) {

  /** Leaves everything as it is. */
  public static final Normalisation NONE = new Normalisation(List.of(), List.of());

  // a channel that never changes becomes 0, not a division by 0
  private static final double SMALLEST_DEVIATION = 1.0 / 255;

  public Normalisation {
    mean = List.copyOf(mean);
    deviation = List.copyOf(deviation);
    if (mean.size() != deviation.size() || deviation.stream().anyMatch(value -> !(value > 0))) {
      throw new IllegalArgumentException(
          "Normalisation needs a positive deviation for each mean, got means %s and deviations %s"
              .formatted(mean, deviation));
    }
  }

  /**
   * That of these examples; a deviation is at least 1/255.
   *
   * @throws IllegalArgumentException if there are none
   */
  public static Normalisation of(Examples examples) {
    if (examples.size() == 0) {
      throw new IllegalArgumentException("Normalisation needs at least 1 example, got none");
    }
    if (!examples.images()) {
      return ofVectors(examples);
    }
    int channels = examples.shape().size(-1);
    // whole numbers, so that the order of summation cannot show
    var sums = new long[channels];
    var squares = new long[channels];
    byte[] pixels = examples.sharedPixels();
    for (int i = 0; i < pixels.length; i++) {
      long value = pixels[i] & 0xFF;
      sums[i % channels] += value;
      squares[i % channels] += value * value;
    }
    double count = (double) pixels.length / channels;
    var mean = new ArrayList<Double>();
    var deviation = new ArrayList<Double>();
    for (int channel = 0; channel < channels; channel++) {
      double average = sums[channel] / count;
      double variance = Math.max(0, squares[channel] / count - average * average);
      mean.add(average / 255);
      deviation.add(Math.max(SMALLEST_DEVIATION, Math.sqrt(variance) / 255));
    }
    return new Normalisation(mean, deviation);
  }

  private static Normalisation ofVectors(Examples examples) {
    int channels = examples.shape().size(-1);
    float[] values = examples.raw(0, examples.size());
    double count = (double) values.length / channels;
    var sums = new double[channels];
    for (int i = 0; i < values.length; i++) {
      sums[i % channels] += values[i];
    }
    // from the average: squares of great numbers that differ little differ by their rounding
    var squares = new double[channels];
    var changes = new boolean[channels];
    for (int i = 0; i < values.length; i++) {
      int channel = i % channels;
      double apart = values[i] - sums[channel] / count;
      squares[channel] += apart * apart;
      changes[channel] |= values[i] != values[channel];
    }
    var mean = new ArrayList<Double>();
    var deviation = new ArrayList<Double>();
    for (int channel = 0; channel < channels; channel++) {
      boolean changing = changes[channel];
      mean.add((changing ? sums[channel] / count : values[channel]) / 255);
      // a channel that never changes becomes 0
      deviation.add(changing ? Math.sqrt(squares[channel] / count) / 255 : SMALLEST_DEVIATION);
    }
    return new Normalisation(mean, deviation);
  }

  /** Whether there is nothing to do. */
  public boolean none() {
    return mean.isEmpty();
  }

  /**
   * The float32 nearest to the mean of values that are not scaled: numbers near it keep their
   * digits if it is taken from them before anything else is done.
   */
  public float centre(int channel) {
    return (float) (255 * mean.get(channel));
  }

  /** By how much the mean of values that are not scaled is above {@link #centre}. */
  public double rest(int channel) {
    return 255 * mean.get(channel) - centre(channel);
  }

  /** What a value is multiplied with. */
  public float scale(int channel) {
    return (float) (1 / (255 * deviation.get(channel)));
  }

  /** What is taken from a value once it is scaled. */
  public float shift(int channel) {
    return (float) (mean.get(channel) / deviation.get(channel));
  }

  /** What is taken from a value once {@link #centre} was taken from it and it is scaled. */
  public float shiftOfCentred(int channel) {
    return (float) (rest(channel) / (255 * deviation.get(channel)));
  }

  /** {@code (value / 255 - mean) / deviation}. */
  public float apply(float value, int channel) {
    return (float) ((value / 255.0 - mean.get(channel)) / deviation.get(channel));
  }

  /** {@code (value / 255 - mean) / deviation} of a value of {@code 0..255}. */
  public float apply(int value, int channel) {
    return (float) ((value / 255.0 - mean.get(channel)) / deviation.get(channel));
  }
}
