package blockfront.search.train.kernel;

import static blockfront.search.train.kernel.Lanes.FLOAT;
import static blockfront.search.train.kernel.Lanes.WIDTH;
import static blockfront.search.train.kernel.Lanes.load;
import static blockfront.search.train.kernel.Lanes.rest;
import static blockfront.search.train.kernel.Lanes.store;
import static blockfront.search.train.kernel.Lanes.vector;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Softmax over rows, and the cross-entropy that goes with it. */
public final class Softmax {

  private Softmax() {}

  /** Each row of {@code y} sums to 1, or is 0 where the row of {@code x} is minus infinity. */
  public static void forward(MemorySegment x, MemorySegment y, int rows, int columns) {
    for (int row = 0; row < rows; row++) {
      long from = (long) row * columns;
      float greatest = greatest(x, from, columns);
      if (greatest == Float.NEGATIVE_INFINITY) {
        y.asSlice(from << 2, (long) columns << 2).fill((byte) 0);
        continue;
      }
      scale(y, from, columns, 1 / exponentials(x, y, from, columns, greatest));
    }
  }

  /** {@code y = e^(x - greatest)}; their sum. */
  static float exponentials(
      MemorySegment x, MemorySegment y, long from, int columns, float greatest) {
    FloatVector most = vector(greatest);
    FloatVector sum = Lanes.zero();
    // one loop, masked, where another for the rest would be more than the compiler takes
    for (int i = 0; i < columns; i += WIDTH) {
      VectorMask<Float> rest = rest(i, columns);
      FloatVector e = exponential(load(x, from + i, rest).sub(most));
      store(e, y, from + i, rest);
      sum = sum.add(Lanes.zero().blend(e, rest));
    }
    return Lanes.sum(sum);
  }

  /** {@code dx = (dy - sum(dy y)) y} for each row. */
  public static void gradient(
      MemorySegment y, MemorySegment dy, MemorySegment dx, int rows, int columns) {
    for (int row = 0; row < rows; row++) {
      long from = (long) row * columns;
      FloatVector sum = vector(0);
      int i = 0;
      for (; i <= columns - WIDTH; i += WIDTH) {
        sum = load(y, from + i).fma(load(dy, from + i), sum);
      }
      if (i < columns) {
        VectorMask<Float> rest = rest(i, columns);
        sum = load(y, from + i, rest).fma(load(dy, from + i, rest), sum);
      }
      float total = Lanes.sum(sum);
      i = 0;
      for (; i <= columns - WIDTH; i += WIDTH) {
        store(load(dy, from + i).sub(total).mul(load(y, from + i)), dx, from + i);
      }
      if (i < columns) {
        VectorMask<Float> rest = rest(i, columns);
        store(load(dy, from + i, rest).sub(total).mul(load(y, from + i, rest)), dx, from + i, rest);
      }
    }
  }

  /** One number a row; see {@link blockfront.blocks.graph.Op.CrossEntropy}. */
  public static void crossEntropy(
      MemorySegment logits,
      MemorySegment target,
      MemorySegment loss,
      int rows,
      int classes,
      double smoothing) {
    for (int row = 0; row < rows; row++) {
      long from = (long) row * classes;
      double normaliser = logSumExp(logits, from, classes);
      double spread = smoothing * mass(target, from, classes) / classes;
      double sum = 0;
      for (int k = 0; k < classes; k++) {
        double share = (1 - smoothing) * target.getAtIndex(FLOAT, from + k) + spread;
        sum -= share * (logits.getAtIndex(FLOAT, from + k) - normaliser);
      }
      loss.setAtIndex(FLOAT, row, (float) sum);
    }
  }

  /** {@code (mass softmax(logits) - smoothed target) upstream}. */
  public static void crossEntropyGradient(
      MemorySegment logits,
      MemorySegment target,
      MemorySegment upstream,
      MemorySegment gradient,
      int rows,
      int classes,
      double smoothing) {
    for (int row = 0; row < rows; row++) {
      long from = (long) row * classes;
      double normaliser = logSumExp(logits, from, classes);
      double mass = mass(target, from, classes);
      double spread = smoothing * mass / classes;
      float factor = upstream.getAtIndex(FLOAT, row);
      for (int k = 0; k < classes; k++) {
        double share = (1 - smoothing) * target.getAtIndex(FLOAT, from + k) + spread;
        double probability = StrictMath.exp(logits.getAtIndex(FLOAT, from + k) - normaliser);
        gradient.setAtIndex(FLOAT, from + k, (float) ((mass * probability - share) * factor));
      }
    }
  }

  private static double mass(MemorySegment target, long from, int classes) {
    double mass = 0;
    for (int k = 0; k < classes; k++) {
      mass += target.getAtIndex(FLOAT, from + k);
    }
    return mass;
  }

  private static double logSumExp(MemorySegment logits, long from, int classes) {
    double greatest = greatest(logits, from, classes);
    double sum = 0;
    for (int k = 0; k < classes; k++) {
      sum += StrictMath.exp(logits.getAtIndex(FLOAT, from + k) - greatest);
    }
    return greatest + StrictMath.log(sum);
  }

  /** {@link Lanes#exp} cuts at -87; what is masked by minus infinity must come out as 0. */
  static FloatVector exponential(FloatVector x) {
    return Lanes.exp(x).blend(0, x.compare(VectorOperators.LT, -87));
  }

  static float greatest(MemorySegment x, long from, int columns) {
    FloatVector greatest = vector(Float.NEGATIVE_INFINITY);
    int i = 0;
    for (; i <= columns - WIDTH; i += WIDTH) {
      greatest = Lanes.greater(greatest, load(x, from + i));
    }
    float result = Lanes.greatest(greatest);
    for (; i < columns; i++) {
      result = Math.max(result, x.getAtIndex(FLOAT, from + i));
    }
    return result;
  }

  static void scale(MemorySegment y, long from, int columns, float factor) {
    int i = 0;
    for (; i <= columns - WIDTH; i += WIDTH) {
      store(load(y, from + i).mul(factor), y, from + i);
    }
    if (i < columns) {
      VectorMask<Float> rest = rest(i, columns);
      store(load(y, from + i, rest).mul(factor), y, from + i, rest);
    }
  }
}
