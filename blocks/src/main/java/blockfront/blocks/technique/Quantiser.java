package blockfront.blocks.technique;

import java.util.Arrays;

/**
 * Numbers on a grid of {@code 2^bits} points: {@code scale (clip(round(x / scale) + zero) - zero)}.
 *
 * @param zero the point that 0 falls on
 * @param least point
 * @param greatest point
 */
public record Quantiser(double scale, long zero, long least, long greatest) {

  /** Points from 0; ranges that do not hold 0 are stretched to it. */
  public static Quantiser ofRange(double least, double greatest, int bits) {
    double low = Math.min(0, least);
    double high = Math.max(0, greatest);
    long points = points(bits);
    double scale = high > low ? (high - low) / points : 1;
    return new Quantiser(scale, Math.round(-low / scale), 0, points);
  }

  /** 0 in the middle, as weights want it. */
  public static Quantiser symmetric(double magnitude, int bits) {
    long half = points(bits) / 2;
    return new Quantiser(magnitude > 0 ? magnitude / half : 1, 0, -half, half);
  }

  /** The range of what was seen. */
  public static Quantiser ofExtremes(double[] seen, int bits) {
    return ofRange(Arrays.stream(seen).min().orElse(0), Arrays.stream(seen).max().orElse(0), bits);
  }

  /** The range that holds a share of what was seen, as much cut off at either end. */
  public static Quantiser ofPercentile(double[] seen, double share, int bits) {
    double[] sorted = seen.clone();
    Arrays.sort(sorted);
    int cut = (int) Math.floor(sorted.length * (1 - share) / 2);
    return ofRange(sorted[cut], sorted[sorted.length - 1 - cut], bits);
  }

  /** The part of the range that leaves the least square error. */
  public static Quantiser ofLeastError(double[] seen, int bits) {
    double low = Arrays.stream(seen).min().orElse(0);
    double high = Arrays.stream(seen).max().orElse(0);
    Quantiser best = ofRange(low, high, bits);
    double least = best.error(seen);
    for (double part = 0.98; part > 0.2; part -= 0.02) {
      Quantiser smaller = ofRange(low * part, high * part, bits);
      double error = smaller.error(seen);
      if (error < least) {
        least = error;
        best = smaller;
      }
    }
    return best;
  }

  public double apply(double x) {
    long point = Math.clamp(Math.round(x / scale) + zero, least, greatest);
    return scale * (point - zero);
  }

  /** The mean square of what is lost. */
  public double error(double[] values) {
    return Arrays.stream(values).map(x -> (x - apply(x)) * (x - apply(x))).average().orElse(0);
  }

  /**
   * Rounds a weight with a quantiser of its own for each output channel.
   *
   * @param values with the output channels innermost
   */
  public static float[] ofChannels(float[] values, int channels, int bits) {
    var rounded = new float[values.length];
    for (int c = 0; c < channels; c++) {
      double magnitude = 0;
      for (int i = c; i < values.length; i += channels) {
        magnitude = Math.max(magnitude, Math.abs(values[i]));
      }
      Quantiser quantiser = symmetric(magnitude, bits);
      for (int i = c; i < values.length; i += channels) {
        rounded[i] = (float) quantiser.apply(values[i]);
      }
    }
    return rounded;
  }

  private static long points(int bits) {
    if (bits < 2 || bits > 31) {
      throw new IllegalArgumentException("Quantiser needs 2 to 31 bits, got " + bits);
    }
    return (1L << bits) - 1;
  }
}
