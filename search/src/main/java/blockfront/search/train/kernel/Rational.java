package blockfront.search.train.kernel;

import static blockfront.search.train.kernel.Lanes.FLOAT;
import static blockfront.search.train.kernel.Lanes.SPECIES;
import static blockfront.search.train.kernel.Lanes.WIDTH;
import static blockfront.search.train.kernel.Lanes.load;
import static blockfront.search.train.kernel.Lanes.rest;
import static blockfront.search.train.kernel.Lanes.store;
import static blockfront.search.train.kernel.Lanes.vector;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Learnt rational functions; see {@link blockfront.blocks.graph.Op.Rational}. Owned by one thread.
 */
public final class Rational {

  /** Rows that are summed up in single precision before they go into double. */
  private static final int BLOCK = 256;

  private final int rows;
  private final int channels;
  private final int padded;
  private final int groups;
  private final int p;
  private final int q;
  private final float[] numerator;
  private final float[] denominator; // magnitudes, a row of channels for each power
  private final float[] partial; // sums of a block, a row of channels for each power
  private final double[] sums;

  /**
   * Prepares.
   *
   * @param rows tokens of all examples
   * @param groups of channels that share a denominator
   * @param p degree of the numerator
   * @param q degree of the denominator
   */
  public Rational(int rows, int channels, int groups, int p, int q) {
    this.rows = rows;
    this.channels = channels;
    this.groups = groups;
    this.p = p;
    this.q = q;
    padded = Math.ceilDiv(channels, WIDTH) * WIDTH;
    numerator = new float[p + 1];
    denominator = new float[q * padded];
    partial = new float[Math.max(p + 1, q) * padded];
    sums = new double[Math.max(p + 1, q) * padded];
  }

  public void forward(MemorySegment x, MemorySegment a, MemorySegment b, MemorySegment y) {
    read(a, b);
    for (int row = 0; row < rows; row++) {
      long at = (long) row * channels;
      for (int c = 0; c < channels; c += WIDTH) {
        VectorMask<Float> rest = rest(c, channels);
        FloatVector value = load(x, at + c, rest);
        store(top(value).div(bottom(value.abs(), c)), y, at + c, rest);
      }
    }
  }

  public void inputGradient(
      MemorySegment x, MemorySegment a, MemorySegment b, MemorySegment dy, MemorySegment dx) {
    read(a, b);
    for (int row = 0; row < rows; row++) {
      long at = (long) row * channels;
      for (int c = 0; c < channels; c += WIDTH) {
        VectorMask<Float> rest = rest(c, channels);
        FloatVector value = load(x, at + c, rest);
        FloatVector magnitude = value.abs();
        FloatVector bottom = bottom(magnitude, c);
        FloatVector bottomSlope = bottomSlope(magnitude, c);
        // the magnitude falls where the value is negative, and stands still at 0
        FloatVector signed =
            bottomSlope
                .blend(bottomSlope.neg(), value.compare(VectorOperators.LT, 0))
                .blend(0, value.compare(VectorOperators.EQ, 0));
        FloatVector quotient = top(value).div(bottom);
        FloatVector slope = topSlope(value).sub(quotient.mul(signed)).div(bottom);
        store(slope.mul(load(dy, at + c, rest)), dx, at + c, rest);
      }
    }
  }

  public void numeratorGradient(
      MemorySegment x, MemorySegment b, MemorySegment dy, MemorySegment da) {
    readDenominator(b);
    Arrays.fill(sums, 0);
    for (int first = 0; first < rows; first += BLOCK) {
      Arrays.fill(partial, 0);
      int last = Math.min(rows, first + BLOCK);
      for (int row = first; row < last; row++) {
        long at = (long) row * channels;
        for (int c = 0; c < channels; c += WIDTH) {
          VectorMask<Float> rest = rest(c, channels);
          FloatVector value = load(x, at + c, rest);
          FloatVector term = load(dy, at + c, rest).div(bottom(value.abs(), c));
          for (int i = 0; i <= p; i++) {
            int to = i * padded + c;
            FloatVector.fromArray(SPECIES, partial, to).add(term).intoArray(partial, to);
            term = term.mul(value);
          }
        }
      }
      addPartial(p + 1);
    }
    for (int i = 0; i <= p; i++) {
      double sum = 0;
      for (int c = 0; c < channels; c++) {
        sum += sums[i * padded + c];
      }
      da.setAtIndex(FLOAT, i, (float) sum);
    }
  }

