package blockfront.blocks.graph;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Reverse-mode differentiation of a description, written in the same operations.
 *
 * <p>One rule an operation. A gradient has the shape of what it belongs to; where one tensor serves
 * many places (a broadcast, a weight and all examples), its gradient is their sum.
 */
public final class Gradient {

  private final IdentityHashMap<Tensor, Tensor> gradients = new IdentityHashMap<>();
  private final IdentityHashMap<Tensor, List<Piece>> pieces = new IdentityHashMap<>();
  private final Set<Tensor> dependent;

  /** The gradient of a slice of a tensor. */
  private record Piece(int axis, int from, int to, Tensor upstream) {}

  private Gradient(Set<Tensor> dependent) {
    this.dependent = dependent;
  }

  /**
   * The gradients of {@code sum(upstream output)}, over all elements and examples.
   *
   * @param upstream of the shape of the output, or one that stretches to it
   * @param wanted parameters or inputs
   * @return a tensor of the shape of each wanted one, in their order; zeros where the output does
   *     not depend on it
   * @throws IllegalArgumentException if a gradient operation is to be differentiated
   */
  public static SequencedMap<Tensor, Tensor> of(
      Tensor output, Tensor upstream, Collection<Tensor> wanted) {
    List<Tensor> order = output.inOrder();
    Set<Tensor> dependent = Collections.newSetFromMap(new IdentityHashMap<>());
    dependent.addAll(wanted);
    for (Tensor tensor : order) {
      if (tensor.operands().stream().anyMatch(dependent::contains)) {
        dependent.add(tensor);
      }
    }
    var gradient = new Gradient(dependent);
    gradient.add(output, () -> sumTo(upstream.broadcastLike(output), output));
    for (Tensor tensor : order.reversed()) {
      gradient.join(tensor);
      Tensor arrived = gradient.gradients.get(tensor);
      if (arrived != null) {
        Scope.at(
            tensor.scope(),
            () -> {
              gradient.backward(tensor, arrived);
              return tensor;
            });
      }
    }
    var result = new LinkedHashMap<Tensor, Tensor>();
    for (Tensor each : wanted) {
      Tensor arrived = gradient.gradients.get(each);
      result.put(each, arrived == null ? zeros(each) : arrived);
    }
    return Collections.unmodifiableSequencedMap(result);
  }

  /** Adds to the gradient of an operand, if anything wanted depends on it. */
  private void add(Tensor operand, Supplier<Tensor> share) {
    if (dependent.contains(operand)) {
      gradients.merge(operand, share.get(), Tensor::plus);
    }
  }

