package blockfront.blocks.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A symbolic tensor: it knows the operation that makes it, the operands and the resulting shape.
 *
 * <p>Immutable. Each method checks shapes and returns the next tensor, so a block reads like its
 * formula and an ill-sized block fails while it is described, long before anything is trained.
 * Every method throws {@link IllegalArgumentException} if shapes do not fit, naming them.
 */
public final class Tensor {

  // Not a record: a record's equals and hashCode would walk the whole graph below it.
  private final Op op;
  private final List<Tensor> operands;
  private final Shape shape;
  private final boolean batched;
  private final String scope;

  private Tensor(Op op, List<Tensor> operands, Shape shape, boolean batched) {
    this.op = op;
    this.operands = List.copyOf(operands);
    this.shape = shape;
    this.batched = batched;
    this.scope = Scope.path();
  }

  public Op op() {
    return op;
  }

  public List<Tensor> operands() {
    return operands;
  }

  public Tensor operand(int index) {
    return operands.get(index);
  }

  /** The shape of one example. */
  public Shape shape() {
    return shape;
  }

  /** Whether each example has a value of its own; parameters and what follows from them do not. */
  public boolean batched() {
    return batched;
  }

  /** The part of the network this was described in; see {@link Scope}. */
  public String scope() {
    return scope;
  }

  // ---- leaves

  /** What enters the network, one for each example. */
  public static Tensor input(String name, Shape shape) {
    return new Tensor(new Op.Input(name), List.of(), shape, true);
  }

  /** A weight, pulled to 0 by weight decay. */
  public static Tensor weight(String role, Init init, int... sizes) {
    return leaf(role, new Op.Parameter(role, init, true), Shape.of(sizes));
  }

  /** A bias, gain or scale: trained, not decayed. */
  public static Tensor offset(String role, Init init, int... sizes) {
    return leaf(role, new Op.Parameter(role, init, false), Shape.of(sizes));
  }

  /** Numbers gathered in training; see {@link Op.Statistic}. */
  public static Tensor statistic(String role, Init init, int... sizes) {
    return leaf(role, new Op.Statistic(role, init), Shape.of(sizes));
  }

  public static Tensor constant(Values values, int... sizes) {
    return constant(Op.Purpose.OTHER, values, sizes);
  }

  public static Tensor constant(Op.Purpose purpose, Values values, int... sizes) {
    Shape shape = Shape.of(sizes);
    if (shape.elements() != values.size()) {
      throw new IllegalArgumentException(
          "Constant of shape %s needs %d values, got %d"
              .formatted(shape, shape.elements(), values.size()));
    }
    return new Tensor(new Op.Constant(values, purpose), List.of(), shape, false);
  }

  /** Random in training and 1 otherwise; see {@link Op.KeepMask}. */
  public static Tensor keepMask(double rate, int... sizes) {
    if (!(rate >= 0 && rate < 1)) {
      throw new IllegalArgumentException("Drop rate must be in [0, 1), got " + rate);
    }
    return new Tensor(new Op.KeepMask(rate), List.of(), Shape.of(sizes), true);
  }

  // ---- arithmetic

  public Tensor plus(Tensor other) {
    return pairwise(new Op.Add(), other);
  }

  public Tensor minus(Tensor other) {
    return pairwise(new Op.Subtract(), other);
  }

  public Tensor times(Tensor other) {
    return pairwise(new Op.Multiply(), other);
  }

  public Tensor dividedBy(Tensor other) {
    return pairwise(new Op.Divide(), other);
  }

  public Tensor times(double scale) {
    return next(new Op.Affine(scale, 0), shape);
  }

  public Tensor plus(double shift) {
    return next(new Op.Affine(1, shift), shape);
  }

  public Tensor apply(Function function) {
    return next(new Op.Pointwise(function), shape);
  }

  // ---- products

  /** {@code x W} and a bias, over the last axis; a weight {@code [in, out]}. */
  public Tensor linear(int out) {
    return linear(out, Init.TRUNCATED_NORMAL_002).plus(offset("bias", Init.ZEROS, out));
  }

