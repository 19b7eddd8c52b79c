package blockfront.search.train;

import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * A description as a SameDiff graph of DL4J, gradients included: a second opinion on the plan, and
 * what DL4J users load.
 *
 * <p>Batched tensors have the batch axis in front, of any size. Only operations of ND4J that
 * compute what they say are used, so no fused layer is among them. Keep masks are 1, as in
 * inference, and statistics stay as they are.
 */
public final class SameDiffLowering {

  private final Map<Tensor, SDVariable> variables = new HashMap<>();
  private final SameDiffArithmetic arithmetic;
  private final SameDiffProducts products;
  private final SameDiffWindows windows;

  /**
   * Lowers all that some tensors are made from.
   *
   * @param graph is added to
   * @param leaves what stands for the inputs and parameters, at least one input among them
   * @throws IllegalArgumentException if a leaf is missing
   */
  SameDiffLowering(SameDiff graph, Map<Tensor, SDVariable> leaves, Collection<Tensor> outputs) {
    variables.putAll(leaves);
    SDVariable ones =
        leaves.entrySet().stream()
            .filter(leaf -> leaf.getKey().op() instanceof Op.Input)
            .findFirst()
            .map(leaf -> SameDiffArithmetic.examples(graph, leaf.getKey(), leaf.getValue()))
            .orElseThrow(() -> new IllegalArgumentException("SameDiff needs one input at least"));
    arithmetic = new SameDiffArithmetic(graph, ones);
    products = new SameDiffProducts(graph, arithmetic);
    windows = new SameDiffWindows(graph, arithmetic);
    for (Tensor tensor : Tensor.inOrder(outputs)) {
      if (!variables.containsKey(tensor)) {
        variables.put(tensor, lower(tensor));
      }
    }
  }

  /** The variable of a tensor that was lowered. */
  SDVariable of(Tensor tensor) {
    SDVariable variable = variables.get(tensor);
    if (variable == null) {
      throw new IllegalArgumentException("SameDiff has no variable for " + tensor);
    }
    return variable;
  }

