package blockfront.search.train.kernel;

import static blockfront.search.train.kernel.Lanes.FLOAT;

import java.lang.foreign.MemorySegment;

/**
 * Learnt rational functions; see {@link blockfront.blocks.graph.Op.Rational}.
 *
 * @param rows tokens of all examples
 * @param groups of channels that share a denominator
 * @param p degree of the numerator
 * @param q degree of the denominator
 */
public record Rational(int rows, int channels, int groups, int p, int q) {

  public void forward(MemorySegment x, MemorySegment a, MemorySegment b, MemorySegment y) {
    float[] numerator = floats(a, p + 1);
    float[] denominator = magnitudes(b);
    forEach(
        (at, group) -> {
          float value = x.getAtIndex(FLOAT, at);
          float bottom = bottom(denominator, group, Math.abs(value));
          y.setAtIndex(FLOAT, at, polynomial(numerator, value) / bottom);
        });
  }

  public void inputGradient(
      MemorySegment x, MemorySegment a, MemorySegment b, MemorySegment dy, MemorySegment dx) {
    float[] numerator = floats(a, p + 1);
    float[] denominator = magnitudes(b);
    forEach(
        (at, group) -> {
          float value = x.getAtIndex(FLOAT, at);
          float magnitude = Math.abs(value);
          float top = polynomial(numerator, value);
          float bottom = bottom(denominator, group, magnitude);
          float topSlope = 0;
          for (int i = p; i >= 1; i--) {
            topSlope = topSlope * value + i * numerator[i];
          }
          float bottomSlope = 0;
          for (int j = q; j >= 1; j--) {
            bottomSlope = bottomSlope * magnitude + j * denominator[group * q + j - 1];
          }
          bottomSlope *= Math.signum(value);
          float slope = (topSlope - top / bottom * bottomSlope) / bottom;
          dx.setAtIndex(FLOAT, at, slope * dy.getAtIndex(FLOAT, at));
        });
  }

  public void numeratorGradient(
      MemorySegment x, MemorySegment b, MemorySegment dy, MemorySegment da) {
    float[] denominator = magnitudes(b);
    var sums = new double[p + 1];
    forEach(
        (at, group) -> {
          float value = x.getAtIndex(FLOAT, at);
          double term = dy.getAtIndex(FLOAT, at) / bottom(denominator, group, Math.abs(value));
          for (int i = 0; i <= p; i++) {
            sums[i] += term;
            term *= value;
          }
        });
    for (int i = 0; i <= p; i++) {
      da.setAtIndex(FLOAT, i, (float) sums[i]);
    }
  }

  public void denominatorGradient(
      MemorySegment x, MemorySegment a, MemorySegment b, MemorySegment dy, MemorySegment db) {
    float[] numerator = floats(a, p + 1);
    float[] denominator = magnitudes(b);
    var sums = new double[groups * q];
    forEach(
        (at, group) -> {
          float value = x.getAtIndex(FLOAT, at);
          float magnitude = Math.abs(value);
          double bottom = bottom(denominator, group, magnitude);
          double term =
              -dy.getAtIndex(FLOAT, at) * polynomial(numerator, value) / (bottom * bottom);
          for (int j = 0; j < q; j++) {
            term *= magnitude;
            sums[group * q + j] += term;
          }
        });
    for (int i = 0; i < sums.length; i++) {
      db.setAtIndex(FLOAT, i, (float) (sums[i] * Math.signum(b.getAtIndex(FLOAT, i))));
    }
  }

  /** What is done for an element of a group. */
  @FunctionalInterface
  private interface Element {
    void at(long index, int group);
  }

  private void forEach(Element element) {
    int size = channels / groups;
    for (int row = 0; row < rows; row++) {
      for (int group = 0; group < groups; group++) {
        long from = (long) row * channels + (long) group * size;
        for (long at = from; at < from + size; at++) {
          element.at(at, group);
        }
      }
    }
  }

  private static float polynomial(float[] coefficients, float x) {
    float sum = 0;
    for (int i = coefficients.length - 1; i >= 0; i--) {
      sum = sum * x + coefficients[i];
    }
    return sum;
  }

  private float bottom(float[] magnitudes, int group, float x) {
    float sum = 0;
    for (int j = q - 1; j >= 0; j--) {
      sum = (sum + magnitudes[group * q + j]) * x;
    }
    return 1 + sum;
  }

  private float[] magnitudes(MemorySegment b) {
    float[] magnitudes = floats(b, groups * q);
    for (int i = 0; i < magnitudes.length; i++) {
      magnitudes[i] = Math.abs(magnitudes[i]);
    }
    return magnitudes;
  }

  private static float[] floats(MemorySegment from, int count) {
    var floats = new float[count];
    MemorySegment.copy(from, FLOAT, 0, floats, 0, count);
    return floats;
  }
}
