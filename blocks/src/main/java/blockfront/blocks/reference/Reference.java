package blockfront.blocks.reference;

import blockfront.blocks.graph.Initialiser;
import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Parameters;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/**
 * Computes a description in double precision, one example after another, by the plainest loops.
 *
 * <p>What every faster reader is compared with.
 */
public final class Reference {

  private final Map<Tensor, Array> leaves;
  private final int examples;
  private final Map<Tensor, Array> results = new HashMap<>();

  private Reference(Map<Tensor, Array> leaves, int examples) {
    this.leaves = leaves;
    this.examples = examples;
  }

  /**
   * The values of some tensors.
   *
   * @param leaves the values of all inputs and parameters met, and of the keep masks whose draw
   *     matters: others are 1, as in inference
   * @param examples in the batch, at least 1
   * @return in the order of the outputs
   * @throws IllegalArgumentException if a leaf has no values, or values of another shape
   */
  public static List<Array> evaluate(
      List<Tensor> outputs, Map<Tensor, Array> leaves, int examples) {
    var reference = new Reference(leaves, examples);
    for (Tensor tensor : Tensor.inOrder(outputs)) {
      reference.results.put(tensor, reference.result(tensor));
    }
    return outputs.stream().map(reference::known).toList();
  }

  /** The value of one tensor; see {@link #evaluate(List, Map, int)}. */
  public static Array evaluate(Tensor output, Map<Tensor, Array> leaves, int examples) {
    return evaluate(List.of(output), leaves, examples).getFirst();
  }

  /** The first values of all parameters that the outputs depend on. */
  public static SequencedMap<Tensor, Array> initial(List<Tensor> outputs, long seed) {
    var initialiser = new Initialiser(seed);
    var values = new LinkedHashMap<Tensor, Array>();
    Parameters.of(outputs)
        .byName()
        .forEach(
            (name, parameter) -> {
              float[] drawn = initialiser.values(name, parameter);
              values.put(parameter, Array.of(parameter, 1, i -> drawn[i]));
            });
    return Collections.unmodifiableSequencedMap(values);
  }

  private Array result(Tensor tensor) {
    return switch (tensor.op()) {
      case Op.Input _, Op.Parameter _, Op.Statistic _ -> given(tensor);
      case Op.KeepMask _ ->
          leaves.containsKey(tensor) ? given(tensor) : Array.of(tensor, examples, _ -> 1);
      case Op.Constant(Values values, Op.Purpose _) -> Array.of(tensor, 1, values.toArray());
      case Op.BatchNormalise(double epsilon, double _) ->
          overBatch(
              tensor,
              operands ->
                  batch(tensor.operand(0), epsilon).forward(operands[0], operands[1], operands[2]));
      case Op.BatchNormaliseInputGradient(double epsilon) ->
          overBatch(
              tensor,
              operands ->
                  batch(tensor.operand(0), epsilon)
                      .inputGradient(operands[0], operands[1], operands[2]));
      case Op.BatchNormaliseGainGradient(double epsilon) ->
          overBatch(
              tensor,
              operands -> batch(tensor.operand(0), epsilon).gainGradient(operands[0], operands[1]));
      case Op.Forward op -> perExample(tensor, operands -> forward(op, tensor, operands));
      case Op.Backward op -> perExample(tensor, operands -> backward(op, tensor, operands));
    };
  }

  private Array given(Tensor leaf) {
    Array values = leaves.get(leaf);
    if (values == null) {
      throw new IllegalArgumentException("Reference has no values for " + leaf);
    }
    if (!values.shape().equals(leaf.shape())
        || values.batched() != leaf.batched()
        || (leaf.batched() && values.size() != examples * leaf.shape().elements())) {
      throw new IllegalArgumentException(
          "Reference needs values for %s and %d examples, got %s%s with %d values"
              .formatted(
                  leaf,
                  examples,
                  values.batched() ? "[batch] " : "",
                  values.shape(),
                  values.size()));
    }
    return values;
  }

  private interface OneExample {
    double[] of(double[][] operands);
  }

  /**
   * One example after another. Where operands are batched and the result is not, it is a gradient
   * of what all examples share: the sum over them.
   */
  private Array perExample(Tensor tensor, OneExample operation) {
    List<Array> operands = tensor.operands().stream().map(this::known).toList();
    int rounds = operands.stream().anyMatch(Array::batched) || tensor.batched() ? examples : 1;
    int size = Math.toIntExact(tensor.shape().elements());
    var values = new double[tensor.batched() ? examples * size : size];
    for (int example = 0; example < rounds; example++) {
      int at = example;
      double[] one =
          operation.of(
              operands.stream().map(operand -> operand.example(at)).toArray(double[][]::new));
      int start = tensor.batched() ? example * size : 0;
      for (int i = 0; i < size; i++) {
        values[start + i] += one[i];
      }
    }
    return Array.of(tensor, examples, values);
  }

