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

/**
 * Moves elements, and sums those that are moved to the same place, along a walk over two arrays.
 * Owned by one thread.
 */
public final class Copies {

  private final Strides strides;
  private final Strides.Walk walk;

  public Copies(Strides strides) {
    this.strides = strides;
    this.walk = strides.walk();
  }

  /** {@code to = from}. */
  public void copy(MemorySegment from, MemorySegment to) {
    int count = strides.innerSize();
    long step = strides.innerFirst();
    long otherStep = strides.innerSecond();
    boolean dense = step == 1 && otherStep == 1;
    do {
      if (dense) {
        MemorySegment.copy(from, walk.first() << 2, to, walk.second() << 2, (long) count << 2);
      } else {
        scatter(from, walk.first(), step, to, walk.second(), otherStep, count);
      }
    } while (walk.next());
  }

  /** {@code to = scale * sum of from}; {@code to} stands still where it is summed. */
  public void sum(MemorySegment from, MemorySegment to, long toCount, float scale) {
    to.asSlice(0, toCount << 2).fill((byte) 0);
    addSum(from, to);
    if (scale != 1) {
      Pointwise.affine(scale, 0, to, to, toCount);
    }
  }

  /** {@code to += sum of from}. */
  public void addSum(MemorySegment from, MemorySegment to) {
    int count = strides.innerSize();
    if (strides.innerFirst() != 1) {
      throw new IllegalArgumentException("A sum needs runs in its operand, got " + strides);
    }
    boolean still = strides.innerSecond() == 0;
    do {
      long f = walk.first();
      long t = walk.second();
      if (still) {
        to.setAtIndex(FLOAT, t, to.getAtIndex(FLOAT, t) + total(from, f, count));
      } else {
        add(from, f, to, t, count);
      }
    } while (walk.next());
  }

  private static void scatter(
      MemorySegment from, long f, long step, MemorySegment to, long t, long otherStep, int count) {
    for (int i = 0; i < count; i++) {
      to.setAtIndex(FLOAT, t + i * otherStep, from.getAtIndex(FLOAT, f + i * step));
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

  /** {@code to += from}, dense. */
  public static void accumulate(MemorySegment from, MemorySegment to, long count) {
    add(from, 0, to, 0, Math.toIntExact(count));
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