  private void backward(Tensor tensor, Tensor upstream) {
    switch (tensor.op()) {
      case Op.Leaf _ -> {}
      case Op.Backward _ ->
          throw new IllegalArgumentException(
              "A gradient cannot be differentiated again: " + tensor.op());
      case Op.Add() -> {
        Tensor left = tensor.operand(0);
        Tensor right = tensor.operand(1);
        add(left, () -> sumTo(upstream, left));
        add(right, () -> sumTo(upstream, right));
      }
      case Op.Subtract() -> {
        Tensor left = tensor.operand(0);
        Tensor right = tensor.operand(1);
        add(left, () -> sumTo(upstream, left));
        add(right, () -> sumTo(upstream, right).times(-1));
      }
      case Op.Multiply() -> {
        Tensor left = tensor.operand(0);
        Tensor right = tensor.operand(1);
        add(left, () -> sumTo(upstream.times(right), left));
        add(right, () -> sumTo(upstream.times(left), right));
      }
      case Op.Divide() -> {
        Tensor left = tensor.operand(0);
        Tensor right = tensor.operand(1);
        add(left, () -> sumTo(upstream.dividedBy(right), left));
        add(right, () -> sumTo(upstream.times(tensor).dividedBy(right), right).times(-1));
      }
      case Op.Affine(double scale, double _) ->
          add(tensor.operand(0), () -> scale == 1 ? upstream : upstream.times(scale));
      case Op.Pointwise(Function function) -> {
        Tensor x = tensor.operand(0);
        add(x, () -> like(x, new Op.PointwiseGradient(function), x, upstream));
      }
      case Op.MatMul(boolean transposeLeft, boolean transposeRight) ->
          product(tensor, upstream, transposeLeft, transposeRight);
      case Op.Convolution(Window window, int groups) -> {
        Tensor x = tensor.operand(0);
        Tensor kernel = tensor.operand(1);
        add(x, () -> like(x, new Op.ConvolutionInputGradient(window, groups), kernel, upstream));
        add(
            kernel,
            () -> like(kernel, new Op.ConvolutionKernelGradient(window, groups), x, upstream));
      }
      case Op.Normalise(Op.Extent extent, boolean centred, double epsilon) -> {
        Tensor x = tensor.operand(0);
        Tensor gain = tensor.operand(1);
        add(
            x,
            () ->
                like(
                    x, new Op.NormaliseInputGradient(extent, centred, epsilon), x, gain, upstream));
        add(
            gain,
            () -> like(gain, new Op.NormaliseGainGradient(extent, centred, epsilon), x, upstream));
        if (tensor.operands().size() == 3) {
          Tensor bias = tensor.operand(2);
          add(bias, () -> sumTo(upstream, bias));
        }
      }
      case Op.BatchNormalise(double epsilon, double _) -> {
        Tensor x = tensor.operand(0);
        Tensor gain = tensor.operand(1);
        Tensor bias = tensor.operand(2);
        add(x, () -> like(x, new Op.BatchNormaliseInputGradient(epsilon), x, gain, upstream));
        add(gain, () -> like(gain, new Op.BatchNormaliseGainGradient(epsilon), x, upstream));
        add(bias, () -> sumTo(upstream, bias));
      }
      case Op.Softmax() -> {
        Tensor x = tensor.operand(0);
        add(x, () -> like(x, new Op.SoftmaxGradient(), tensor, upstream));
      }
      case Op.AveragePool(Window window) -> {
        Tensor x = tensor.operand(0);
        add(x, () -> like(x, new Op.AveragePoolGradient(window), upstream));
      }
      case Op.Reduce(Op.Reduction reduction, List<Integer> _) -> {
        Tensor x = tensor.operand(0);
        add(
            x,
            () -> {
              double share =
                  switch (reduction) {
                    case SUM -> 1;
                    case MEAN -> (double) tensor.shape().elements() / x.shape().elements();
                  };
              return (share == 1 ? upstream : upstream.times(share)).broadcastLike(x);
            });
      }
      case Op.Broadcast() -> {
        Tensor x = tensor.operand(0);
        add(x, () -> sumTo(upstream, x));
      }
      case Op.Reshape() -> {
        Tensor x = tensor.operand(0);
        add(x, () -> upstream.reshape(x.shape()));
      }
      case Op.Permute(List<Integer> order) ->
          add(
              tensor.operand(0),
              () -> {
                var inverse = new Integer[order.size()];
                for (int i = 0; i < inverse.length; i++) {
                  inverse[order.get(i)] = i;
                }
                return upstream.permute(inverse);
              });
      case Op.Slice(int axis, int from, int to) ->
          pieces
              .computeIfAbsent(tensor.operand(0), _ -> new ArrayList<>())
              .add(new Piece(axis, from, to, upstream));
      case Op.Select(int axis, List<Integer> indices) -> {
        Tensor x = tensor.operand(0);
        add(x, () -> like(x, new Op.SelectGradient(axis, indices), upstream));
      }
      case Op.Concatenate(int axis) -> {
        int from = 0;
        for (Tensor part : tensor.operands()) {
          int start = from;
          int end = start + part.shape().size(axis);
          add(part, () -> upstream.slice(axis, start, end));
          from = end;
        }
      }
      case Op.Pad(int axis, int before, int _) -> {
        Tensor x = tensor.operand(0);
        add(x, () -> upstream.slice(axis, before, before + x.shape().size(axis)));
      }
      case Op.Rational(int groups) -> {
        Tensor x = tensor.operand(0);
        Tensor a = tensor.operand(1);
        Tensor b = tensor.operand(2);
        add(x, () -> like(x, new Op.RationalInputGradient(groups), x, a, b, upstream));
        add(a, () -> like(a, new Op.RationalNumeratorGradient(groups), x, a, b, upstream));
        add(b, () -> like(b, new Op.RationalDenominatorGradient(groups), x, a, b, upstream));
      }
      case Op.Lookup() -> {
        Tensor table = tensor.operand(0);
        Tensor index = tensor.operand(1);
        add(table, () -> like(table, new Op.LookupGradient(), index, upstream));
      }
      case Op.CrossEntropy(double smoothing) -> {
        Tensor logits = tensor.operand(0);
        Tensor target = tensor.operand(1);
        if (dependent.contains(target)) {
          throw new IllegalArgumentException(
              "Cross-entropy has no gradient for its target " + target);
        }
        add(
            logits,
            () -> like(logits, new Op.CrossEntropyGradient(smoothing), logits, target, upstream));
      }
    }
  }