  private SDVariable lower(Tensor y) {
    return switch (y.op()) {
      case Op.Input _, Op.Parameter _, Op.Statistic _ ->
          throw new IllegalArgumentException("SameDiff has no variable for " + y);
      case Op.Constant(Values values, Op.Purpose _) -> arithmetic.constant(values, y.shape());
      case Op.KeepMask _ -> arithmetic.stretchedOnes(y.shape());
      case Op.Add() -> aligned(y, 0).add(aligned(y, 1));
      case Op.Subtract() -> aligned(y, 0).sub(aligned(y, 1));
      case Op.Multiply() -> aligned(y, 0).mul(aligned(y, 1));
      case Op.Divide() -> aligned(y, 0).div(aligned(y, 1));
      case Op.Affine(double scale, double shift) -> {
        SDVariable scaled = scale == 1 ? x(y) : x(y).mul(scale);
        yield shift == 0 ? scaled : scaled.add(shift);
      }
      case Op.Pointwise(var function) -> arithmetic.apply(function, x(y));
      case Op.PointwiseGradient(var function) ->
          arithmetic.derivative(function, x(y)).mul(of(y.operand(1)));
      case Op.MatMul(boolean transposeLeft, boolean transposeRight) ->
          products.product(y, x(y), of(y.operand(1)), transposeLeft, transposeRight);
      case Op.ProductSum(boolean transposeLeft, boolean transposeRight) ->
          products.productSum(y, x(y), of(y.operand(1)), transposeLeft, transposeRight);
      case Op.Convolution(var window, int groups) ->
          windows.convolution(y, x(y), of(y.operand(1)), window, groups);
      case Op.ConvolutionInputGradient(var window, int groups) ->
          windows.inputGradient(y, x(y), of(y.operand(1)), window, groups);
      case Op.ConvolutionKernelGradient(var window, int groups) ->
          windows.kernelGradient(y, x(y), of(y.operand(1)), window, groups);
      case Op.AveragePool(var window) -> windows.averagePool(y, x(y), window);
      case Op.AveragePoolGradient(var window) -> windows.averagePoolGradient(y, x(y), window);
      case Op.Normalise(var extent, boolean centred, double epsilon) -> {
        SDVariable scaled =
            normalising(y.operand(0), extent, centred, epsilon).hat().mul(of(y.operand(1)));
        yield y.operands().size() == 3 ? scaled.add(of(y.operand(2))) : scaled;
      }
      case Op.NormaliseInputGradient(var extent, boolean centred, double epsilon) -> {
        SameDiffArithmetic.Normalising of = normalising(y.operand(0), extent, centred, epsilon);
        SDVariable arriving = of(y.operand(2)).mul(of(y.operand(1)));
        SDVariable along = of.hat().mul(arithmetic.mean(arriving.mul(of.hat()), of.axes()));
        SDVariable less = arriving.sub(along);
        yield (centred ? less.sub(arithmetic.mean(arriving, of.axes())) : less).div(of.deviation());
      }
      case Op.NormaliseGainGradient(var extent, boolean centred, double epsilon) -> {
        SDVariable hat = normalising(y.operand(0), extent, centred, epsilon).hat();
        yield arithmetic.sumTo(y.operand(1), hat.mul(of(y.operand(1))), y.shape(), y.batched());
      }
      case Op.BatchNormalise(double epsilon, double _) ->
          overBatch(y, epsilon).hat().mul(of(y.operand(1))).add(of(y.operand(2)));
      case Op.BatchNormaliseInputGradient(double epsilon) -> {
        SameDiffArithmetic.Normalising of = overBatch(y, epsilon);
        SDVariable upstream = of(y.operand(2));
        SDVariable along = of.hat().mul(arithmetic.mean(upstream.mul(of.hat()), of.axes()));
        yield upstream
            .sub(along)
            .sub(arithmetic.mean(upstream, of.axes()))
            .mul(of(y.operand(1)))
            .div(of.deviation());
      }
      case Op.BatchNormaliseGainGradient(double epsilon) -> {
        SDVariable hat = overBatch(y, epsilon).hat();
        yield arithmetic.sumTo(y.operand(0), hat.mul(of(y.operand(1))), y.shape(), y.batched());
      }
      case Op.Softmax() -> arithmetic.softmax(x(y), last(y));
      case Op.SoftmaxGradient() -> {
        SDVariable upstream = of(y.operand(1));
        yield x(y).mul(upstream.sub(arithmetic.sum(x(y).mul(upstream), last(y))));
      }
      case Op.Reduce(Op.Reduction reduction, List<Integer> axes) -> {
        int[] at = reducible(y.operand(0), axes.stream().mapToInt(Integer::intValue));
        yield switch (reduction) {
          case SUM -> arithmetic.sum(x(y), at);
          case MEAN -> arithmetic.mean(x(y), at);
        };
      }
      case Op.SumTo() -> arithmetic.sumTo(y.operand(0), x(y), y.shape(), y.batched());
      case Op.Broadcast() -> {
        Tensor from = y.operand(0);
        yield arithmetic.stretched(from.shape(), from.batched(), x(y), y.shape(), y.batched());
      }
      case Op.Reshape() -> arithmetic.reshape(x(y), y.shape(), y.batched());
      case Op.Permute(List<Integer> order) -> arithmetic.permute(x(y), order, y.batched());
      case Op.Slice(int axis, int from, int to) ->
          arithmetic.slice(y.operand(0), x(y), axis, from, to);
      case Op.Select(int axis, List<Integer> indices) ->
          products.selected(y.operand(0), x(y), axis, indices);
      case Op.SelectGradient(int axis, List<Integer> indices) ->
          products.selectedGradient(y, x(y), axis, indices);
      case Op.Pad(int axis, int before, int after) ->
          arithmetic.pad(y.operand(0), x(y), axis, before, after);
      case Op.Concatenate(int axis) ->
          arithmetic.concatenate(
              axis + (y.batched() ? 1 : 0), y.operands().stream().map(this::of).toList());
      case Op.Rational _ -> rational(y).forward();
      case Op.RationalInputGradient _ -> rational(y).inputGradient(of(y.operand(3)));
      case Op.RationalNumeratorGradient _ -> rational(y).numeratorGradient(of(y.operand(3)));
      case Op.RationalDenominatorGradient _ -> rational(y).denominatorGradient(of(y.operand(3)));
      case Op.Lookup() -> products.rows(y, x(y), of(y.operand(1)));
      case Op.LookupGradient() -> products.rowsGradient(y, x(y), of(y.operand(1)));
      case Op.CrossEntropy(double smoothing) ->
          arithmetic.crossEntropy(
              x(y), of(y.operand(1)), last(y.operand(0)), classes(y), smoothing);
      case Op.CrossEntropyGradient(double smoothing) ->
          arithmetic
              .crossEntropyGradient(x(y), of(y.operand(1)), last(y), classes(y), smoothing)
              .mul(of(y.operand(2)));
    };
  }

  private SDVariable x(Tensor y) {
    return of(y.operand(0));
  }

  /** An operand with as many axes as the result, so that axes are matched from the last. */
  private SDVariable aligned(Tensor y, int operand) {
    Tensor tensor = y.operand(operand);
    return arithmetic.aligned(tensor, of(tensor), y.shape().rank());
  }

  private SameDiffArithmetic.Normalising normalising(
      Tensor x, Op.Extent extent, boolean centred, double epsilon) {
    int rank = x.shape().rank();
    int[] axes =
        switch (extent) {
          case CHANNELS -> last(x);
          case EXAMPLE -> reducible(x, IntStream.range(0, rank));
        };
    return arithmetic.normalise(of(x), axes, centred, epsilon);
  }

  private SameDiffArithmetic.Normalising overBatch(Tensor y, double epsilon) {
    Tensor x = y.operand(0);
    int[] axes = reducible(x, IntStream.range(0, x.shape().rank() - 1));
    int[] all =
        x.batched() ? IntStream.concat(IntStream.of(0), IntStream.of(axes)).toArray() : axes;
    return arithmetic.normalise(x(y), all, true, epsilon);
  }

  private SameDiffRational rational(Tensor y) {
    return new SameDiffRational(arithmetic, y, x(y), of(y.operand(1)), of(y.operand(2)));
  }

  private static int classes(Tensor y) {
    return y.operand(0).shape().size(-1);
  }

  /** The last axis. */
  private static int[] last(Tensor tensor) {
    return reducible(tensor, IntStream.of(tensor.shape().rank() - 1));
  }

  /** Axes counted with the batch axis, those of size 1 left out. */
  private static int[] reducible(Tensor tensor, IntStream axes) {
    int shift = tensor.batched() ? 1 : 0;
    return axes.filter(axis -> tensor.shape().size(axis) > 1).map(axis -> axis + shift).toArray();
  }
}
