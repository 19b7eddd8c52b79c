package blockfront.search.export.onnx;

import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.network.Network;
import blockfront.search.data.DataSet;
import blockfront.search.data.Examples;
import blockfront.search.train.Evaluator;
import blockfront.search.train.TrainedNetwork;
import blockfront.search.trial.Deployment;
import blockfront.search.trial.Version;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.IntStream;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.OperatorSetIdProto;
import onnx.Onnx.StringStringEntryProto;
import org.nd4j.shade.protobuf.InvalidProtocolBufferException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Trained networks as ONNX models that were run before they are handed over.
 *
 * <p>Input {@code image}: float32 {@code [batch, height, width, channels]} of values 0 to 255; or
 * {@code tokens}: float32 {@code [batch, length]} of whole numbers; or {@code vectors}: float32
 * {@code [batch, length, channels]}. Output {@code logits}: {@code [batch, classes]}, {@code
 * [batch, length, vocabulary]}, or the number {@code [batch, 1]}. The metadata has the names of the
 * classes, the hash of the data set, what the caller adds, and a hash of all that and of the graph.
 */
public final class OnnxExport {

  /** Greatest difference of a logit, as a share of the greatest logit where that is beyond 1. */
  public static final float TOLERANCE = 1e-4f;

  /** Keys of the metadata: names of classes, as a JSON list. */
  public static final String CLASSES = "classes";

  /** SHA-256 of the data set that it was trained on. */
  public static final String DATA_HASH = "data_sha256";

  /** {@code float32} or {@code int8}. */
  public static final String PRECISION = "precision";

  /** By what it is judged: a name of {@link blockfront.search.trial.Metric}. */
  public static final String METRIC = "metric";

  /** On the validation part, as the training recorded it. */
  public static final String VALIDATION_SCORE = "validation_score";

  /** On the test part: of the training, or of the quantised model. */
  public static final String TEST_SCORE = "test_score";

  /** Said of networks of spiking neurons. */
  public static final String SPIKING = "spiking";

  /**
   * In a network of spiking neurons: share of examples on which rounding may have tipped a spike.
   */
  public static final double TIPPED = 0.1;

  private static final int IR_VERSION = 8;
  private static final int SAMPLES = 100;
  private static final int CALIBRATION = 256;
  private static final Set<String> LOGITS_ONLY = Set.of(OnnxLowering.LOGITS);
  private static final JsonMapper JSON = new JsonMapper();

  private OnnxExport() {}

  /**
   * The bytes of a model, the same for the same network.
   *
   * @param data what it was trained on; its test examples are asked for
   * @param metadata more to be said in the file
   * @throws IllegalStateException if ONNX Runtime answers otherwise than the trainer, naming the
   *     first layer that differs
   */
  public static byte[] model(
      TrainedNetwork network, DataSet data, SequencedMap<String, String> metadata) {
    var lowering = new OnnxLowering(network.network(), network.values(), data.normalisation());
    var all = new LinkedHashMap<>(metadata);
    if (network.network().spiking()) {
      all.put(SPIKING, "true");
    }
    ModelProto model = model(lowering.graph(), data, all);
    check(model, lowering, network, data);
    return model.toByteArray();
  }

  /**
   * A model with quantised weights and activations, which says itself how it scores on the test
   * set.
   *
   * @param model what {@link #model} made of the network; its metadata is kept
   * @param data what it was trained on: activations are calibrated on training examples
   */
  public static byte[] int8(byte[] model, TrainedNetwork network, DataSet data) {
    ModelProto whole = parsed(model);
    GraphProto graph = quantised(whole, network, data);
    var metadata = new LinkedHashMap<String, String>();
    whole.getMetadataPropsList().forEach(entry -> metadata.put(entry.getKey(), entry.getValue()));
    metadata.remove(OnnxSeal.KEY);
    metadata.remove(VALIDATION_SCORE);
    metadata.put(PRECISION, "int8");
    byte[] unscored = model(graph, metadata).toByteArray();
    try (OnnxModel runtime = OnnxModel.unsealed(unscored, "The quantised model")) {
      metadata.put(TEST_SCORE, String.valueOf(runtime.score(data.test()).by(data.metric())));
    }
    return model(graph, metadata).toByteArray();
  }

  private static GraphProto quantised(ModelProto whole, TrainedNetwork network, DataSet data) {
    return OnnxQuantiser.quantised(
        whole.getGraph(),
        network.values().keySet(),
        traced ->
            OnnxModel.unsealed(
                whole.toBuilder().setGraph(traced).build().toByteArray(), "The model"),
        data.train().spread(CALIBRATION));
  }

  /**
   * By how much greater the validation error is with quantised weights and activations than
   * without, both in ONNX Runtime; below 0 if it is less.
   *
   * @param data what it was trained on
   * @throws IllegalStateException as {@link #model} does
   */
  public static double int8Drop(TrainedNetwork network, DataSet data) {
    ModelProto whole = parsed(model(network, data, new LinkedHashMap<>()));
    byte[] quantised =
        whole.toBuilder().setGraph(quantised(whole, network, data)).build().toByteArray();
    try (OnnxModel float32 = OnnxModel.unsealed(whole.toByteArray(), "The model");
        OnnxModel int8 = OnnxModel.unsealed(quantised, "The quantised model")) {
      return validationError(int8, data) - validationError(float32, data);
    }
  }

  private static double validationError(OnnxModel model, DataSet data) {
    return data.metric().error(model.score(data.validation()).by(data.metric()));
  }

  /** Scores both models on the test set, and how long they take. */
  public static Deployment measure(byte[] float32, byte[] int8, DataSet data) {
    return new Deployment(data.metric(), measure(float32, data), measure(int8, data));
  }

