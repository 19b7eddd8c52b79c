package blockfront.search.export.onnx;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Parameters;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import blockfront.blocks.network.Network;
import blockfront.search.data.Normalisation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;

/**
 * A description as a graph of ONNX, opset {@value #OPSET}.
 *
 * <p>Input and output are those that {@link OnnxExport} tells of; normalisation is part of the
 * graph. Nothing is random: keep masks are 1.
 */
final class OnnxLowering {

  static final int OPSET = 17;

  /** The name of the output. */
  static final String LOGITS = "logits";

  private final OnnxGraph graph = new OnnxGraph("network");
  private final Map<Tensor, String> names = new HashMap<>();
  private final Map<Tensor, String> parameterNames = new HashMap<>();
  private final Map<String, float[]> values;
  private final OnnxWindows windows;
  private final String input;
  private final boolean masks;

  /**
   * Lowers a network.
   *
   * @param values of its parameters, by name
   */
  OnnxLowering(Network network, Map<String, float[]> values, Normalisation normalisation) {
    this.values = values;
    this.windows = new OnnxWindows(graph);
    Parameters.of(List.of(network.logits()))
        .byName()
        .forEach((name, tensor) -> parameterNames.put(tensor, name));
    List<Tensor> order = network.logits().inOrder();
    masks = order.stream().anyMatch(OnnxLowering::masks);
    input = network.inputName();
    graph.input(input, network.input().shape().sizes());
    names.put(network.input(), normalisation.none() ? input : normalised(normalisation));
    for (Tensor tensor : order) {
      // leaves are written when they are asked for, in the layout that is asked for
      if (!(tensor.op() instanceof Op.Leaf)) {
        names.put(tensor, lower(tensor));
      }
    }
    graph.named(LOGITS, "Identity", List.of(of(network.logits())));
    graph.output(LOGITS, network.logits().shape().sizes());
  }

  GraphProto graph() {
    return graph.build();
  }

  /** The name of a tensor's value. */
  String of(Tensor tensor) {
    String name = names.get(tensor);
    if (name == null) {
      name = leaf(tensor);
      names.put(tensor, name);
    }
    return name;
  }

  private String lower(Tensor y) {
    return switch (y.op()) {
      case Op.Leaf _ -> leaf(y);
      case Op.Backward _ -> throw new IllegalArgumentException("ONNX has no gradients: " + y);
      case Op.Add() -> node(y, "Add", aligned(y, 0), aligned(y, 1));
      case Op.Subtract() -> node(y, "Sub", aligned(y, 0), aligned(y, 1));
      case Op.Multiply() -> node(y, "Mul", aligned(y, 0), aligned(y, 1));
      case Op.Divide() -> node(y, "Div", aligned(y, 0), aligned(y, 1));
      case Op.Affine(double scale, double shift) -> affine(y, x(y), scale, shift);
      case Op.Pointwise(Function function) -> apply(y, function, x(y));
      case Op.MatMul(boolean transposeLeft, boolean transposeRight) ->
          node(y, "MatMul", factor(y, 0, transposeLeft), factor(y, 1, transposeRight));
      case Op.Convolution(var window, int groups) -> {
        Tensor kernel = y.operand(1);
        String weight =
            parameterNames.containsKey(kernel)
                ? windows.kernel(parameterNames.getOrDefault(kernel, ""), kernel, numbers(kernel))
                : node(y, "Transpose", of(kernel), OnnxGraph.integers("perm", 3, 2, 0, 1));
        yield shaped(y, windows.convolution(y, grid(y, 0), weight, window, groups));
      }
      case Op.Normalise(var extent, boolean centred, double epsilon) ->
          normalise(y, extent, centred, epsilon);
      case Op.BatchNormalise(double epsilon, double _) -> {
        int rank = rank(y);
        long[] axes = IntStream.range(0, rank - 1).asLongStream().toArray();
        yield node(
            y,
            "Add",
            node(y, "Mul", standard(y, axes, true, epsilon), of(y.operand(1))),
            of(y.operand(2)));
      }
      case Op.Softmax() -> softmax(y);
      case Op.AveragePool(var window) -> shaped(y, windows.averagePool(y, grid(y, 0), window));
      case Op.Reduce(Op.Reduction reduction, List<Integer> axes) -> {
        int shift = y.batched() ? 1 : 0;
        long[] at = axes.stream().mapToLong(axis -> axis + shift).toArray();
        yield switch (reduction) {
          case SUM -> node(y, "ReduceSum", x(y), graph.longs(at));
          case MEAN -> mean(y, x(y), at);
        };
      }
      case Op.Broadcast() -> broadcast(y);
      case Op.Reshape() -> shaped(y, x(y));
      case Op.Permute(List<Integer> order) -> {
        int shift = y.batched() ? 1 : 0;
        IntStream axes = order.stream().mapToInt(axis -> axis + shift);
        long[] all = IntStream.concat(IntStream.range(0, shift), axes).asLongStream().toArray();
        yield node(y, "Transpose", x(y), OnnxGraph.integers("perm", all));
      }
      case Op.Slice(int axis, int from, int to) ->
          node(
              y,
              "Slice",
              x(y),
              graph.longs(from),
              graph.longs(to),
              graph.longs(axis + (y.batched() ? 1 : 0)));
      case Op.Select(int axis, List<Integer> indices) ->
          node(
              y,
              "Gather",
              x(y),
              graph.longs(indices.stream().mapToLong(Integer::longValue).toArray()),
              OnnxGraph.integer("axis", axis + (y.batched() ? 1 : 0)));
      case Op.Concatenate(int axis) ->
          graph.node(
              y.scope(),
              "Concat",
              y.operands().stream().map(this::of).toList(),
              OnnxGraph.integer("axis", axis + (y.batched() ? 1 : 0)));
      case Op.Pad(int axis, int before, int after) -> {
        long[] pads = new long[2 * rank(y)];
        pads[axis + (y.batched() ? 1 : 0)] = before;
        pads[rank(y) + axis + (y.batched() ? 1 : 0)] = after;
        yield node(y, "Pad", x(y), graph.longs(pads));
      }
      case Op.Lookup() -> {
        String inside =
            node(
                y,
                "Clip",
                node(y, "Round", of(y.operand(1))),
                graph.scalar(0),
                graph.scalar(y.operand(0).shape().size(0) - 1));
        String index = node(y, "Cast", inside, OnnxGraph.integer("to", 7));
        yield node(y, "Gather", x(y), index, OnnxGraph.integer("axis", 0));
      }
      case Op.Rational(int groups) -> rational(y, groups);
      case Op.CrossEntropy(double smoothing) -> crossEntropy(y, smoothing);
    };
  }

