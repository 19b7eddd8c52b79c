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
 * Arithmetic of two arrays, either of which may be stretched or lie in strides. Owned by one
 * thread.
 */
public final class Elementwise {

  /** What is done with each pair. */
  public enum Arithmetic {
    ADD,
    SUBTRACT,
    MULTIPLY,
    DIVIDE
  }

  private final Arithmetic arithmetic;
  private final Strides.Walk walk;
  private final int count;
  private final boolean leftMoves;
  private final boolean rightMoves;

  /**
   * Prepares a walk.
   *
   * @param strides over left and right; its order is that of the result, which is dense
   */
  public Elementwise(Arithmetic arithmetic, Strides strides) {
    leftMoves = strides.innerFirst() == 1;
    rightMoves = strides.innerSecond() == 1;
    boolean runs =
        (strides.innerFirst() == 0 || leftMoves) && (strides.innerSecond() == 0 || rightMoves);
    if (!runs) {
      throw new IllegalArgumentException("Elementwise needs runs in its operands, got " + strides);
    }
    this.arithmetic = arithmetic;
    this.walk = strides.walk();
    this.count = strides.innerSize();
  }

  /** {@code out = left op right}; {@code out} may be an operand that is not stretched. */
  public void apply(MemorySegment left, MemorySegment right, MemorySegment out) {
    long o = 0;
    do {
      if (leftMoves && rightMoves) {
        both(left, walk.first(), right, walk.second(), out, o);
      } else if (leftMoves) {
        leftOnly(left, walk.first(), right.getAtIndex(FLOAT, walk.second()), out, o);
      } else {
        float still = left.getAtIndex(FLOAT, walk.first());
        rightOnly(still, right, walk.second(), rightMoves, out, o);
      }
      o += count;
    } while (walk.next());
  }

  // a loop for each operation: one loop that asks which would ask for every vector

  private void both(
      MemorySegment left, long l, MemorySegment right, long r, MemorySegment out, long o) {
    int i = 0;
    switch (arithmetic) {
      case ADD -> {
        for (; i <= count - WIDTH; i += WIDTH) {
          store(load(left, l + i).add(load(right, r + i)), out, o + i);
        }
      }
      case SUBTRACT -> {
        for (; i <= count - WIDTH; i += WIDTH) {
          store(load(left, l + i).sub(load(right, r + i)), out, o + i);
        }
      }
      case MULTIPLY -> {
        for (; i <= count - WIDTH; i += WIDTH) {
          store(load(left, l + i).mul(load(right, r + i)), out, o + i);
        }
      }
      case DIVIDE -> {
        for (; i <= count - WIDTH; i += WIDTH) {
          store(load(left, l + i).div(load(right, r + i)), out, o + i);
        }
      }
    }
    if (i < count) {
      VectorMask<Float> rest = rest(i, count);
      store(combine(load(left, l + i, rest), load(right, r + i, rest)), out, o + i, rest);
    }
  }

  private void leftOnly(MemorySegment left, long l, float right, MemorySegment out, long o) {
    FloatVector still = vector(right);
    int i = 0;
    switch (arithmetic) {
      case ADD -> {
        for (; i <= count - WIDTH; i += WIDTH) {
          store(load(left, l + i).add(still), out, o + i);
        }
      }
      case MULTIPLY -> {
        for (; i <= count - WIDTH; i += WIDTH) {
          store(load(left, l + i).mul(still), out, o + i);
        }
      }
      case SUBTRACT, DIVIDE -> {
        for (; i <= count - WIDTH; i += WIDTH) {
          store(combine(load(left, l + i), still), out, o + i);
        }
      }
    }
    if (i < count) {
      VectorMask<Float> rest = rest(i, count);
      store(combine(load(left, l + i, rest), still), out, o + i, rest);
    }
  }

  private void rightOnly(
      float left, MemorySegment right, long r, boolean moves, MemorySegment out, long o) {
    FloatVector still = vector(left);
    FloatVector other = vector(right.getAtIndex(FLOAT, r));
    for (int i = 0; i < count; i += WIDTH) {
      VectorMask<Float> rest = rest(i, count);
      store(combine(still, moves ? load(right, r + i, rest) : other), out, o + i, rest);
    }
  }

  private FloatVector combine(FloatVector x, FloatVector y) {
    return switch (arithmetic) {
      case ADD -> x.add(y);
      case SUBTRACT -> x.sub(y);
      case MULTIPLY -> x.mul(y);
      case DIVIDE -> x.div(y);
    };
  }
}