  private static Deployment.Model measure(byte[] model, DataSet data) {
    try (OnnxModel runtime = OnnxModel.of(model, "The model")) {
      return new Deployment.Model(
          runtime.score(data.test()).by(data.metric()),
          runtime.latency(data.test().raw(0, 1)).toNanos() / 1e6,
          model.length);
    }
  }

  private static ModelProto parsed(byte[] model) {
    try {
      return ModelProto.parseFrom(model);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("The model is no ONNX file, or a damaged one", e);
    }
  }

  private static ModelProto model(
      GraphProto graph, DataSet data, SequencedMap<String, String> metadata) {
    var all = new LinkedHashMap<String, String>();
    all.put(CLASSES, JSON.writeValueAsString(data.classes()));
    all.put(DATA_HASH, data.hash());
    all.put(METRIC, data.metric().name());
    all.put(PRECISION, "float32");
    all.putAll(metadata);
    return model(graph, all);
  }

  private static ModelProto model(GraphProto graph, SequencedMap<String, String> metadata) {
    var model =
        ModelProto.newBuilder()
            .setIrVersion(IR_VERSION)
            .setProducerName("Blockfront")
            .setProducerVersion(Version.CURRENT)
            .addOpsetImport(
                OperatorSetIdProto.newBuilder().setDomain("").setVersion(OnnxLowering.OPSET))
            .setGraph(graph);
    metadata.forEach(
        (key, value) ->
            model.addMetadataProps(
                StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
    return OnnxSeal.sealed(model.build());
  }

  /** Compares with the trainer on test examples. */
  static void check(ModelProto model, OnnxLowering lowering, TrainedNetwork network, DataSet data) {
    Examples examples = data.test();
    Tensor logits = network.network().logits();
    int samples = Evaluator.batch(SAMPLES, examples.shape().elements(), logits.shape().elements());
    int count = Math.min(samples, examples.size());
    float[] raw = examples.raw(0, count);
    float[] expected =
        network.trace(List.of(logits), examples, data.normalisation(), count).getFirst();
    double apart;
    try (OnnxModel runtime = OnnxModel.unsealed(model.toByteArray(), "The model")) {
      float[] actual = runtime.run(raw, LOGITS_ONLY).getOrDefault(OnnxLowering.LOGITS, raw);
      apart =
          network.network().spiking()
              ? distanceOfMost(expected, actual, count)
              : distance(expected, actual);
    }
    if (!(apart <= TOLERANCE)) {
      throw new IllegalStateException(
          "ONNX Runtime answers otherwise than the trainer, by up to %.1e on %d test examples; %s"
              .formatted(
                  apart,
                  count,
                  firstDifference(model, lowering, network, data, count)
                      .map("the first layer that differs is "::concat)
                      .orElse("no layer alone differs by more than the tolerance")));
    }
  }

  /** Runs both with every value as an output. */
  private static Optional<String> firstDifference(
      ModelProto model, OnnxLowering lowering, TrainedNetwork network, DataSet data, int count) {
    Network description = network.network();
    List<Tensor> layers =
        description.logits().inOrder().stream()
            .filter(tensor -> tensor.batched() && !(tensor.op() instanceof Op.Leaf))
            .toList();
    var graph = model.getGraph().toBuilder().clearOutput();
    var names = new LinkedHashSet<String>();
    for (Tensor layer : layers) {
      if (names.add(lowering.of(layer))) {
        graph.addOutput(OnnxGraph.batched(lowering.of(layer), layer.shape().sizes()));
      }
    }
    graph.addOutput(model.getGraph().getOutput(0));
    byte[] traced = model.toBuilder().setGraph(graph).build().toByteArray();
    List<float[]> expected =
        network.trace(new ArrayList<>(layers), data.test(), data.normalisation(), count);
    float[] raw = data.test().raw(0, count);
    try (OnnxModel runtime = OnnxModel.unsealed(traced, "The model")) {
      Map<String, float[]> actual = runtime.run(raw, names);
      for (int i = 0; i < layers.size(); i++) {
        Tensor layer = layers.get(i);
        double apart =
            distance(expected.get(i), actual.getOrDefault(lowering.of(layer), new float[0]));
        if (!(apart <= TOLERANCE)) {
          return Optional.of("'%s' (%s)".formatted(layer.scope(), lowering.of(layer)));
        }
      }
    }
    return Optional.empty();
  }

  /** Of all examples but {@link #TIPPED}. */
  static double distanceOfMost(float[] expected, float[] actual, int count) {
    if (expected.length != actual.length) {
      return Double.POSITIVE_INFINITY;
    }
    int each = expected.length / count;
    double[] apart =
        IntStream.range(0, count)
            .mapToDouble(
                i ->
                    distance(
                        Arrays.copyOfRange(expected, i * each, (i + 1) * each),
                        Arrays.copyOfRange(actual, i * each, (i + 1) * each)))
            .sorted()
            .toArray();
    return apart[(int) Math.ceil((1 - TIPPED) * count) - 1];
  }

  /** The greatest difference, as a share of the greatest number where that is beyond 1. */
  static double distance(float[] expected, float[] actual) {
    if (expected.length != actual.length) {
      return Double.POSITIVE_INFINITY;
    }
    double scale = 1;
    double apart = 0;
    for (int i = 0; i < expected.length; i++) {
      if (expected[i] != actual[i]) {
        double difference = Math.abs((double) expected[i] - actual[i]);
        if (Double.isNaN(difference)) {
          return Double.NaN;
        }
        scale = Math.max(scale, Math.abs(expected[i]));
        apart = Math.max(apart, difference);
      }
    }
    return apart / scale;
  }
}
