package blockfront.search.export.onnx;

import blockfront.search.data.Examples;
import blockfront.search.train.Evaluator;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorShapeProto;
import onnx.Onnx.TypeProto;
import onnx.Onnx.ValueInfoProto;
import org.nd4j.shade.protobuf.ByteString;

/**
 * Quantisation after training: matrix products and convolutions with trained weights in 8 bits, in
 * the form of {@code QuantizeLinear} and {@code DequantizeLinear} pairs that runtimes fuse with the
 * operation between them.
 *
 * <p>Weights are symmetric with a scale for each output channel, activations are asymmetric with
 * one scale each, from their range on calibration examples (Jacob et al.,
 * https://arxiv.org/abs/1712.05877). Products of two activations, as in attention, and constant
 * transforms stay float32.
 */
final class OnnxQuantiser {

  /** Two products of 7 bits and 8 fit the 16 bits that processors without VNNI add them in. */
  private static final int GREATEST_WEIGHT = 64;

  private static final int GREATEST_ACTIVATION = 255;
  private static final int BATCH = 64;

  private final GraphProto graph;
  private final Map<String, TensorProto> weights = new HashMap<>();
  private final SequencedMap<String, float[]> ranges = new LinkedHashMap<>();
  private final List<NodeProto> nodes = new ArrayList<>();
  private final List<TensorProto> constants = new ArrayList<>();
  private final Set<String> quantised = new HashSet<>();

  /**
   * A trained tensor that a node multiplies by.
   *
   * @param axis of its output channels; none in a stack of matrices, which runtimes take with one
   *     scale only
   */
  private record Factor(int input, OptionalInt axis, TensorProto weight) {}

  private OnnxQuantiser(GraphProto graph, Set<String> trained) {
    this.graph = graph;
    for (TensorProto tensor : graph.getInitializerList()) {
      if (trained.contains(tensor.getName())) {
        weights.put(tensor.getName(), tensor);
      }
    }
  }

  /**
   * The graph with quantised products.
   *
   * @param trained names of the trained tensors
   * @param model runs any model, as the graph is part of one
   * @param calibration what the ranges of activations are taken from; never the test part
   */
  static GraphProto quantised(
      GraphProto graph, Set<String> trained, Running model, Examples calibration) {
    var quantiser = new OnnxQuantiser(graph, trained);
    quantiser.calibrate(model, calibration);
    return quantiser.rewritten();
  }

  /** Opens a graph in ONNX Runtime. */
  interface Running {
    OnnxModel open(GraphProto graph);
  }

  private void calibrate(Running model, Examples calibration) {
    for (NodeProto node : graph.getNodeList()) {
      factor(node)
          .ifPresent(
              factor ->
                  ranges.put(node.getInput(1 - factor.input()), new float[2])); // 0 is in each
    }
    Set<String> inputs =
        graph.getInputList().stream().map(ValueInfoProto::getName).collect(Collectors.toSet());
    var inner = new HashSet<>(ranges.keySet());
    inner.removeAll(inputs);
    GraphProto.Builder traced = graph.toBuilder();
    inner.stream().sorted().forEach(name -> traced.addOutput(output(name)));
    try (OnnxModel runtime = model.open(traced.build())) {
      int batch = Evaluator.batch(BATCH, calibration.shape().elements(), answer());
      for (int start = 0; start < calibration.size(); start += batch) {
        float[] raw = calibration.raw(start, Math.min(calibration.size(), start + batch));
        runtime.run(raw, inner).forEach(this::widen);
        inputs.forEach(name -> widen(name, raw));
      }
    }
  }

  /** Numbers that one answer is. */
  private long answer() {
    return graph.getOutput(0).getType().getTensorType().getShape().getDimList().stream()
        .skip(1)
        .mapToLong(TensorShapeProto.Dimension::getDimValue)
        .reduce(1, Math::multiplyExact);
  }

  private void widen(String name, float[] values) {
    float[] range = ranges.getOrDefault(name, new float[2]);
    for (float value : values) {
      range[0] = Math.min(range[0], value);
      range[1] = Math.max(range[1], value);
    }
  }

  private GraphProto rewritten() {
    for (NodeProto node : graph.getNodeList()) {
      nodes.add(factor(node).map(factor -> rewritten(node, factor)).orElse(node));
    }
    var used = new HashSet<String>();
    nodes.forEach(node -> used.addAll(node.getInputList()));
    GraphProto.Builder result = graph.toBuilder().clearNode().clearInitializer().addAllNode(nodes);
    for (TensorProto tensor : graph.getInitializerList()) {
      if (used.contains(tensor.getName())) {
        result.addInitializer(tensor);
      }
    }
    return result.addAllInitializer(constants).build();
  }

  private NodeProto rewritten(NodeProto node, Factor factor) {
    String activation = node.getInput(1 - factor.input());
    NodeProto.Builder rewritten = node.toBuilder();
    rewritten.setInput(1 - factor.input(), activation(activation));
    rewritten.setInput(factor.input(), weight(node.getName(), factor));
    return rewritten.build();
  }

  /** Which operand of a product is a trained matrix or kernel. */
  private Optional<Factor> factor(NodeProto node) {
    return switch (node.getOpType()) {
      case "Conv" -> factor(node, 1, OptionalInt.of(0));
      case "MatMul" ->
          factor(node, 1, matrixAxis(node, 1)).or(() -> factor(node, 0, matrixAxis(node, 0)));
      default -> Optional.empty();
    };
  }

