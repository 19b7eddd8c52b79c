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

/** Moves elements, and sums those that are moved to the same place. */
public final class Copies {

  private Copies() {}

  /** {@code to = from} along a walk over both. */
  public static void copy(
      MemorySegment from, long fromOffset, MemorySegment to, long toOffset, Strides strides) {
    int count = strides.innerSize();
    long step = strides.innerFirst();
    long otherStep = strides.innerSecond();
    if (step == 1 && otherStep == 1) {
      strides.forEachRun(
          fromOffset,
          toOffset,
          (f, t) -> MemorySegment.copy(from, f << 2, to, t << 2, (long) count << 2));
    } else {
      strides.forEachRun(
          fromOffset,
          toOffset,
          (f, t) -> {
            for (int i = 0; i < count; i++) {
              to.setAtIndex(FLOAT, t + i * otherStep, from.getAtIndex(FLOAT, f + i * step));
            }
          });
    }
  }

  /**
   * {@code to = scale * sum of from} along a walk in which {@code to} stands still where summed.
   */
  public static void sum(
      MemorySegment from, MemorySegment to, long toCount, float scale, Strides strides) {
    to.asSlice(0, toCount << 2).fill((byte) 0);
    int count = strides.innerSize();
    if (strides.innerFirst() != 1) {
      throw new IllegalArgumentException("A sum needs a dense operand, got " + strides);
    }
    if (strides.innerSecond() == 0) {
      strides.forEachRun(
          0, 0, (f, t) -> to.setAtIndex(FLOAT, t, to.getAtIndex(FLOAT, t) + total(from, f, count)));
    } else {
      strides.forEachRun(0, 0, (f, t) -> add(from, f, to, t, count));
    }
    if (scale != 1) {
      Pointwise.affine(scale, 0, to, to, toCount);
    }
  }

  /** {@code to += from}, dense. */
  static void add(MemorySegment from, long f, MemorySegment to, long t, int count) {
    int i = 0;
    for (; i <= count - WIDTH; i += WIDTH) {
      store(load(to, t + i).add(load(from, f + i)), to, t + i);
    }
    if (i < count) {
      VectorMask<Float> rest = rest(i, count);
      store(load(to, t + i, rest).add(load(from, f + i, rest)), to, t + i, rest);
    }
  }

  private static float total(MemorySegment from, long f, int count) {
    FloatVector sum = vector(0);
    int i = 0;
    for (; i <= count - WIDTH; i += WIDTH) {
      sum = sum.add(load(from, f + i));
    }
    if (i < count) {
      sum = sum.add(load(from, f + i, rest(i, count)));
    }
    return Lanes.sum(sum);
  }
}