  /** All examples at once: operands whole, the batch axis in front. */
  private Array overBatch(Tensor tensor, OneExample operation) {
    double[][] operands =
        tensor.operands().stream().map(each -> known(each).values()).toArray(double[][]::new);
    return Array.of(tensor, examples, operation.of(operands));
  }

  private static BatchNormalising batch(Tensor x, double epsilon) {
    return new BatchNormalising(x.shape().size(-1), epsilon);
  }

  private Array known(Tensor tensor) {
    Array result = results.get(tensor);
    if (result == null) {
      throw new IllegalStateException("Reference met a tensor before its operands: " + tensor);
    }
    return result;
  }

  /** One example of an operation that blocks are written in. */
  private static double[] forward(Op.Forward op, Tensor tensor, double[][] operands) {
    double[] x = operands[0];
    Shape shape = tensor.operand(0).shape();
    return switch (op) {
      case Op.Add() -> pairwise(tensor, operands, (a, b) -> a + b);
      case Op.Subtract() -> pairwise(tensor, operands, (a, b) -> a - b);
      case Op.Multiply() -> pairwise(tensor, operands, (a, b) -> a * b);
      case Op.Divide() -> pairwise(tensor, operands, (a, b) -> a / b);
      case Op.Affine(double scale, double shift) ->
          Arrays.stream(x).map(each -> scale * each + shift).toArray();
      case Op.Pointwise(var function) ->
          Arrays.stream(x).map(each -> Pointwise.value(function, each)).toArray();
      case Op.MatMul(boolean transposeLeft, boolean transposeRight) ->
          product(tensor, operands, transposeLeft, transposeRight);
      case Op.Convolution(var window, int groups) ->
          Convolving.over(shape, tensor.shape(), window, groups).forward(x, operands[1]);
      case Op.Normalise(var extent, boolean centred, double epsilon) ->
          new Normalising(shape, extent, centred, epsilon)
              .forward(x, operands[1], operands.length == 3 ? operands[2] : new double[0]);
      case Op.BatchNormalise _ -> throw acrossExamples(op);
      case Op.Softmax() -> Rows.softmax(x, shape.size(-1));
      case Op.AveragePool(var window) -> Pooling.over(shape, tensor.shape(), window).forward(x);
      case Op.Reduce(Op.Reduction reduction, List<Integer> _) -> {
        double[] sums = sumTo(x, shape, tensor.shape());
        yield switch (reduction) {
          case SUM -> sums;
          case MEAN -> Arrays.stream(sums).map(sum -> sum * sums.length / x.length).toArray();
        };
      }
      case Op.Broadcast() -> Indices.pick(x, Indices.stretched(shape, tensor.shape()));
      case Op.Reshape() -> x;
      case Op.Permute(List<Integer> order) -> Indices.pick(x, Indices.permuted(shape, order));
      case Op.Slice(int axis, int from, int _) -> shifted(tensor, x, axis, -from);
      case Op.Select(int axis, List<Integer> indices) ->
          Indices.pick(x, Indices.selected(shape, axis, indices));
      case Op.Pad(int axis, int before, int _) -> shifted(tensor, x, axis, before);
      case Op.Concatenate(int axis) -> {
        var result = new double[Math.toIntExact(tensor.shape().elements())];
        int offset = 0;
        for (int part = 0; part < operands.length; part++) {
          Shape partShape = tensor.operand(part).shape();
          Indices.copy(operands[part], partShape, result, tensor.shape(), axis, offset);
          offset += partShape.size(axis);
        }
        yield result;
      }
      case Op.Rational(int groups) ->
          new RationalFunction(shape.size(-1), groups, operands[1], operands[2]).forward(x);
      case Op.Lookup() -> Rows.lookup(x, operands[1], shape.size(1));
      case Op.CrossEntropy(double smoothing) ->
          Rows.crossEntropy(x, operands[1], shape.size(-1), smoothing);
    };
  }

