package blockfront.search.export.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorShapeProto;
import onnx.Onnx.TypeProto;
import onnx.Onnx.ValueInfoProto;
import org.nd4j.shade.protobuf.ByteString;

/**
 * A graph of ONNX as it is built up: nodes, constants, input and output.
 *
 * <p>A value is known by its name, which starts with the scope that it was described in. The same
 * calls give the same names.
 */
final class OnnxGraph {

  private final GraphProto.Builder graph;
  private final Map<String, Integer> counts = new HashMap<>();
  private final Map<String, String> constants = new HashMap<>();

  OnnxGraph(String name) {
    graph = GraphProto.newBuilder().setName(name);
  }

  GraphProto build() {
    return graph.build();
  }

  /** Float32 of any batch size. */
  void input(String name, List<Integer> sizes) {
    graph.addInput(batched(name, sizes));
  }

  /** Float32 of any batch size. */
  void output(String name, List<Integer> sizes) {
    graph.addOutput(batched(name, sizes));
  }

  /** Adds an operation; the name of its result. */
  String node(String scope, String type, List<String> inputs, AttributeProto... attributes) {
    String name = free(scope.isEmpty() ? type : scope + "/" + type);
    named(name, type, inputs, attributes);
    return name;
  }

  /** Adds an operation whose result has a given name. */
  void named(String name, String type, List<String> inputs, AttributeProto... attributes) {
    graph.addNode(
        NodeProto.newBuilder()
            .setName(name)
            .setOpType(type)
            .addAllInput(inputs)
            .addOutput(name)
            .addAllAttribute(Arrays.asList(attributes)));
  }

  /** Float32 numbers, outermost axis first; the name is numbered if it is taken. */
  String floats(String name, float[] values, long... sizes) {
    String free = free(name);
    graph.addInitializer(floatTensor(free, values, sizes));
    return free;
  }

  /** One float32 number; the same number is the same constant. */
  String scalar(double value) {
    return constants.computeIfAbsent(
        "scalar " + value, _ -> floats("scalar_" + constants.size(), new float[] {(float) value}));
  }

  /** A row of int64 numbers; the same numbers are the same constant. */
  String longs(long... values) {
    return constants.computeIfAbsent(
        "longs " + Arrays.toString(values),
        _ -> {
          String name = "sizes_" + constants.size();
          ByteBuffer bytes =
              ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
          for (long value : values) {
            bytes.putLong(value);
          }
          graph.addInitializer(
              TensorProto.newBuilder()
                  .setName(name)
                  .setDataType(TensorProto.DataType.INT64.getNumber())
                  .addDims(values.length)
                  .setRawData(ByteString.copyFrom(bytes.flip())));
          return name;
        });
  }

  private String free(String stem) {
    int count = counts.merge(stem, 1, Integer::sum);
    return count == 1 ? stem : stem + "_" + count;
  }

  static TensorProto floatTensor(String name, float[] values, long... sizes) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(TensorProto.DataType.FLOAT.getNumber())
        .addAllDims(Arrays.stream(sizes).boxed().toList())
        .setRawData(ByteString.copyFrom(bytes.flip()))
        .build();
  }

  static AttributeProto integer(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  static AttributeProto integers(String name, long... values) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INTS)
        .addAllInts(Arrays.stream(values).boxed().toList())
        .build();
  }

  static AttributeProto real(String name, double value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.FLOAT)
        .setF((float) value)
        .build();
  }

  /** A value of the graph: float32, the batch axis in front. */
  static ValueInfoProto batched(String name, List<Integer> sizes) {
    var shape =
        TensorShapeProto.newBuilder()
            .addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("batch"));
    for (int size : sizes) {
      shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(size));
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(TensorProto.DataType.FLOAT.getNumber())
                        .setShape(shape)))
        .build();
  }
}
