package blockfront.blocks.technique;

import blockfront.blocks.graph.Values;
import java.util.List;

/**
 * Parallel convolutions, each with a batch norm, as one convolution that answers the same: weights
 * are scaled by {@code gain / sqrt(variance + epsilon)} and summed.
 *
 * @param kernel {@code [size, size, in, out]}, outermost axis first
 * @param bias one a channel
 */
public record RepFold(int size, int in, int out, Values kernel, Values bias) {

  /** A batch norm that answers, one number a channel each. */
  public record Norm(Values gain, Values bias, Values mean, Values variance, double epsilon) {

    double factor(int channel) {
      return gain.at(channel) / Math.sqrt(variance.at(channel) + epsilon);
    }
  }

  /**
   * One branch: a convolution of odd side and its norm.
   *
   * @param kernel {@code [side, side, in, out]}; empty for the identity
   */
  public record Branch(int side, Values kernel, Norm norm) {

    /** A branch that leaves its input as it is, but for the norm. */
    public static Branch identity(Norm norm) {
      return new Branch(1, Values.of(), norm);
    }
  }

  /**
   * Folds branches whose strides and groups are the same.
   *
   * @param size side of the result, odd and at least that of every branch
   * @param in channels of the input; of a group, if there are groups
   * @throws IllegalArgumentException if a kernel does not fit
   */
  public static RepFold of(int size, int in, int out, List<Branch> branches) {
    var kernel = new double[size * size * in * out];
    var bias = new double[out];
    for (Branch branch : branches) {
      int side = branch.side();
      if (side > size || (size - side) % 2 != 0) {
        throw new IllegalArgumentException(
            "A kernel of %d cannot be put in the centre of one of %d".formatted(side, size));
      }
      Values weights = branch.kernel().size() == 0 ? unit(in, out) : branch.kernel();
      if (weights.size() != side * side * in * out) {
        throw new IllegalArgumentException(
            "A kernel of %dx%d from %d to %d channels has %d weights, got %d"
                .formatted(side, side, in, out, side * side * in * out, weights.size()));
      }
      int shift = (size - side) / 2;
      for (int o = 0; o < out; o++) {
        double factor = branch.norm().factor(o);
        bias[o] += branch.norm().bias().at(o) - branch.norm().mean().at(o) * factor;
        for (int tap = 0; tap < side * side; tap++) {
          int to = (tap / side + shift) * size + tap % side + shift;
          for (int i = 0; i < in; i++) {
            kernel[(to * in + i) * out + o] += factor * weights.at((tap * in + i) * out + o);
          }
        }
      }
    }
    return new RepFold(size, in, out, Values.of(kernel), Values.of(bias));
  }

  /** A convolution of 1x1 that passes each channel; of depthwise ones, each its own. */
  private static Values unit(int in, int out) {
    if (in != 1 && in != out) {
      throw new IllegalArgumentException(
          "The identity cannot lead from %d channels to %d".formatted(in, out));
    }
    return Values.of(in * out, i -> in == 1 || i / out == i % out ? 1 : 0);
  }
}
