package blockfront.search.train.kernel;

import static blockfront.search.train.kernel.Lanes.WIDTH;
import static blockfront.search.train.kernel.Lanes.load;
import static blockfront.search.train.kernel.Lanes.rest;
import static blockfront.search.train.kernel.Lanes.store;
import static blockfront.search.train.kernel.Lanes.vector;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Brings each channel to mean 0 and variance 1 over all rows, then scales and shifts it.
 *
 * @param rows tokens of all examples
 * @param channels innermost axis
 * @param mean scratch of one number a channel, as are the rest
 * @param scale {@code 1 / sqrt(variance + epsilon)}
 */
public record BatchNormalisation(
    int rows,
    int channels,
    float epsilon,
    MemorySegment mean,
    MemorySegment scale,
    MemorySegment sum,
    MemorySegment product) {

  public void forward(MemorySegment x, MemorySegment gain, MemorySegment bias, MemorySegment y) {
    measure(x);
    for (int row = 0; row < rows; row++) {
      long at = (long) row * channels;
      for (int c = 0; c < channels; c += WIDTH) {
        VectorMask<Float> rest = rest(c, channels);
        FloatVector hat = hat(x, at, c, rest);
        store(hat.fma(load(gain, c, rest), load(bias, c, rest)), y, at + c, rest);
      }
    }
  }

  /** Moves running statistics to those of the last {@link #forward}. */
  public void gather(float momentum, MemorySegment runningMean, MemorySegment runningVariance) {
    float unbiased = rows > 1 ? (float) rows / (rows - 1) : 1;
    for (int c = 0; c < channels; c++) {
      float each = scale.getAtIndex(ValueLayout.JAVA_FLOAT, c);
      float variance = Math.max(0, 1 / (each * each) - epsilon) * unbiased;
      move(runningMean, c, momentum, mean.getAtIndex(ValueLayout.JAVA_FLOAT, c));
      move(runningVariance, c, momentum, variance);
    }
  }

  /** The gradient of x. */
  public void inputGradient(
      MemorySegment x, MemorySegment gain, MemorySegment dy, MemorySegment dx) {
    measure(x);
    sums(x, dy);
    float share = 1f / rows;
    for (int row = 0; row < rows; row++) {
      long at = (long) row * channels;
      for (int c = 0; c < channels; c += WIDTH) {
        VectorMask<Float> rest = rest(c, channels);
        FloatVector hat = hat(x, at, c, rest);
        FloatVector d =
            load(dy, at + c, rest)
                .sub(load(sum, c, rest).mul(share))
                .sub(hat.mul(load(product, c, rest)).mul(share));
        store(d.mul(load(gain, c, rest)).mul(load(scale, c, rest)), dx, at + c, rest);
      }
    }
  }

  /** The gradient of the gain. */
  public void gainGradient(MemorySegment x, MemorySegment dy, MemorySegment dgain) {
    measure(x);
    sums(x, dy);
    MemorySegment.copy(product, 0, dgain, 0, (long) channels << 2);
  }

  private FloatVector hat(MemorySegment x, long at, int c, VectorMask<Float> rest) {
    return load(x, at + c, rest).sub(load(mean, c, rest)).mul(load(scale, c, rest));
  }

  /** Mean and scale of each channel, in two passes: one loses digits where the mean is large. */
  private void measure(MemorySegment x) {
    for (int c = 0; c < channels; c += WIDTH) {
      VectorMask<Float> rest = rest(c, channels);
      FloatVector total = vector(0);
      for (int row = 0; row < rows; row++) {
        total = total.add(load(x, (long) row * channels + c, rest));
      }
      FloatVector centre = total.div(rows);
      FloatVector squares = vector(0);
      for (int row = 0; row < rows; row++) {
        FloatVector d = load(x, (long) row * channels + c, rest).sub(centre);
        squares = d.fma(d, squares);
      }
      store(centre, mean, c, rest);
      store(vector(1).div(squares.div(rows).add(epsilon).sqrt()), scale, c, rest);
    }
  }

  /** Sums of dy, and of dy and the normalised x, for each channel. */
  private void sums(MemorySegment x, MemorySegment dy) {
    for (int c = 0; c < channels; c += WIDTH) {
      VectorMask<Float> rest = rest(c, channels);
      FloatVector total = vector(0);
      FloatVector along = vector(0);
      for (int row = 0; row < rows; row++) {
        long at = (long) row * channels;
        FloatVector d = load(dy, at + c, rest);
        total = total.add(d);
        along = hat(x, at, c, rest).fma(d, along);
      }
      store(total, sum, c, rest);
      store(along, product, c, rest);
    }
  }

  private static void move(MemorySegment running, int c, float momentum, float value) {
    float before = running.getAtIndex(ValueLayout.JAVA_FLOAT, c);
    running.setAtIndex(ValueLayout.JAVA_FLOAT, c, before + momentum * (value - before));
  }
}
