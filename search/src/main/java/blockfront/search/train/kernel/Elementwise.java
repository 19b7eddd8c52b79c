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

/** Arithmetic of two arrays, either of which may be stretched. */
public final class Elementwise {

  /** What is done with each pair. */
  public enum Arithmetic {
    ADD,
    SUBTRACT,
    MULTIPLY,
    DIVIDE
  }

  private Elementwise() {}

  /**
   * {@code out = left op right}.
   *
   * @param strides over left and right; the walk's order is that of {@code out}, which is dense
   */
  public static void apply(
      Arithmetic arithmetic,
      MemorySegment left,
      MemorySegment right,
      MemorySegment out,
      Strides strides) {
    int count = strides.innerSize();
    boolean leftMoves = strides.innerFirst() == 1;
    boolean rightMoves = strides.innerSecond() == 1;
    boolean still =
        (strides.innerFirst() == 0 || leftMoves) && (strides.innerSecond() == 0 || rightMoves);
    if (!still) {
      throw new IllegalArgumentException("Elementwise needs dense operands, got " + strides);
    }
    var at = new long[1];
    strides.forEachRun(
        0,
        0,
        (l, r) -> {
          run(arithmetic, left, l, leftMoves, right, r, rightMoves, out, at[0], count);
          at[0] += count;
        });
  }

  private static void run(
      Arithmetic arithmetic,
      MemorySegment left,
      long l,
      boolean leftMoves,
      MemorySegment right,
      long r,
      boolean rightMoves,
      MemorySegment out,
      long o,
      int count) {
    FloatVector a = vector(left.getAtIndex(FLOAT, l));
    FloatVector b = vector(right.getAtIndex(FLOAT, r));
    int i = 0;
    for (; i <= count - WIDTH; i += WIDTH) {
      FloatVector x = leftMoves ? load(left, l + i) : a;
      FloatVector y = rightMoves ? load(right, r + i) : b;
      store(combine(arithmetic, x, y), out, o + i);
    }
    if (i < count) {
      VectorMask<Float> rest = rest(i, count);
      FloatVector x = leftMoves ? load(left, l + i, rest) : a;
      FloatVector y = rightMoves ? load(right, r + i, rest) : b;
      store(combine(arithmetic, x, y), out, o + i, rest);
    }
  }

  private static FloatVector combine(Arithmetic arithmetic, FloatVector x, FloatVector y) {
    return switch (arithmetic) {
      case ADD -> x.add(y);
      case SUBTRACT -> x.sub(y);
      case MULTIPLY -> x.mul(y);
      case DIVIDE -> x.div(y);
    };
  }
}
