package blockfront.search.train.kernel;

import static blockfront.search.train.kernel.Lanes.FLOAT;
import static blockfront.search.train.kernel.Lanes.WIDTH;
import static blockfront.search.train.kernel.Lanes.load;
import static blockfront.search.train.kernel.Lanes.rest;
import static blockfront.search.train.kernel.Lanes.store;
import static blockfront.search.train.kernel.Lanes.vector;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Brings rows to mean 0 (if centred) and mean square 1, then scales and shifts each channel.
 *
 * @param rows how many, one after another
 * @param length elements of a row, a multiple of the channels
 * @param channels innermost axis; gain and bias have one number each
 */
public record Normalisation(int rows, int length, int channels, boolean centred, float epsilon) {

  /** Numbers that {@link #measure} writes. */
  public long statistics() {
    return 2L * rows;
  }

  /** The mean of each row, 0 if not centred, and {@code 1 / sqrt(variance + epsilon)}. */
  public void measure(MemorySegment x, MemorySegment statistics) {
    for (int row = 0; row < rows; row++) {
      long from = (long) row * length;
      float mean = centred ? mean(x, from) : 0;
      statistics.setAtIndex(FLOAT, 2L * row, mean);
      statistics.setAtIndex(FLOAT, 2L * row + 1, scale(x, from, mean));
    }
  }

  /**
   * Normalises.
   *
   * @param statistics of {@link #measure}, here and below
   */
  public void forward(
      MemorySegment x,
      MemorySegment gain,
      Optional<MemorySegment> bias,
      MemorySegment statistics,
      MemorySegment y) {
    MemorySegment shift = bias.orElse(gain); // not read where there is no bias
    boolean shifted = bias.isPresent();
    for (int row = 0; row < rows; row++) {
      long from = (long) row * length;
      float mean = statistics.getAtIndex(FLOAT, 2L * row);
      float scale = statistics.getAtIndex(FLOAT, 2L * row + 1);
      for (long at = from; at < from + length; at += channels) {
        int c = 0;
        for (; c <= channels - WIDTH; c += WIDTH) {
          FloatVector hat = load(x, at + c).sub(mean).mul(scale).mul(load(gain, c));
          store(shifted ? hat.add(load(shift, c)) : hat, y, at + c);
        }
        if (c < channels) {
          VectorMask<Float> rest = rest(c, channels);
          FloatVector hat = load(x, at + c, rest).sub(mean).mul(scale).mul(load(gain, c, rest));
          store(shifted ? hat.add(load(shift, c, rest)) : hat, y, at + c, rest);
        }
      }
    }
  }

  /** The gradient of x. */
  public void inputGradient(
      MemorySegment x,
      MemorySegment gain,
      MemorySegment dy,
      MemorySegment statistics,
      MemorySegment dx) {
    for (int row = 0; row < rows; row++) {
      long from = (long) row * length;
      float mean = statistics.getAtIndex(FLOAT, 2L * row);
      float scale = statistics.getAtIndex(FLOAT, 2L * row + 1);
      FloatVector sum = vector(0);
      FloatVector product = vector(0);
      for (long at = from; at < from + length; at += channels) {
        int c = 0;
        for (; c <= channels - WIDTH; c += WIDTH) {
          FloatVector d = load(dy, at + c).mul(load(gain, c));
          sum = sum.add(d);
          product = product.add(d.mul(load(x, at + c).sub(mean)));
        }
        if (c < channels) {
          VectorMask<Float> rest = rest(c, channels);
          FloatVector d = load(dy, at + c, rest).mul(load(gain, c, rest));
          sum = sum.add(d);
          product = product.add(d.mul(load(x, at + c, rest).sub(mean)));
        }
      }
      float meanGradient = centred ? Lanes.sum(sum) / length : 0;
      float slope = Lanes.sum(product) / length * scale * scale;
      for (long at = from; at < from + length; at += channels) {
        int c = 0;
        for (; c <= channels - WIDTH; c += WIDTH) {
          FloatVector d = load(dy, at + c).mul(load(gain, c));
          FloatVector centre = load(x, at + c).sub(mean);
          store(d.sub(meanGradient).sub(centre.mul(slope)).mul(scale), dx, at + c);
        }
        if (c < channels) {
          VectorMask<Float> rest = rest(c, channels);
          FloatVector d = load(dy, at + c, rest).mul(load(gain, c, rest));
          FloatVector centre = load(x, at + c, rest).sub(mean);
          store(d.sub(meanGradient).sub(centre.mul(slope)).mul(scale), dx, at + c, rest);
        }
      }
    }
  }

  /** The gradient of the gain. */
  public void gainGradient(
      MemorySegment x, MemorySegment dy, MemorySegment statistics, MemorySegment dgain) {
    dgain.asSlice(0, (long) channels << 2).fill((byte) 0);
    for (int row = 0; row < rows; row++) {
      long from = (long) row * length;
      float mean = statistics.getAtIndex(FLOAT, 2L * row);
      float scale = statistics.getAtIndex(FLOAT, 2L * row + 1);
      for (long at = from; at < from + length; at += channels) {
        int c = 0;
        for (; c <= channels - WIDTH; c += WIDTH) {
          FloatVector hat = load(x, at + c).sub(mean).mul(scale);
          store(hat.fma(load(dy, at + c), load(dgain, c)), dgain, c);
        }
        if (c < channels) {
          VectorMask<Float> rest = rest(c, channels);
          FloatVector hat = load(x, at + c, rest).sub(mean).mul(scale);
          store(hat.fma(load(dy, at + c, rest), load(dgain, c, rest)), dgain, c, rest);
        }
      }
    }
  }

  private float mean(MemorySegment x, long from) {
    FloatVector sum = vector(0);
    int i = 0;
    for (; i <= length - WIDTH; i += WIDTH) {
      sum = sum.add(load(x, from + i));
    }
    if (i < length) {
      sum = sum.add(load(x, from + i, rest(i, length)));
    }
    return Lanes.sum(sum) / length;
  }

  /** {@code 1 / sqrt(mean (x - mean)² + epsilon)}. */
  private float scale(MemorySegment x, long from, float mean) {
    FloatVector sum = vector(0);
    int i = 0;
    for (; i <= length - WIDTH; i += WIDTH) {
      FloatVector d = load(x, from + i).sub(mean);
      sum = d.fma(d, sum);
    }
    if (i < length) {
      VectorMask<Float> rest = rest(i, length);
      FloatVector d = vector(0).blend(load(x, from + i, rest).sub(mean), rest);
      sum = d.fma(d, sum);
    }
    return (float) (1 / Math.sqrt((double) Lanes.sum(sum) / length + epsilon));
  }
}