  /** Columns of a matrix on the right, rows of one on the left. */
  private OptionalInt matrixAxis(NodeProto node, int input) {
    TensorProto weight = weights.get(node.getInput(input));
    return weight != null && weight.getDimsCount() == 2
        ? OptionalInt.of(input)
        : OptionalInt.empty();
  }

  private Optional<Factor> factor(NodeProto node, int input, OptionalInt axis) {
    TensorProto weight = weights.get(node.getInput(input));
    if (weight == null
        || weight.getDimsCount() < 2
        || weights.containsKey(node.getInput(1 - input))) {
      return Optional.empty();
    }
    return Optional.of(new Factor(input, axis, weight));
  }

  /** Quantised and back, once for all that take it. */
  private String activation(String name) {
    String quantisedName = name + "/int8";
    String back = name + "/dequantised";
    if (quantised.add(name)) {
      float[] range = ranges.getOrDefault(name, new float[2]);
      float width = range[1] - range[0];
      float scale = width > 0 && Float.isFinite(width) ? width / GREATEST_ACTIVATION : 1;
      int zero = Math.round(-range[0] / scale);
      constants.add(OnnxGraph.floatTensor(name + "/scale", new float[] {scale}));
      constants.add(
          bytes(name + "/zero", TensorProto.DataType.UINT8, new byte[] {(byte) zero}, List.of()));
      List<String> by = List.of(name + "/scale", name + "/zero");
      nodes.add(node("QuantizeLinear", quantisedName, name, by).build());
      nodes.add(node("DequantizeLinear", back, quantisedName, by).build());
    }
    return back;
  }

  /** As it is multiplied by: each product has its own, or runtimes do not fuse it. */
  private String weight(String product, Factor factor) {
    TensorProto weight = factor.weight();
    String name = weight.getName();
    String back = product + "/weight";
    if (quantised.add(name)) {
      float[] values = floats(weight);
      int[] channel = IntStream.range(0, values.length).map(i -> channel(factor, i)).toArray();
      int channels =
          factor.axis().isPresent() ? Math.toIntExact(weight.getDims(factor.axis().getAsInt())) : 1;
      var scales = new float[channels];
      for (int i = 0; i < values.length; i++) {
        scales[channel[i]] = Math.max(scales[channel[i]], Math.abs(values[i]));
      }
      for (int i = 0; i < channels; i++) {
        scales[i] = scales[i] > 0 ? scales[i] / GREATEST_WEIGHT : 1;
      }
      var eighths = new byte[values.length];
      for (int i = 0; i < values.length; i++) {
        eighths[i] = (byte) Math.round(values[i] / scales[channel[i]]);
      }
      constants.add(
          bytes(name + "/int8", TensorProto.DataType.INT8, eighths, weight.getDimsList()));
      long[] sizes = factor.axis().isPresent() ? new long[] {channels} : new long[0];
      constants.add(OnnxGraph.floatTensor(name + "/scale", scales, sizes));
      constants.add(
          bytes(
              name + "/zero",
              TensorProto.DataType.INT8,
              new byte[channels],
              LongStream.of(sizes).boxed().toList()));
    }
    NodeProto.Builder dequantised =
        node("DequantizeLinear", back, name + "/int8", List.of(name + "/scale", name + "/zero"));
    factor.axis().ifPresent(axis -> dequantised.addAttribute(axis(axis)));
    nodes.add(dequantised.build());
    return back;
  }

  /** Which scale an element of a weight has. */
  private static int channel(Factor factor, int element) {
    if (factor.axis().isEmpty()) {
      return 0;
    }
    int axis = factor.axis().getAsInt();
    int channels = Math.toIntExact(factor.weight().getDims(axis));
    return element / stride(factor.weight(), axis) % channels;
  }

  private static NodeProto.Builder node(String type, String name, String of, List<String> by) {
    return NodeProto.newBuilder()
        .setName(name)
        .setOpType(type)
        .addInput(of)
        .addAllInput(by)
        .addOutput(name);
  }

  private static AttributeProto axis(int axis) {
    return OnnxGraph.integer("axis", axis);
  }

  private static ValueInfoProto output(String name) {
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(TensorProto.DataType.FLOAT.getNumber())))
        .build();
  }

  private static int stride(TensorProto tensor, int axis) {
    return Math.toIntExact(
        tensor.getDimsList().stream().skip(axis + 1L).reduce(1L, Math::multiplyExact));
  }

  /** The numbers of a float32 tensor, outermost axis first. */
  static float[] floats(TensorProto tensor) {
    FloatBuffer buffer =
        ByteBuffer.wrap(tensor.getRawData().toByteArray())
            .order(ByteOrder.LITTLE_ENDIAN)
            .asFloatBuffer();
    var floats = new float[buffer.remaining()];
    buffer.get(floats);
    return floats;
  }

  private static TensorProto bytes(
      String name, TensorProto.DataType type, byte[] values, List<Long> sizes) {
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(type.getNumber())
        .addAllDims(sizes)
        .setRawData(ByteString.copyFrom(Arrays.copyOf(values, values.length)))
        .build();
  }
}