  /** {@code x W} over the last axis, no bias. */
  public Tensor linear(int out, Init init) {
    return matmul(weight("weight", init, shape.size(-1), out));
  }

  /** Product of the last two axes; see {@link Op.MatMul}. */
  public Tensor matmul(Tensor right) {
    return matmul(right, false, false);
  }

  /** Product with the right side transposed: {@code [.., n, k] x [.., m, k] -> [.., n, m]}. */
  public Tensor matmulTransposed(Tensor right) {
    return matmul(right, false, true);
  }

  /** Product with this side transposed: {@code [.., k, n] x [.., k, m] -> [.., n, m]}. */
  public Tensor transposedMatmul(Tensor right) {
    return matmul(right, true, false);
  }

  Tensor matmul(Tensor right, boolean transposeLeft, boolean transposeRight) {
    Op.MatMul op = new Op.MatMul(transposeLeft, transposeRight);
    return new Tensor(
        op,
        List.of(this, right),
        productShape(this, right, transposeLeft, transposeRight),
        batched || right.batched);
  }

  /** A convolution over a grid; see {@link Op.Convolution}. */
  public Tensor convolve(Tensor kernel, Window window, int groups) {
    requireGrid("Convolution");
    int in = shape.size(2);
    int out = kernel.shape.size(-1);
    if (in % groups != 0 || out % groups != 0) {
      throw new IllegalArgumentException(
          "Convolution cannot split %d channels into %d in %d groups".formatted(in, out, groups));
    }
    Shape wanted = Shape.of(window.height(), window.width(), in / groups, out);
    if (!kernel.shape.equals(wanted)) {
      throw new IllegalArgumentException(
          "Convolution over %s needs a kernel %s, got %s".formatted(shape, wanted, kernel.shape));
    }
    return new Tensor(
        new Op.Convolution(window, groups),
        List.of(this, kernel),
        slid("Convolution", window, out),
        batched || kernel.batched);
  }

  // ---- normalisation

  /** Over the last axis, with gain and bias. */
  public Tensor layerNorm(double epsilon) {
    return normalise(
        Op.Extent.CHANNELS, true, epsilon, gain(), offset("bias", Init.ZEROS, channels()));
  }

  /** Over the last axis, not centred, with gain. */
  public Tensor rmsNorm(double epsilon) {
    return normalise(Op.Extent.CHANNELS, false, epsilon, gain());
  }

  /** Over all axes of an example, with gain and bias for each channel: one group. */
  public Tensor groupNorm(double epsilon) {
    return normalise(
        Op.Extent.EXAMPLE, true, epsilon, gain(), offset("bias", Init.ZEROS, channels()));
  }

  /** See {@link Op.Normalise}; {@code affine} is the gain and, if wanted, the bias. */
  public Tensor normalise(Op.Extent extent, boolean centred, double epsilon, Tensor... affine) {
    for (Tensor each : affine) {
      if (!each.shape.equals(Shape.of(channels()))) {
        throw new IllegalArgumentException(
            "Normalisation of %s needs one gain and bias a channel, got %s"
                .formatted(shape, each.shape));
      }
      if (each.batched) {
        throw new IllegalArgumentException(
            "Normalisation needs a gain and bias that all examples share, got " + each);
      }
    }
    var operands = new ArrayList<Tensor>();
    operands.add(this);
    operands.addAll(Arrays.asList(affine));
    return new Tensor(new Op.Normalise(extent, centred, epsilon), operands, shape, batched);
  }

  /**
   * Each channel brought to mean 0 and variance 1 over all tokens of the batch, with gain and bias.
   *
   * <p>In {@link Scope#inTraining training} that is {@link Op.BatchNormalise}; otherwise the
   * running statistics make it a scale and a shift of each channel, which a linear layer before it
   * could absorb.
   *
   * @param gain what the gains start as: 0 silences a branch at first
   */
  public Tensor batchNorm(double epsilon, double momentum, Init gain) {
    Tensor scale = offset("gain", gain, channels());
    Tensor bias = offset("bias", Init.ZEROS, channels());
    Tensor mean = statistic("mean", Init.ZEROS, channels());
    Tensor variance = statistic("variance", Init.ONES, channels());
    if (Scope.training()) {
      return batchNormalise(epsilon, momentum, scale, bias, mean, variance);
    }
    Tensor factor = scale.dividedBy(variance.plus(epsilon).apply(Function.SQRT));
    return times(factor).plus(bias.minus(mean.times(factor)));
  }