  public void denominatorGradient(
      MemorySegment x, MemorySegment a, MemorySegment b, MemorySegment dy, MemorySegment db) {
    read(a, b);
    Arrays.fill(sums, 0);
    for (int first = 0; first < rows; first += BLOCK) {
      Arrays.fill(partial, 0);
      int last = Math.min(rows, first + BLOCK);
      for (int row = first; row < last; row++) {
        long at = (long) row * channels;
        for (int c = 0; c < channels; c += WIDTH) {
          VectorMask<Float> rest = rest(c, channels);
          FloatVector value = load(x, at + c, rest);
          FloatVector magnitude = value.abs();
          FloatVector bottom = bottom(magnitude, c);
          FloatVector term = load(dy, at + c, rest).neg().mul(top(value)).div(bottom.mul(bottom));
          for (int j = 0; j < q; j++) {
            term = term.mul(magnitude);
            int to = j * padded + c;
            FloatVector.fromArray(SPECIES, partial, to).add(term).intoArray(partial, to);
          }
        }
      }
      addPartial(q);
    }
    int size = channels / groups;
    for (int group = 0; group < groups; group++) {
      for (int j = 0; j < q; j++) {
        double sum = 0;
        for (int c = group * size; c < (group + 1) * size; c++) {
          sum += sums[j * padded + c];
        }
        int at = group * q + j;
        db.setAtIndex(FLOAT, at, (float) (sum * Math.signum(b.getAtIndex(FLOAT, at))));
      }
    }
  }

  private void addPartial(int powers) {
    for (int i = 0; i < powers * padded; i++) {
      sums[i] += partial[i];
    }
  }

  private FloatVector top(FloatVector x) {
    FloatVector sum = vector(numerator[p]);
    for (int i = p - 1; i >= 0; i--) {
      sum = sum.fma(x, vector(numerator[i]));
    }
    return sum;
  }

  private FloatVector topSlope(FloatVector x) {
    FloatVector sum = Lanes.zero();
    for (int i = p; i >= 1; i--) {
      sum = sum.fma(x, vector(i * numerator[i]));
    }
    return sum;
  }

  private FloatVector bottom(FloatVector magnitude, int c) {
    FloatVector sum = Lanes.zero();
    for (int j = q - 1; j >= 0; j--) {
      sum = sum.add(FloatVector.fromArray(SPECIES, denominator, j * padded + c)).mul(magnitude);
    }
    return sum.add(1);
  }

  private FloatVector bottomSlope(FloatVector magnitude, int c) {
    FloatVector sum = Lanes.zero();
    for (int j = q; j >= 1; j--) {
      FloatVector each = FloatVector.fromArray(SPECIES, denominator, (j - 1) * padded + c);
      sum = sum.fma(magnitude, each.mul(j));
    }
    return sum;
  }

  private void read(MemorySegment a, MemorySegment b) {
    MemorySegment.copy(a, FLOAT, 0, numerator, 0, p + 1);
    readDenominator(b);
  }

  /** Repeats what a group shares for each of its channels. */
  private void readDenominator(MemorySegment b) {
    int size = channels / groups;
    for (int c = 0; c < channels; c++) {
      for (int j = 0; j < q; j++) {
        denominator[j * padded + c] = Math.abs(b.getAtIndex(FLOAT, (long) c / size * q + j));
      }
    }
  }
}
