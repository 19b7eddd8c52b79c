package blockfront.blocks.graph;

import java.util.List;

/**
 * The closed vocabulary that every network is written in.
 *
 * <p>Sealed on purpose: a new operation makes the compiler list every reader (gradient, cost,
 * reference, training, export, drawing) that must learn it. A new <em>block</em> needs no new
 * operation in the usual case. Shapes are of one example: readers put the batch axis in front of
 * every {@link Tensor#batched() batched} tensor.
 */
public sealed interface Op {

  /** Has no operands. */
  sealed interface Leaf extends Op {}

  /** What blocks are written in; {@link Gradient} has a rule for each. */
  sealed interface Forward extends Op {}

  /** Made by {@link Gradient} only, and never differentiated again. */
  sealed interface Backward extends Op {}

  // ---- leaves

  /** What a reader supplies for each example: an image, a target, a weight. */
  record Input(String name) implements Leaf {}

  /**
   * A trained tensor, the same for every example.
   *
   * @param role what it is to its layer: weight, bias, gain ...
   * @param decayed whether weight decay pulls it to 0: weights yes; biases, norms and scales no
   */
  record Parameter(String role, Init init, boolean decayed) implements Leaf {}

  /**
   * Numbers that training gathers on the way and inference uses: never a parameter, never
   * differentiated, but kept with the parameters.
   *
   * @param role what it is to its layer: mean, variance ...
   */
  record Statistic(String role, Init init) implements Leaf {}

  /** Fixed numbers, the same for every example. */
  record Constant(Values values, Purpose purpose) implements Leaf {}

  /** What a constant is for; the cost of a product with it is counted accordingly. */
  enum Purpose {
    /** A discrete Fourier (or wavelet) transform: its products are counted apart. */
    TRANSFORM,
    /** Zeros and ones that add tokens up: its products are counted as additions. */
    SUM,
    OTHER
  }

  /**
   * Random in training, 1 otherwise: each element is 0 with probability {@code rate} and {@code 1 /
   * (1 - rate)} else, drawn anew for each example and step. Dropout and stochastic depth are
   * products with it.
   */
  record KeepMask(double rate) implements Leaf {}

  // ---- arithmetic, shapes broadcast as Shape#broadcast says

  record Add() implements Forward {}

  record Subtract() implements Forward {}

  record Multiply() implements Forward {}

  record Divide() implements Forward {}

  /** {@code scale x + shift}. */
  record Affine(double scale, double shift) implements Forward {}

  record Pointwise(Function function) implements Forward {}

  // ---- products

  /**
   * Product of the last two axes, {@code [.., n, k] x [.., k, m] -> [.., n, m]}, either side read
   * transposed. Leading axes are equal, or one side has none and is shared by all.
   */
  record MatMul(boolean transposeLeft, boolean transposeRight) implements Forward {}

  /**
   * Cross-correlation of a grid {@code [height, width, in]} with a kernel {@code [height, width,
   * in/groups, out]}; zero padding. Depthwise where groups = in = out.
   */
  record Convolution(Window window, int groups) implements Forward {}

  // ---- normalisation

  /**
   * {@code gain (x - mean) / sqrt(variance + epsilon) + bias}; not centred: {@code gain x /
   * sqrt(mean of squares + epsilon)}. Operands: x, gain of one number a channel, and bias likewise
   * if there is one. The variance is the biased one.
   */
  record Normalise(Extent extent, boolean centred, double epsilon) implements Forward {}

  /** What a normalisation takes its statistics over. */
  enum Extent {
    /** The last axis: LayerNorm, RMSNorm. */
    CHANNELS,
    /** All axes of an example: GroupNorm with one group. */
    EXAMPLE
  }

  /**
   * {@code gain (x - mean) / sqrt(variance + epsilon) + bias}, the mean and the biased variance of
   * each channel being those of all examples of the batch: what a norm does in training. Operands:
   * x, gain, bias, and two {@link Statistic}s, the running mean and variance. A reader that trains
   * moves these by {@code momentum} to the batch's (the unbiased variance) on each pass.
   */
  record BatchNormalise(double epsilon, double momentum) implements Forward {}

  /** Over the last axis; a row of minus infinities gives zeros. */
  record Softmax() implements Forward {}

  // ---- windows and reductions

  /** Mean over a window of a grid; padding is not counted. */
  record AveragePool(Window window) implements Forward {}

  /** Over some axes, which stay with size 1. */
  record Reduce(Reduction reduction, List<Integer> axes) implements Forward {