  /** See {@link Op.BatchNormalise}; one number a channel in each. */
  public Tensor batchNormalise(
      double epsilon, double momentum, Tensor gain, Tensor bias, Tensor mean, Tensor variance) {
    for (Tensor each : List.of(gain, bias, mean, variance)) {
      if (!each.shape.equals(Shape.of(channels())) || each.batched) {
        throw new IllegalArgumentException(
            "Batch norm of %s needs one number a channel that all examples share, got %s"
                .formatted(shape, each));
      }
    }
    return new Tensor(
        new Op.BatchNormalise(epsilon, momentum),
        List.of(this, gain, bias, mean, variance),
        shape,
        batched);
  }

  public Tensor softmax() {
    return next(new Op.Softmax(), shape);
  }

  // ---- windows and reductions

  public Tensor averagePool(Window window) {
    requireGrid("Pooling");
    return next(new Op.AveragePool(window), slid("Pooling", window, shape.size(2)));
  }

  /** Sum over axes, which stay with size 1. */
  public Tensor sum(Integer... axes) {
    return reduce(Op.Reduction.SUM, axes);
  }

  /** Mean over axes, which stay with size 1. */
  public Tensor mean(Integer... axes) {
    return reduce(Op.Reduction.MEAN, axes);
  }

  /** Stretched to a larger shape, as {@link Shape#broadcast} would. */
  public Tensor broadcast(Shape target) {
    requireStretch(target);
    return next(new Op.Broadcast(), target);
  }

  /** The same value for each example, where so far there was one for all. */
  public Tensor forEachExample() {
    return batched ? this : new Tensor(new Op.Broadcast(), List.of(this), shape, true);
  }

  // ---- structure

  public Tensor reshape(int... sizes) {
    return reshape(Shape.of(sizes));
  }

  public Tensor reshape(Shape target) {
    if (target.elements() != shape.elements()) {
      throw new IllegalArgumentException(
          "Cannot reshape %s to %s: %d elements do not fit %d"
              .formatted(shape, target, shape.elements(), target.elements()));
    }
    return target.equals(shape) ? this : next(new Op.Reshape(), target);
  }

  /** Axis {@code i} of the result is axis {@code order[i]} of this. */
  public Tensor permute(Integer... order) {
    List<Integer> axes = List.of(order);
    if (!axes.stream()
        .sorted()
        .toList()
        .equals(IntStream.range(0, shape.rank()).boxed().toList())) {
      throw new IllegalArgumentException("Cannot permute %s by %s".formatted(shape, axes));
    }
    return next(new Op.Permute(axes), shape.permuted(axes));
  }

  /** Indices {@code from} to {@code to} of an axis; negative axes count from the last. */
  public Tensor slice(int axis, int from, int to) {
    int at = axis(axis);
    if (from < 0 || to <= from || to > shape.size(at)) {
      throw new IllegalArgumentException(
          "Cannot slice %d to %d of axis %d of %s".formatted(from, to, at, shape));
    }
    return to - from == shape.size(at)
        ? this
        : next(new Op.Slice(at, from, to), shape.with(at, to - from));
  }

  /** Chosen indices of an axis, in the order given; negative axes count from the last. */
  public Tensor select(int axis, List<Integer> indices) {
    int at = axis(axis);
    for (int index : indices) {
      if (index < 0 || index >= shape.size(at)) {
        throw new IllegalArgumentException(
            "Cannot select %d from axis %d of %s".formatted(index, at, shape));
      }
    }
    return next(new Op.Select(at, indices), shape.with(at, indices.size()));
  }

