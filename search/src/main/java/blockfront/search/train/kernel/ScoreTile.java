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
 * Scores of some queries with all keys, that become attention's weights in place, and become them
 * again in the backward pass from two numbers a query: the greatest score, and one over the sum of
 * the exponentials.
 *
 * @param rows queries
 * @param columns keys
 * @param seen keys that the first query sees; the rest weigh nothing
 * @param more keys that each query sees more than the one before it
 */
public record ScoreTile(int rows, int columns, int seen, int more) {

  /** {@code softmax(scores)}; nothing but zeros in a row whose scores are minus infinity. */
  public void weigh(MemorySegment scores) {
    for (int row = 0; row < rows; row++) {
      float greatest = greatest(scores, row);
      weigh(scores, row, greatest);
    }
  }

  /**
   * As {@link #weigh(MemorySegment)}.
   *
   * @param statistics receives two numbers a query
   * @param at query of the statistics that the first row is
   */
  public void weigh(MemorySegment scores, MemorySegment statistics, long at) {
    for (int row = 0; row < rows; row++) {
      float greatest = greatest(scores, row);
      float share = weigh(scores, row, greatest);
      statistics.setAtIndex(FLOAT, 2 * (at + row), share == 0 ? 0 : greatest);
      statistics.setAtIndex(FLOAT, 2 * (at + row) + 1, share);
    }
  }

  private float greatest(MemorySegment scores, int row) {
    return Softmax.greatest(scores, (long) row * columns, seen + row * more);
  }

  /** One over the sum of the exponentials; 0 where nothing is seen. */
  private float weigh(MemorySegment scores, int row, float greatest) {
    long from = (long) row * columns;
    int width = seen + row * more;
    if (greatest == Float.NEGATIVE_INFINITY) {
      hide(scores, from, 0);
      return 0;
    }
    hide(scores, from, width);
    float share = 1 / Softmax.exponentials(scores, scores, from, width, greatest);
    Softmax.scale(scores, from, width, share);
    return share;
  }

  /**
   * The weights again, and the gradient of the scores.
   *
   * @param scores as they were before {@link #weigh}; become the weights
   * @param gradient of the weights; becomes that of the scores
   */
  public void gradient(
      MemorySegment scores, MemorySegment gradient, MemorySegment statistics, long at) {
    for (int row = 0; row < rows; row++) {
      long from = (long) row * columns;
      int width = seen + row * more;
      hide(scores, from, width);
      hide(gradient, from, width);
      float greatest = statistics.getAtIndex(FLOAT, 2 * (at + row));
      float share = statistics.getAtIndex(FLOAT, 2 * (at + row) + 1);
      float along = again(scores, gradient, from, width, greatest, share);
      slope(scores, gradient, from, width, along);
    }
  }

  /** The weights of a row; the sum of their products with the gradient. */
  private static float again(
      MemorySegment scores,
      MemorySegment gradient,
      long from,
      int width,
      float greatest,
      float share) {
    FloatVector most = vector(greatest);
    FloatVector factor = vector(share);
    FloatVector sum = Lanes.zero();
    for (int i = 0; i < width; i += WIDTH) {
      VectorMask<Float> rest = rest(i, width);
      FloatVector weight = Softmax.exponential(load(scores, from + i, rest).sub(most)).mul(factor);
      store(weight, scores, from + i, rest);
      // the gradient is 0 beyond the rest
      sum = weight.fma(load(gradient, from + i, rest), sum);
    }
    return Lanes.sum(sum);
  }

  /** {@code gradient = (gradient - along) weight}. */
  private static void slope(
      MemorySegment weights, MemorySegment gradient, long from, int width, float along) {
    int i = 0;
    for (; i <= width - WIDTH; i += WIDTH) {
      store(load(gradient, from + i).sub(along).mul(load(weights, from + i)), gradient, from + i);
    }
    if (i < width) {
      VectorMask<Float> rest = rest(i, width);
      store(
          load(gradient, from + i, rest).sub(along).mul(load(weights, from + i, rest)),
          gradient,
          from + i,
          rest);
    }
  }

  private void hide(MemorySegment values, long from, int width) {
    if (width < columns) {
      values.asSlice((from + width) << 2, (long) (columns - width) << 2).fill((byte) 0);
    }
  }
}