  // ---- leaves

  private String leaf(Tensor tensor) {
    return switch (tensor.op()) {
      case Op.Parameter _, Op.Statistic _ ->
          graph.floats(
              parameterNames.getOrDefault(tensor, ""), numbers(tensor), longs(tensor.shape()));
      case Op.Constant(Values constant, Op.Purpose _) -> {
        var floats = new float[constant.size()];
        for (int i = 0; i < floats.length; i++) {
          floats[i] = (float) constant.at(i);
        }
        yield graph.floats(tensor.scope() + "/constant", floats, longs(tensor.shape()));
      }
      case Op.KeepMask _ -> forEachExample(tensor, graph.scalar(1));
      case Op.Input(String name) ->
          throw new IllegalArgumentException(
              "ONNX takes '%s' only, the network wants '%s' too".formatted(input, name));
      case Op.Forward _, Op.Backward _ ->
          throw new IllegalStateException("ONNX met a tensor before its operands: " + tensor);
    };
  }

  private float[] numbers(Tensor parameter) {
    String name = parameterNames.getOrDefault(parameter, "");
    float[] numbers = values.get(name);
    if (numbers == null || numbers.length != parameter.shape().elements()) {
      throw new IllegalArgumentException(
          "ONNX needs values for '%s' of shape %s".formatted(name, parameter.shape()));
    }
    return numbers;
  }

  /** {@code value / (255 deviation) - mean / deviation} of each channel. */
  private String normalised(Normalisation by) {
    boolean vectors = input.equals(Network.VECTORS);
    int channels = by.mean().size();
    var centre = new float[channels];
    var scale = new float[channels];
    var shift = new float[channels];
    for (int i = 0; i < channels; i++) {
      centre[i] = by.centre(i);
      scale[i] = by.scale(i);
      shift[i] = vectors ? by.shiftOfCentred(i) : by.shift(i);
    }
    // scaled first, vectors far from 0 would lose what makes them differ
    String centred = vectors ? minus(input, "centre", centre) : input;
    String scaled =
        graph.node(input, "Mul", List.of(centred, graph.floats(input + "/scale", scale, channels)));
    return minus(scaled, "shift", shift);
  }

  private String minus(String x, String name, float[] values) {
    return graph.node(
        input, "Sub", List.of(x, graph.floats(input + "/" + name, values, values.length)));
  }

  private static boolean masks(Tensor tensor) {
    return tensor.op() instanceof Op.Constant(Values constant, Op.Purpose _)
        && IntStream.range(0, constant.size())
            .anyMatch(i -> constant.at(i) == Double.NEGATIVE_INFINITY);
  }

  // ---- functions

