package blockfront.search.train.kernel;

import static blockfront.search.train.kernel.Lanes.WIDTH;
import static blockfront.search.train.kernel.Lanes.load;
import static blockfront.search.train.kernel.Lanes.rest;
import static blockfront.search.train.kernel.Lanes.store;
import static blockfront.search.train.kernel.Lanes.vector;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** The optimiser's loops over a parameter. */
public final class Descent {

  private static final float BETA1 = 0.9f;
  private static final float BETA2 = 0.999f;
  private static final float EPSILON = 1e-8f;

  private Descent() {}

  /** The sum of squares, in double precision over vectors of partial sums. */
  public static double squares(MemorySegment x, long count) {
    double total = 0;
    long i = 0;
    while (i < count) {
      // short runs keep the rounding of float sums small
      long end = Math.min(count, i + 1024);
      FloatVector sum = vector(0);
      for (; i <= end - WIDTH; i += WIDTH) {
        FloatVector v = load(x, i);
        sum = v.fma(v, sum);
      }
      if (i < end) {
        FloatVector v = load(x, i, rest(i, end));
        sum = v.fma(v, sum);
        i = end;
      }
      total += Lanes.sum(sum);
    }
    return total;
  }

  /**
   * One step of AdamW (https://arxiv.org/abs/1711.05101), moments bias-corrected.
   *
   * @param step 1 for the first
   * @param scale of the gradient, applied first
   */
  public static void adamW(
      MemorySegment parameter,
      MemorySegment gradient,
      MemorySegment mean,
      MemorySegment square,
      long count,
      int step,
      float scale,
      float learningRate,
      float decay) {
    float rate = (float) (learningRate / (1 - Math.pow(BETA1, step)));
    float correction = (float) (1 / (1 - Math.pow(BETA2, step)));
    float keep = 1 - learningRate * decay;
    long i = 0;
    for (; i < count; i += WIDTH) {
      VectorMask<Float> lanes = rest(i, count);
      FloatVector g = load(gradient, i, lanes).mul(scale);
      FloatVector m = load(mean, i, lanes).mul(BETA1).add(g.mul(1 - BETA1));
      FloatVector v = load(square, i, lanes).mul(BETA2).add(g.mul(g).mul(1 - BETA2));
      store(m, mean, i, lanes);
      store(v, square, i, lanes);
      FloatVector move = m.mul(rate).div(v.mul(correction).sqrt().add(EPSILON));
      store(load(parameter, i, lanes).mul(keep).sub(move), parameter, i, lanes);
    }
  }
}