  /**
   * Adds the gradients of all slices of a tensor to its own, those that lie side by side as one:
   * each alone would be stretched to the whole with zeros.
   */
  private void join(Tensor tensor) {
    List<Piece> left = new ArrayList<>(pieces.getOrDefault(tensor, List.of()));
    left.sort(Comparator.comparingInt(Piece::axis).thenComparingInt(Piece::from));
    while (!left.isEmpty()) {
      var row = new ArrayList<Piece>();
      for (Piece piece : left) {
        if (row.isEmpty()
            || (piece.axis() == row.getLast().axis() && piece.from() >= row.getLast().to())) {
          row.add(piece);
        }
      }
      left.removeAll(row);
      Scope.at(
          tensor.scope(),
          () -> {
            add(tensor, () -> joined(row, tensor));
            return tensor;
          });
    }
  }

  private static Tensor joined(List<Piece> row, Tensor tensor) {
    int axis = row.getFirst().axis();
    var parts = new Tensor[row.size()];
    int end = tensor.shape().size(axis);
    for (int i = row.size() - 1; i >= 0; i--) {
      Piece piece = row.get(i);
      int before = i == 0 ? piece.from() : 0;
      parts[i] = piece.upstream().pad(axis, before, end - piece.to());
      end = piece.from();
    }
    return parts.length == 1 ? parts[0] : Tensor.concatenate(axis, parts);
  }

  /** With {@code C = A B}: the gradient of A is {@code G Bᵀ}, that of B is {@code Aᵀ G}. */
  private void product(
      Tensor result, Tensor upstream, boolean transposeLeft, boolean transposeRight) {
    Tensor left = result.operand(0);
    Tensor right = result.operand(1);
    add(
        left,
        () ->
            transposeLeft
                ? multiply(left, result, right, upstream, transposeRight, true)
                : multiply(left, result, upstream, right, false, !transposeRight));
    add(
        right,
        () ->
            transposeRight
                ? multiply(right, result, upstream, left, true, transposeLeft)
                : multiply(right, result, left, upstream, !transposeLeft, false));
  }

  /** A product with the shape of {@code operand}, summed over all that it is shared by. */
  private static Tensor multiply(
      Tensor operand, Tensor result, Tensor a, Tensor b, boolean transposeA, boolean transposeB) {
    boolean shared =
        operand.shape().rank() < result.shape().rank() || (!operand.batched() && result.batched());
    return shared
        ? Tensor.backward(
            new Op.ProductSum(transposeA, transposeB), operand.shape(), operand.batched(), a, b)
        : a.matmul(b, transposeA, transposeB);
  }

  /** Sums over what was stretched, so that the result is shaped like {@code target}. */
  private static Tensor sumTo(Tensor upstream, Tensor target) {
    return upstream.shape().equals(target.shape()) && upstream.batched() == target.batched()
        ? upstream
        : like(target, new Op.SumTo(), upstream);
  }

  private static Tensor like(Tensor target, Op.Backward op, Tensor... operands) {
    return Tensor.backward(op, target.shape(), target.batched(), operands);
  }

  private static Tensor zeros(Tensor like) {
    int size = Math.toIntExact(like.shape().elements());
    Tensor zeros =
        Tensor.constant(
            Values.of(size, i -> 0),
            like.shape().sizes().stream().mapToInt(Integer::intValue).toArray());
    return like.batched() ? zeros.forEachExample() : zeros;
  }
}