  /** Tensors one after another along an axis; one that is the same for all examples is repeated. */
  public static Tensor concatenate(int axis, Tensor... parts) {
    Tensor first = parts[0];
    int at = first.axis(axis);
    boolean batched = Arrays.stream(parts).anyMatch(Tensor::batched);
    int size = 0;
    var operands = new ArrayList<Tensor>();
    for (Tensor part : parts) {
      if (part.shape.rank() != first.shape.rank()
          || !part.shape.with(at, 1).equals(first.shape.with(at, 1))) {
        throw new IllegalArgumentException(
            "Cannot concatenate %s and %s along axis %d".formatted(first.shape, part.shape, at));
      }
      size += part.shape.size(at);
      operands.add(batched ? part.forEachExample() : part);
    }
    return new Tensor(new Op.Concatenate(at), operands, first.shape.with(at, size), batched);
  }

  /** Zeros before and after along an axis. */
  public Tensor pad(int axis, int before, int after) {
    int at = axis(axis);
    if (before < 0 || after < 0) {
      throw new IllegalArgumentException(
          "Cannot pad %s by %d and %d".formatted(shape, before, after));
    }
    return before + after == 0
        ? this
        : next(new Op.Pad(at, before, after), shape.with(at, shape.size(at) + before + after));
  }

  // ---- learnt functions and losses

  /**
   * Rows of this table {@code [rows, channels]}, one for each index; see {@link Op.Lookup}.
   *
   * @param index whole numbers of any shape
   * @return that shape with the channels as one more axis
   */
  public Tensor lookup(Tensor index) {
    if (shape.rank() != 2 || batched) {
      throw new IllegalArgumentException(
          "Look-up needs a table [rows, channels] that all examples share, got " + this);
    }
    var sizes = new ArrayList<>(index.shape.sizes());
    sizes.add(channels());
    return new Tensor(new Op.Lookup(), List.of(this, index), new Shape(sizes), index.batched);
  }

  /** See {@link Op.Rational}. */
  public Tensor rational(Tensor numerator, Tensor denominator) {
    int groups = denominator.shape.size(0);
    if (numerator.shape.rank() != 1 || denominator.shape.rank() != 2 || channels() % groups != 0) {
      throw new IllegalArgumentException(
          "Rational function of %s cannot use a %s and b %s"
              .formatted(shape, numerator.shape, denominator.shape));
    }
    if (numerator.batched || denominator.batched) {
      throw new IllegalArgumentException(
          "Rational function needs coefficients that all examples share, got %s and %s"
              .formatted(numerator, denominator));
    }
    return new Tensor(
        new Op.Rational(groups), List.of(this, numerator, denominator), shape, batched);
  }

  /** See {@link Op.CrossEntropy}. */
  public Tensor crossEntropy(Tensor target, double smoothing) {
    if (!target.shape.equals(shape)) {
      throw new IllegalArgumentException(
          "Cross-entropy of %s needs targets of that shape, got %s".formatted(shape, target.shape));
    }
    return new Tensor(
        new Op.CrossEntropy(smoothing),
        List.of(this, target),
        shape.withLast(1),
        batched || target.batched);
  }

  // ---- reading

  /** Every tensor this one is made from, itself last, operands always before their users. */
  public List<Tensor> inOrder() {
    return inOrder(List.of(this));
  }

  /** Every tensor the outputs are made from, each once, operands always before their users. */
  public static List<Tensor> inOrder(Collection<Tensor> outputs) {
    Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    var order = new ArrayList<Tensor>();
    // an explicit stack: a deep network with its gradient would overflow the thread's
    record Visit(Tensor tensor, boolean operandsDone) {}
    var stack = new ArrayDeque<Visit>();
    for (Tensor output : outputs) {
      stack.push(new Visit(output, false));
      while (!stack.isEmpty()) {
        Visit visit = stack.pop();
        if (visit.operandsDone()) {
          order.add(visit.tensor());
        } else if (seen.add(visit.tensor())) {
          stack.push(new Visit(visit.tensor(), true));
          for (Tensor operand : visit.tensor().operands.reversed()) {
            if (!seen.contains(operand)) {
              stack.push(new Visit(operand, false));
            }
          }
        }
      }
    }
    return Collections.unmodifiableList(order);
  }

  @Override
  public String toString() {
    return "%s%s%s".formatted(batched ? "[batch] " : "", op, shape);
  }