  private String affine(Tensor y, String x, double scale, double shift) {
    String scaled = scale == 1 ? x : node(y, "Mul", x, graph.scalar(scale));
    return shift == 0 ? scaled : node(y, "Add", scaled, graph.scalar(shift));
  }

  private String apply(Tensor y, Function function, String x) {
    return switch (function) {
      case GELU -> {
        // in this form ONNX Runtime knows it for what it is
        String erf = node(y, "Erf", node(y, "Div", x, graph.scalar(Math.sqrt(2))));
        String twice = node(y, "Mul", x, node(y, "Add", erf, graph.scalar(1)));
        yield node(y, "Mul", twice, graph.scalar(0.5));
      }
      case GELU_TANH -> {
        String cube = node(y, "Mul", node(y, "Mul", x, x), x);
        String inner = node(y, "Add", x, affine(y, cube, 0.044715, 0));
        String tanh = node(y, "Tanh", affine(y, inner, Math.sqrt(2 / Math.PI), 0));
        yield node(y, "Mul", affine(y, x, 0.5, 0), affine(y, tanh, 1, 1));
      }
      case SILU -> node(y, "Mul", x, node(y, "Sigmoid", x));
      case RELU -> node(y, "Relu", x);
      case SIGMOID -> node(y, "Sigmoid", x);
      case TANH -> node(y, "Tanh", x);
      case EXP -> node(y, "Exp", x);
      case LOG -> node(y, "Log", x);
      case SQRT -> node(y, "Sqrt", x);
      case SQUARE -> node(y, "Mul", x, x);
      case ABS -> node(y, "Abs", x);
      case STEP ->
          node(y, "Cast", node(y, "Greater", x, graph.scalar(0)), OnnxGraph.integer("to", 1));
      case SPIKE_SIGMOID, SPIKE_ARCTAN ->
          node(
              y, "Cast", node(y, "GreaterOrEqual", x, graph.scalar(0)), OnnxGraph.integer("to", 1));
    };
  }

  private String softmax(Tensor y) {
    String softmax = node(y, "Softmax", x(y), OnnxGraph.integer("axis", -1));
    // a row of minus infinities gives zeros
    return masks ? node(y, "Where", node(y, "IsNaN", softmax), graph.scalar(0), softmax) : softmax;
  }

  private String normalise(Tensor y, Op.Extent extent, boolean centred, double epsilon) {
    boolean byChannel = extent == Op.Extent.CHANNELS;
    List<String> operands = y.operands().stream().map(this::of).toList();
    if (byChannel && centred) {
      return graph.node(
          y.scope(),
          "LayerNormalization",
          operands,
          OnnxGraph.integer("axis", -1),
          OnnxGraph.real("epsilon", epsilon));
    }
    int first = byChannel ? rank(y) - 1 : y.batched() ? 1 : 0;
    long[] axes = IntStream.range(first, rank(y)).asLongStream().toArray();
    String scaled = node(y, "Mul", standard(y, axes, centred, epsilon), operands.get(1));
    return operands.size() == 3 ? node(y, "Add", scaled, operands.get(2)) : scaled;
  }

  /** {@code (x - mean) / sqrt(variance + epsilon)} over some axes. */
  private String standard(Tensor y, long[] axes, boolean centred, double epsilon) {
    String centre = centred ? node(y, "Sub", x(y), mean(y, x(y), axes)) : x(y);
    String variance = mean(y, node(y, "Mul", centre, centre), axes);
    String deviation = node(y, "Sqrt", node(y, "Add", variance, graph.scalar(epsilon)));
    return node(y, "Div", centre, deviation);
  }

  /** Over axes, which stay with size 1. */
  private String mean(Tensor y, String x, long... axes) {
    return node(y, "ReduceMean", x, OnnxGraph.integers("axes", axes));
  }

  private String crossEntropy(Tensor y, double smoothing) {
    String target = of(y.operand(1));
    long last = rank(y) - 1L;
    int classes = y.operand(0).shape().size(-1);
    String mass = node(y, "ReduceSum", target, graph.longs(last));
    String smoothed =
        node(
            y, "Add", affine(y, target, 1 - smoothing, 0), affine(y, mass, smoothing / classes, 0));
    String logarithm = node(y, "LogSoftmax", x(y), OnnxGraph.integer("axis", last));
    // what is not a target costs nothing, even if it is impossible
    String finite = node(y, "Max", logarithm, graph.scalar(-Float.MAX_VALUE));
    String sum = node(y, "ReduceSum", node(y, "Mul", smoothed, finite), graph.longs(last));
    return node(y, "Neg", sum);
  }

