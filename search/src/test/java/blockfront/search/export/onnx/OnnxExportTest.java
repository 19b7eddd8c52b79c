package blockfront.search.export.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.spi.Block;
import blockfront.search.data.DataSet;
import blockfront.search.train.Evaluator;
import blockfront.search.train.SmallTrainings;
import blockfront.search.train.TrainedNetwork;
import blockfront.search.trial.Deployment;
import blockfront.search.trial.Measurement;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.shade.protobuf.ByteString;

class OnnxExportTest {

  private static final int SAMPLES = 100;
  private static final Catalogue CATALOGUE = Catalogue.load();
  private static final DataSet DIGITS = SmallTrainings.FEW;

  @TempDir private Path folder;

  static Stream<Named<Block>> blocks() {
    return CATALOGUE.all().stream().map(block -> Named.of(block.id(), block));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("blocks")
  void everyBlockAnswersInOnnxRuntimeAsInTheTrainer(Block block) {
    DataSet data = SmallTrainings.data(block);
    try (TrainedNetwork network = trained(block.id());
        OnnxModel model =
            OnnxModel.of(OnnxExport.model(network, data, new LinkedHashMap<>()), "The model")) {
      List<float[]> expected =
          network.answers(data.test(), data.normalisation()).subList(0, SAMPLES);
      List<float[]> actual = model.answers(data.test().raw(0, SAMPLES));
      if (network.network().spiking()) {
        assertThat(OnnxExport.distanceOfMost(joined(expected), joined(actual), SAMPLES))
            .isLessThan(1e-4);
        return;
      }
      for (int i = 0; i < SAMPLES; i++) {
        assertThat(actual.get(i))
            .as("example %d", i)
            .usingComparatorWithPrecision(1e-4f)
            .containsExactly(expected.get(i));
      }
    }
  }

  private static float[] joined(List<float[]> rows) {
    int each = rows.getFirst().length;
    var all = new float[rows.size() * each];
    for (int i = 0; i < rows.size(); i++) {
      System.arraycopy(rows.get(i), 0, all, i * each, each);
    }
    return all;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("blocks")
  void everyBlockCanBeQuantised(Block block) {
    DataSet data = SmallTrainings.data(block);
    try (TrainedNetwork network = trained(block.id())) {
      byte[] float32 = OnnxExport.model(network, data, new LinkedHashMap<>());
      byte[] int8 = OnnxExport.int8(float32, network, data);
      try (OnnxModel whole = OnnxModel.of(float32, "The model");
          OnnxModel quantised = OnnxModel.of(int8, "The quantised model")) {
        double expected = whole.score(data.test()).loss();
        assertThat(quantised.score(data.test()).loss())
            .isCloseTo(expected, within(0.1 * Math.max(0.1, expected)));
      }
    }
  }

  @Test
  void quantisedWeightsAreTheTrainedToHalfAStep() throws IOException {
    try (TrainedNetwork network = trained("dwconv")) {
      GraphProto graph =
          ModelProto.parseFrom(OnnxExport.int8(export(network), network, DIGITS)).getGraph();
      Map<String, TensorProto> constants =
          graph.getInitializerList().stream()
              .collect(Collectors.toMap(TensorProto::getName, tensor -> tensor));
      String name = "stages.0.blocks.0.channel.expand.weight"; // [in, out], a scale each out
      float[] trained = network.values().getOrDefault(name, new float[0]);
      TensorProto none = TensorProto.getDefaultInstance();
      byte[] eighths = constants.getOrDefault(name + "/int8", none).getRawData().toByteArray();
      float[] scales = OnnxQuantiser.floats(constants.getOrDefault(name + "/scale", none));
      assertThat(constants).doesNotContainKey(name);
      assertThat(eighths).hasSameSizeAs(trained);
      for (int i = 0; i < trained.length; i++) {
        float scale = scales[i % scales.length];
        assertThat(eighths[i] * scale).isCloseTo(trained[i], within(scale * 0.501f));
      }
      assertThat(graph.getNodeList())
          .extracting(NodeProto::getOpType)
          .contains("QuantizeLinear", "DequantizeLinear", "Conv", "MatMul");
    }
  }

  @Test
  void aQuantisedModelIsSmallerAndTellsItsOwnScore() {
    try (TrainedNetwork network = trained("softmax_mha")) {
      byte[] float32 = export(network);
      byte[] int8 = OnnxExport.int8(float32, network, DIGITS);
      assertThat(int8.length).isLessThan(float32.length);
      assertThat(OnnxExport.int8(float32, network, DIGITS)).isEqualTo(int8);
      Deployment measured = OnnxExport.measure(float32, int8, DIGITS);
      assertThat(measured.int8().bytes()).isEqualTo(int8.length);
      try (OnnxModel model = OnnxModel.of(int8, "The quantised model")) {
        assertThat(model.metadata(OnnxExport.PRECISION)).contains("int8");
        assertThat(model.metadata(OnnxExport.TEST_SCORE))
            .contains(String.valueOf(measured.int8().testScore()));
        assertThat(model.metadata("more")).contains("is told");
      }
    }
  }

  @Test
  void aModelScoresWhatTheTrainingSaid() {
    Path weights = folder.resolve("weights.safetensors");
    Architecture architecture = architecture("softmax_mha");
    Measurement measured =
        SmallTrainings.train(architecture, CATALOGUE, DIGITS, SmallTrainings.RECIPE, weights);
    try (var network = TrainedNetwork.load(architecture, CATALOGUE, weights);
        var model = OnnxModel.of(export(network), "The model")) {
      List<float[]> answers = model.answers(DIGITS.test().raw(0, DIGITS.test().size()));
      long right =
          IntStream.range(0, answers.size())
              .filter(i -> Evaluator.greatest(answers.get(i)) == DIGITS.test().label(i))
              .count();
      assertThat((double) right / answers.size()).isEqualTo(measured.testScore());
    }
  }

  @Test
  void aModelTakesAnyNumberOfImagesAndTellsItsClasses() {
    try (TrainedNetwork network = trained("dwconv");
        OnnxModel model = OnnxModel.of(export(network), "The model")) {
      assertThat(model.answers(DIGITS.test().raw(0, 1))).hasSize(1);
      assertThat(model.answers(DIGITS.test().raw(0, 7))).hasSize(7);
      assertThat(model.shape()).isEqualTo(DIGITS.shape());
      assertThat(model.metadata("classes"))
          .contains("[\"0\",\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"]");
      assertThat(model.metadata("more")).contains("is told");
    }
  }

  @Test
  void exportingTwiceGivesTheSameBytes() {
    try (TrainedNetwork network = trained("softmax_mha")) {
      assertThat(export(network)).isEqualTo(export(network));
    }
  }

  @Test
  void aModelThatAnswersOtherwiseIsRefusedWithTheLayerThatDiffers() throws IOException {
    try (TrainedNetwork network = trained("softmax_mha")) {
      var lowering = new OnnxLowering(network.network(), network.values(), DIGITS.normalisation());
      ModelProto model = ModelProto.parseFrom(export(network));
      GraphProto.Builder graph = model.getGraph().toBuilder();
      String changed = "stages.0.blocks.0.channel.contract.bias";
      for (int i = 0; i < graph.getInitializerCount(); i++) {
        TensorProto weight = graph.getInitializer(i);
        if (weight.getName().equals(changed)) {
          byte[] numbers = weight.getRawData().toByteArray();
          Arrays.fill(numbers, 0, 4, (byte) 0x40); // about 3
          graph.setInitializer(
              i, weight.toBuilder().setRawData(ByteString.copyFrom(numbers)).build());
        }
      }
      ModelProto wrong = model.toBuilder().setGraph(graph).build();
      assertThatThrownBy(() -> OnnxExport.check(wrong, lowering, network, DIGITS))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageMatching(
              "ONNX Runtime answers otherwise than the trainer, by up to \\S+ on 100 test examples;"
                  + " the first layer that differs is 'stages.0.blocks.0.channel.contract'"
                  + " \\(stages.0.blocks.0.channel.contract/Add\\)");
    }
  }

  @Test
  void filesThatAreNotWholeNotOursOrChangedAreRefusedInOneLine() throws IOException {
    byte[] whole;
    try (TrainedNetwork network = trained("dwconv")) {
      whole = export(network);
    }
    Path half = write("half.onnx", Arrays.copyOf(whole, whole.length / 2));
    assertThatThrownBy(() -> OnnxModel.open(half))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'%s' is no ONNX file, or a damaged one", half);
    Path text = write("text.onnx", "hello ".repeat(99).getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> OnnxModel.open(text))
        .hasMessage("'%s' is no ONNX file, or a damaged one", text);
    Path foreign =
        write(
            "foreign.onnx",
            ModelProto.parseFrom(whole).toBuilder().clearMetadataProps().build().toByteArray());
    assertThatThrownBy(() -> OnnxModel.open(foreign))
        .hasMessage("'%s' was not exported by Blockfront: it has no 'sha256'", foreign);
    byte[] tampered = whole.clone();
    tampered[whole.length / 2] ^= 1; // within the weights
    Path changed = write("changed.onnx", tampered);
    assertThatThrownBy(() -> OnnxModel.open(changed))
        .hasMessage("'%s' was changed after it was exported: its 'sha256' does not fit", changed);
    ModelProto model = ModelProto.parseFrom(whole);
    Path praised =
        write(
            "praised.onnx",
            model.toBuilder()
                .setMetadataProps(0, model.getMetadataProps(0).toBuilder().setValue("[]"))
                .build()
                .toByteArray());
    assertThatThrownBy(() -> OnnxModel.open(praised))
        .hasMessage("'%s' was changed after it was exported: its 'sha256' does not fit", praised);
    Path missing = folder.resolve("missing.onnx");
    assertThatThrownBy(() -> OnnxModel.open(missing))
        .hasMessage("There is no ONNX file '%s'", missing);
  }

  @Test
  void latencyIsMeasured() {
    try (TrainedNetwork network = trained("dwconv");
        OnnxModel model = OnnxModel.of(export(network), "The model")) {
      assertThat(model.latency(DIGITS.test().raw(0, 1))).isPositive();
    }
  }

  private Path write(String name, byte[] bytes) throws IOException {
    return Files.write(folder.resolve(name), bytes);
  }

  private static TrainedNetwork trained(String block) {
    Block found = CATALOGUE.block(block);
    return TrainedNetwork.load(
        SmallTrainings.architecture(found), CATALOGUE, SmallTrainings.weights(found, CATALOGUE));
  }

  private static Architecture architecture(String block) {
    return SmallTrainings.architecture(CATALOGUE.block(block));
  }

  private static byte[] export(TrainedNetwork network) {
    return OnnxExport.model(network, DIGITS, new LinkedHashMap<>(Map.of("more", "is told")));
  }
}