    public Reduce {
      axes = List.copyOf(axes);
    }
  }

  enum Reduction {
    SUM,
    MEAN
  }

  /**
   * Stretches axes of size 1, adds leading axes, and repeats for each example, as the result says.
   */
  record Broadcast() implements Forward {}

  // ---- structure: no arithmetic

  record Reshape() implements Forward {}

  /** Axis {@code i} of the result is axis {@code order.get(i)} of the operand. */
  record Permute(List<Integer> order) implements Forward {

    public Permute {
      order = List.copyOf(order);
    }
  }

  /** Indices {@code from} (inclusive) to {@code to} (exclusive) of an axis. */
  record Slice(int axis, int from, int to) implements Forward {}

  /** Chosen indices of an axis, in the order given; some may be chosen twice or never. */
  record Select(int axis, List<Integer> indices) implements Forward {

    public Select {
      indices = List.copyOf(indices);
    }
  }

  /** Operands one after another along an axis. */
  record Concatenate(int axis) implements Forward {}

  /** Zeros before and after along an axis. */
  record Pad(int axis, int before, int after) implements Forward {}

  // ---- learnt functions and losses

  /**
   * Rows of a table. Operands: the table {@code [rows, channels]}, indices of any shape; the result
   * has the channels as one more axis. Indices are rounded, and those beyond the table cut to its
   * first and last row; they have no gradient.
   */
  record Lookup() implements Forward {}

  /**
   * {@code (a0 + a1 x + .. + ap x^p) / (1 + |b1| |x| + .. + |bq| |x|^q)}, the denominator one for
   * each group of channels. Operands: x {@code [.., channels]}, a {@code [p + 1]}, b {@code
   * [groups, q]}. (Kolmogorov-Arnold Transformer, https://arxiv.org/abs/2409.10594, section 3.)
   */
  record Rational(int groups) implements Forward {}

  /**
   * {@code -sum(target log softmax(logits))} over the last axis, which stays with size 1. Targets
   * are smoothed first: {@code (1 - smoothing) target + smoothing mass / classes}, mass the sum of
   * the target, so a target of zeros costs nothing.
   */
  record CrossEntropy(double smoothing) implements Forward {}

  // ---- made by Gradient

  /**
   * {@link MatMul}, then summed over the leading axes that the result lacks, and over the examples
   * if the result is not batched.
   */
  record ProductSum(boolean transposeLeft, boolean transposeRight) implements Backward {}

  /** Undoes a broadcast: sums over what was stretched; the result's shape says what. */
  record SumTo() implements Backward {}

  /** Operands x, upstream: {@code f'(x) upstream}. */
  record PointwiseGradient(Function function) implements Backward {}

  /** Operands x, gain, upstream. */
  record NormaliseInputGradient(Extent extent, boolean centred, double epsilon)
      implements Backward {}

  /** Operands x, upstream; one number a channel. */
  record NormaliseGainGradient(Extent extent, boolean centred, double epsilon)
      implements Backward {}

  /** Operands x, gain, upstream. */
  record BatchNormaliseInputGradient(double epsilon) implements Backward {}

  /** Operands x, upstream; one number a channel. */
  record BatchNormaliseGainGradient(double epsilon) implements Backward {}

  /** Operands softmax(x), upstream. */
  record SoftmaxGradient() implements Backward {}

  /** Operand upstream; the result's shape is that of what was selected from. */
  record SelectGradient(int axis, List<Integer> indices) implements Backward {

    public SelectGradient {
      indices = List.copyOf(indices);
    }
  }

  /** Operands kernel, upstream; the result's shape is the grid's. */
  record ConvolutionInputGradient(Window window, int groups) implements Backward {}

  /** Operands x, upstream; the result's shape is the kernel's. */
  record ConvolutionKernelGradient(Window window, int groups) implements Backward {}

  /** Operand upstream; the result's shape is the grid's. */
  record AveragePoolGradient(Window window) implements Backward {}

  /** Operands x, a, b, upstream. */
  record RationalInputGradient(int groups) implements Backward {}

  /** Operands x, a, b, upstream; the shape of a. */
  record RationalNumeratorGradient(int groups) implements Backward {}

  /** Operands x, a, b, upstream; the shape of b. */
  record RationalDenominatorGradient(int groups) implements Backward {}

  /** Operands index, upstream; the shape of the table. */
  record LookupGradient() implements Backward {}

  /** Operands logits, target, upstream of size 1 on the last axis. */
  record CrossEntropyGradient(double smoothing) implements Backward {}
}