  // ---- for Gradient, which knows the shapes it wants

  static Tensor backward(Op.Backward op, Shape shape, boolean batched, Tensor... operands) {
    return new Tensor(op, List.of(operands), shape, batched);
  }

  /** {@link Op.Broadcast} to a shape and to examples at once. */
  Tensor broadcastLike(Tensor other) {
    requireStretch(other.shape);
    return shape.equals(other.shape) && batched == other.batched
        ? this
        : new Tensor(new Op.Broadcast(), List.of(this), other.shape, batched || other.batched);
  }

  static Shape productShape(
      Tensor left, Tensor right, boolean transposeLeft, boolean transposeRight) {
    Shape a = left.shape;
    Shape b = right.shape;
    if (a.rank() < 2 || b.rank() < 2) {
      throw new IllegalArgumentException(
          "Cannot multiply %s by %s: two axes wanted".formatted(a, b));
    }
    int inner = a.size(transposeLeft ? -2 : -1);
    int innerRight = b.size(transposeRight ? -1 : -2);
    if (inner != innerRight) {
      throw new IllegalArgumentException(
          "Cannot multiply %s by %s: inner sizes %d and %d differ"
              .formatted(a, b, inner, innerRight));
    }
    List<Integer> leadingLeft = a.sizes().subList(0, a.rank() - 2);
    List<Integer> leadingRight = b.sizes().subList(0, b.rank() - 2);
    if (!leadingLeft.isEmpty() && !leadingRight.isEmpty() && !leadingLeft.equals(leadingRight)) {
      throw new IllegalArgumentException(
          "Cannot multiply %s by %s: leading axes differ".formatted(a, b));
    }
    var sizes = new ArrayList<>(leadingLeft.isEmpty() ? leadingRight : leadingLeft);
    sizes.add(a.size(transposeLeft ? -1 : -2));
    sizes.add(b.size(transposeRight ? -2 : -1));
    return new Shape(sizes);
  }

  private Tensor reduce(Op.Reduction reduction, Integer... axes) {
    List<Integer> at = Arrays.stream(axes).map(this::axis).sorted().toList();
    Shape result = shape;
    for (int axis : at) {
      result = result.with(axis, 1);
    }
    return next(new Op.Reduce(reduction, at), result);
  }

  private static Tensor leaf(String role, Op.Leaf op, Shape shape) {
    return Sharing.parameter(role, shape, () -> new Tensor(op, List.of(), shape, false));
  }

  private int channels() {
    return shape.size(-1);
  }

  private Tensor gain() {
    return offset("gain", Init.ONES, channels());
  }

  private int axis(int axis) {
    int at = axis < 0 ? shape.rank() + axis : axis;
    if (at < 0 || at >= shape.rank()) {
      throw new IllegalArgumentException("Shape %s has no axis %d".formatted(shape, axis));
    }
    return at;
  }

  private void requireGrid(String actor) {
    if (shape.rank() != 3) {
      throw new IllegalArgumentException(
          "%s needs a grid [height, width, channels], got %s".formatted(actor, shape));
    }
  }

  private void requireStretch(Shape target) {
    boolean fits =
        shape.rank() <= target.rank()
            && IntStream.rangeClosed(1, shape.rank())
                .allMatch(i -> shape.size(-i) == 1 || shape.size(-i) == target.size(-i));
    if (!fits) {
      throw new IllegalArgumentException("Cannot stretch %s to %s".formatted(shape, target));
    }
  }

  private Shape slid(String actor, Window window, int out) {
    int rows = window.rows(shape.size(0));
    int columns = window.columns(shape.size(1));
    if (rows < 1 || columns < 1) {
      throw new IllegalArgumentException(
          "%s window %dx%d does not fit the grid %s"
              .formatted(actor, window.height(), window.width(), shape));
    }
    return Shape.of(rows, columns, out);
  }

  private Tensor pairwise(Op op, Tensor other) {
    return new Tensor(
        op, List.of(this, other), shape.broadcast(other.shape), batched || other.batched);
  }

  private Tensor next(Op op, Shape result) {
    return new Tensor(op, List.of(this), result, batched);
  }
}