  /** One example of an operation that only gradients hold. */
  private static double[] backward(Op.Backward op, Tensor tensor, double[][] operands) {
    double[] first = operands[0];
    Shape shape = tensor.operand(0).shape();
    double[] upstream = operands[operands.length - 1];
    Shape upstreamShape = tensor.operands().getLast().shape();
    return switch (op) {
      case Op.ProductSum(boolean transposeLeft, boolean transposeRight) ->
          product(tensor, operands, transposeLeft, transposeRight);
      case Op.SumTo() -> sumTo(upstream, upstreamShape, tensor.shape());
      case Op.PointwiseGradient(var function) ->
          IntStream.range(0, first.length)
              .mapToDouble(i -> Pointwise.derivative(function, first[i]) * upstream[i])
              .toArray();
      case Op.NormaliseInputGradient(var extent, boolean centred, double epsilon) ->
          new Normalising(shape, extent, centred, epsilon)
              .inputGradient(first, operands[1], upstream);
      case Op.NormaliseGainGradient(var extent, boolean centred, double epsilon) ->
          new Normalising(shape, extent, centred, epsilon).gainGradient(first, upstream);
      case Op.BatchNormaliseInputGradient _, Op.BatchNormaliseGainGradient _ ->
          throw acrossExamples(op);
      case Op.SoftmaxGradient() -> Rows.softmaxGradient(first, upstream, shape.size(-1));
      case Op.SelectGradient(int axis, List<Integer> indices) -> {
        int[] sources = Indices.selected(tensor.shape(), axis, indices);
        var sums = new double[Math.toIntExact(tensor.shape().elements())];
        for (int i = 0; i < sources.length; i++) {
          sums[sources[i]] += upstream[i];
        }
        yield sums;
      }
      case Op.ConvolutionInputGradient(var window, int groups) ->
          Convolving.over(tensor.shape(), upstreamShape, window, groups)
              .inputGradient(first, upstream);
      case Op.ConvolutionKernelGradient(var window, int groups) ->
          Convolving.over(shape, upstreamShape, window, groups).kernelGradient(first, upstream);
      case Op.AveragePoolGradient(var window) ->
          Pooling.over(tensor.shape(), upstreamShape, window).gradient(upstream);
      case Op.RationalInputGradient(int groups) ->
          new RationalFunction(shape.size(-1), groups, operands[1], operands[2])
              .inputGradient(first, upstream);
      case Op.RationalNumeratorGradient(int groups) ->
          new RationalFunction(shape.size(-1), groups, operands[1], operands[2])
              .numeratorGradient(first, upstream);
      case Op.RationalDenominatorGradient(int groups) ->
          new RationalFunction(shape.size(-1), groups, operands[1], operands[2])
              .denominatorGradient(first, upstream);
      case Op.LookupGradient() -> Rows.lookupGradient(first, upstream, tensor.shape());
      case Op.CrossEntropyGradient(double smoothing) ->
          Rows.crossEntropyGradient(first, operands[1], upstream, shape.size(-1), smoothing);
    };
  }

  private static IllegalStateException acrossExamples(Op op) {
    return new IllegalStateException("One example is not enough for " + op);
  }

  private interface Pairwise {
    double of(double left, double right);
  }

  private static double[] pairwise(Tensor tensor, double[][] operands, Pairwise operation) {
    int[] left = Indices.stretched(tensor.operand(0).shape(), tensor.shape());
    int[] right = Indices.stretched(tensor.operand(1).shape(), tensor.shape());
    return IntStream.range(0, left.length)
        .mapToDouble(i -> operation.of(operands[0][left[i]], operands[1][right[i]]))
        .toArray();
  }

  /** Summed over what would be stretched from {@code target} to {@code shape}. */
  private static double[] sumTo(double[] values, Shape shape, Shape target) {
    int[] destinations = Indices.stretched(target, shape);
    var sums = new double[Math.toIntExact(target.elements())];
    for (int i = 0; i < values.length; i++) {
      sums[destinations[i]] += values[i];
    }
    return sums;
  }

  /** Moved along an axis; what leaves the result is lost, what enters is 0. */
  private static double[] shifted(Tensor tensor, double[] x, int axis, int by) {
    var result = new double[Math.toIntExact(tensor.shape().elements())];
    Indices.copy(x, tensor.operand(0).shape(), result, tensor.shape(), axis, by);
    return result;
  }

  /** A product of matrices for each leading index, summed over those the result lacks. */
  private static double[] product(
      Tensor tensor, double[][] operands, boolean transposeLeft, boolean transposeRight) {
    Shape left = tensor.operand(0).shape();
    Shape right = tensor.operand(1).shape();
    int rows = left.size(transposeLeft ? -1 : -2);
    int inner = left.size(transposeLeft ? -2 : -1);
    int columns = right.size(transposeRight ? -2 : -1);
    int leftCount = operands[0].length / (rows * inner);
    int rightCount = operands[1].length / (inner * columns);
    var result = new double[Math.toIntExact(tensor.shape().elements())];
    int resultCount = result.length / (rows * columns);
    for (int index = 0; index < Math.max(leftCount, rightCount); index++) {
      int leftStart = index % leftCount * rows * inner;
      int rightStart = index % rightCount * inner * columns;
      int resultStart = index % resultCount * rows * columns;
      for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column++) {
          double sum = 0;
          for (int k = 0; k < inner; k++) {
            double a = operands[0][leftStart + (transposeLeft ? k * rows + row : row * inner + k)];
            double b =
                operands[1][
                    rightStart + (transposeRight ? column * inner + k : k * columns + column)];
            sum += a * b;
          }
          result[resultStart + row * columns + column] += sum;
        }
      }
    }
    return result;
  }
}