  private String rational(Tensor y, int groups) {
    Tensor input = y.operand(0);
    var sizes = new ArrayList<>(input.shape().sizes());
    int channels = sizes.removeLast();
    sizes.add(groups);
    sizes.add(channels / groups);
    String x = reshaped(y, x(y), new Shape(sizes), input.batched());
    String magnitude = node(y, "Abs", x);
    String a = of(y.operand(1));
    String b = node(y, "Abs", of(y.operand(2)));
    int p = y.operand(1).shape().size(0) - 1;
    int q = y.operand(2).shape().size(1);
    String above = part(y, a, 0, p);
    for (int i = p - 1; i >= 0; i--) {
      above = node(y, "Add", node(y, "Mul", x, above), part(y, a, 0, i));
    }
    String below = node(y, "Mul", magnitude, part(y, b, 1, q - 1));
    for (int j = q - 2; j >= 0; j--) {
      below = node(y, "Mul", node(y, "Add", below, part(y, b, 1, j)), magnitude);
    }
    String quotient = node(y, "Div", above, node(y, "Add", below, graph.scalar(1)));
    return shaped(y, quotient);
  }

  private String part(Tensor y, String x, long axis, long index) {
    return node(y, "Slice", x, graph.longs(index), graph.longs(index + 1), graph.longs(axis));
  }

  // ---- structure

  private String x(Tensor y) {
    return of(y.operand(0));
  }

  /** An operand with as many axes as the result, so that axes are matched from the last. */
  private String aligned(Tensor y, int operand) {
    Tensor tensor = y.operand(operand);
    int missing = y.shape().rank() - tensor.shape().rank();
    if (missing == 0 || !tensor.batched()) {
      return of(tensor);
    }
    var sizes = new ArrayList<>(Collections.nCopies(missing, 1));
    sizes.addAll(tensor.shape().sizes());
    return reshaped(y, of(tensor), new Shape(sizes), true);
  }

  private String factor(Tensor y, int operand, boolean transposed) {
    String aligned = aligned(y, operand);
    if (!transposed) {
      return aligned;
    }
    Tensor tensor = y.operand(operand);
    int rank = tensor.batched() ? rank(y) : tensor.shape().rank();
    long[] axes = IntStream.range(0, rank).asLongStream().toArray();
    axes[rank - 1] = rank - 2L;
    axes[rank - 2] = rank - 1L;
    return node(y, "Transpose", aligned, OnnxGraph.integers("perm", axes));
  }

  private String broadcast(Tensor y) {
    Tensor from = y.operand(0);
    String aligned = aligned(y, 0);
    if (y.batched() && !from.batched()) {
      return forEachExample(y, aligned);
    }
    var sizes = new ArrayList<>(y.shape().sizes());
    if (y.batched()) {
      sizes.addFirst(1);
    }
    return node(y, "Expand", aligned, graph.longs(longs(new Shape(sizes))));
  }

  /** Stretched to the shape of y, for as many examples as come in. */
  private String forEachExample(Tensor y, String x) {
    String examples =
        graph.node(
            y.scope(),
            "Shape",
            List.of(input),
            OnnxGraph.integer("start", 0),
            OnnxGraph.integer("end", 1));
    String sizes =
        graph.node(
            y.scope(),
            "Concat",
            List.of(examples, graph.longs(longs(y.shape()))),
            OnnxGraph.integer("axis", 0));
    return node(y, "Expand", x, sizes);
  }

  /** A grid with a batch axis. */
  private String grid(Tensor y, int operand) {
    Tensor tensor = y.operand(operand);
    return tensor.batched() ? of(tensor) : reshaped(y, of(tensor), tensor.shape(), true);
  }

  private String shaped(Tensor y, String x) {
    return reshaped(y, x, y.shape(), y.batched());
  }

  private String reshaped(Tensor y, String x, Shape shape, boolean batched) {
    var sizes = new ArrayList<>(shape.sizes());
    if (batched) {
      sizes.addFirst(-1);
    }
    long[] wanted = sizes.stream().mapToLong(Integer::longValue).toArray();
    return node(y, "Reshape", x, graph.longs(wanted));
  }

  private String node(Tensor y, String type, String... inputs) {
    return graph.node(y.scope(), type, List.of(inputs));
  }

  private String node(Tensor y, String type, String input, AttributeProto attribute) {
    return graph.node(y.scope(), type, List.of(input), attribute);
  }

  private String node(Tensor y, String type, String left, String right, AttributeProto attribute) {
    return graph.node(y.scope(), type, List.of(left, right), attribute);
  }

  /** Axes, the batch axis counted. */
  private static int rank(Tensor tensor) {
    return tensor.shape().rank() + (tensor.batched() ? 1 : 0);
  }

  private static long[] longs(Shape shape) {
    return shape.sizes().stream().mapToLong(Integer::longValue).toArray();
  }
}
