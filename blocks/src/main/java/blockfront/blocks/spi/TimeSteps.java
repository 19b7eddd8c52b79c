package blockfront.blocks.spi;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * The time axis of spiking layers: a train {@code [steps, height, width, channels]} has a grid for
 * each step.
 *
 * <p>Between layers that know time, trains are passed on as they are. A layer that gets tokens
 * without a time axis takes them as a current that is the same at every step, and answers with its
 * mean over time, so that spiking layers and others can stand behind each other.
 */
public final class TimeSteps {

  public static final Knob<Integer> STEPS =
      Knob.integer("steps", "time steps, where the tokens have no time axis yet", 4, 1, 8, 1, 2, 4);
  public static final Knob<Boolean> KEEP_TIME =
      Knob.flag(
          "keep_time",
          "whether tokens keep their time axis, for spiking layers alone; else they are its mean",
          false);

  private static final int TRAIN_RANK = 4;
  private static final int POOLED = 3;

  private TimeSteps() {}

  public static boolean isTrain(Tensor x) {
    return x.shape().rank() == TRAIN_RANK;
  }

  /**
   * A layer over trains, for tokens with or without a time axis.
   *
   * @param steps for tokens without
   * @return of the shape of x
   */
  public static Tensor over(Tensor x, int steps, UnaryOperator<Tensor> layer) {
    if (isTrain(x)) {
      return layer.apply(x);
    }
    int channels = x.shape().size(-1);
    int width = x.shape().rank() < 3 ? 1 : x.shape().size(1);
    int height = Math.toIntExact(x.shape().elements() / ((long) width * channels));
    Tensor grid = x.reshape(height, width, channels);
    return mean(layer.apply(repeated(grid, steps))).reshape(x.shape());
  }

  /** The same grid at every step. */
  public static Tensor repeated(Tensor grid, int steps) {
    Shape shape = grid.shape();
    return grid.broadcast(Shape.of(steps, shape.size(0), shape.size(1), shape.size(2)));
  }

  /** The grid that a train is on average. */
  public static Tensor mean(Tensor train) {
    Shape shape = train.shape();
    return train.mean(0).reshape(shape.size(1), shape.size(2), shape.size(3));
  }

  /** A convolution of the grid of each step, with one kernel for all. */
  public static Tensor convolve(Tensor train, Tensor kernel, Window window, int groups) {
    Shape shape = train.shape();
    Tensor[] steps =
        IntStream.range(0, shape.size(0))
            .mapToObj(step -> train.slice(0, step, step + 1))
            .map(step -> step.reshape(shape.size(1), shape.size(2), shape.size(3)))
            .map(grid -> grid.convolve(kernel, window, groups))
            .map(y -> y.reshape(1, y.shape().size(0), y.shape().size(1), y.shape().size(2)))
            .toArray(Tensor[]::new);
    return steps.length == 1 ? steps[0] : Tensor.concatenate(0, steps);
  }

  /**
   * The greatest of 3x3 cells at every second row and column; of trains that are nowhere negative,
   * which is what lets padding be 0.
   */
  public static Tensor maxPool(Tensor train) {
    return pooled(pooled(train, 1), 2);
  }

  private static Tensor pooled(Tensor x, int axis) {
    int size = x.shape().size(axis);
    int positions = Math.ceilDiv(size, 2);
    Tensor padded = x.pad(axis, 1, 2 * positions - size);
    Tensor greatest = taken(padded, axis, 0, positions);
    for (int tap = 1; tap < POOLED; tap++) {
      greatest = greater(greatest, taken(padded, axis, tap, positions));
    }
    return greatest;
  }

  private static Tensor taken(Tensor x, int axis, int first, int positions) {
    List<Integer> indices = new ArrayList<>();
    for (int i = 0; i < positions; i++) {
      indices.add(first + 2 * i);
    }
    return x.select(axis, indices);
  }

  /** Of equal ones the first, whose the gradient is. */
  private static Tensor greater(Tensor a, Tensor b) {
    return a.plus(b.minus(a).apply(Function.RELU));
  }
}
