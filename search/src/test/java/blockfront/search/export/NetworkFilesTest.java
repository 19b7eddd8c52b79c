package blockfront.search.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.spi.Block;
import blockfront.search.data.DataSet;
import blockfront.search.data.DataSets;
import blockfront.search.export.NetworkFiles.Format;
import blockfront.search.study.ExamplePlans;
import blockfront.search.study.StudyPlan;
import blockfront.search.train.SmallNetworks;
import blockfront.search.train.SmallTrainings;
import blockfront.search.train.TrainedNetwork;
import blockfront.search.trial.FinalRun;
import blockfront.search.trial.FinalTraining;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Metric;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Provenance;
import blockfront.search.trial.Recipe;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class NetworkFilesTest {

  private static final JsonMapper JSON = new JsonMapper();
  private static final Catalogue CATALOGUE = Catalogue.load();
  private static final DataSet DIGITS = DataSets.load("digits");
  private static final StudyPlan PLAN = ExamplePlans.named("digits").plan();

  @TempDir private static Path shared;
  private static Trained trained =
      trained(Path.of(""), DIGITS, new Measurement(Metric.ACCURACY, 0, 0, 0, 0, 0, List.of()));

  @TempDir private Path folder;

  @BeforeAll
  static void trainAndExport() {
    trained = train(shared.resolve("weights.safetensors"), DIGITS, SmallTrainings.RECIPE);
    NetworkFiles.Written written =
        NetworkFiles.write(Format.ALL, shared.resolve("all"), trained, CATALOGUE, DIGITS);
    trained = trained.deployed(written.deployment().orElseThrow());
  }

  // ---- everything

  @Test
  void everythingIsInOneZipAndBesideIt() throws IOException {
    assertThat(zip(shared.resolve("all").resolve("network.zip")))
        .containsOnlyKeys(
            "network.onnx",
            "network.int8.onnx",
            "network.fb",
            "model.py",
            "model.safetensors",
            "architecture.json",
            "weights.safetensors",
            "plan.json",
            "picture.svg",
            "card.json",
            "README.md")
        .allSatisfy(
            (name, bytes) ->
                assertThat(shared.resolve("all").resolve(name)).hasBinaryContent(bytes));
  }

  @Test
  void exportingTwiceGivesTheSameBytes() throws IOException {
    Path once = folder.resolve("once");
    Path again = folder.resolve("again");
    NetworkFiles.write(Format.ALL, once, trained, CATALOGUE, DIGITS);
    NetworkFiles.write(Format.ALL, again, trained, CATALOGUE, DIGITS);
    assertThat(once.resolve("network.zip")).hasSameBinaryContentAs(again.resolve("network.zip"));
    assertThat(once.resolve("network.zip"))
        .hasSameBinaryContentAs(shared.resolve("all").resolve("network.zip"));
  }

  @Test
  void weightsAreExportedBitByBit() {
    assertThat(shared.resolve("all").resolve("weights.safetensors"))
        .hasSameBinaryContentAs(trained.weights());
  }

  @Test
  void theCardSaysWhatItIsAndHowItIsMadeAgain() throws IOException {
    JsonNode card = card(shared.resolve("all"));
    Measurement measurement = trained.measurement();
    assertThat(card.at("/architectureId").stringValue()).isEqualTo(trained.id());
    assertThat(card.at("/data/sha256").stringValue()).isEqualTo(DIGITS.hash());
    assertThat(card.at("/data/licence").stringValue()).isEqualTo(DIGITS.licence());
    assertThat(card.at("/data/testExamples").intValue()).isEqualTo(DIGITS.test().size());
    assertThat(card.at("/validation/score").doubleValue()).isEqualTo(measurement.validationScore());
    assertThat(card.at("/test/score").doubleValue()).isEqualTo(measurement.testScore());
    assertThat(card.at("/cost/flops").longValue())
        .isEqualTo(2 * card.at("/cost/multiplyAdds").longValue());
    assertThat(card.at("/cost/convention").stringValue()).contains("2 FLOPs are one multiply-add");
    assertThat(card.at("/onnxRuntime/int8Drop").doubleValue())
        .isCloseTo(
            card.at("/onnxRuntime/float32/testScore").doubleValue()
                - card.at("/onnxRuntime/int8/testScore").doubleValue(),
            within(1e-12));
    assertThat(card.at("/command").stringValue())
        .isEqualTo("blockfront train architecture.json --data digits --plan plan.json --seed=1");
    assertThat(card.at("/files").properties())
        .allSatisfy(
            file ->
                assertThat(NetworkFiles.hash(shared.resolve("all").resolve(file.getKey())))
                    .isEqualTo(file.getValue().stringValue()))
        .hasSize(9);
  }

  @Test
  void theCardIsWrittenForPeopleToo() throws IOException {
    String text = Files.readString(shared.resolve("all").resolve("README.md"));
    assertThat(text)
        .contains("![The network](picture.svg)")
        .contains("Licence of the data: " + DIGITS.licence())
        .contains(DIGITS.hash())
        .contains("| Test, which no choice ever saw | %d |".formatted(DIGITS.test().size()))
        .contains("| Test, in 8 bits |")
        .contains("blockfront train architecture.json --data digits")
        .doesNotContain("final");
    assertThat(shared.resolve("all").resolve("picture.svg"))
        .content()
        .startsWith("<svg xmlns='http://www.w3.org/2000/svg'")
        .contains("prefers-color-scheme");
  }

  @Test
  void theCardOfAFinalTrainingHasMeanAndDeviationOfItsSeeds() throws IOException {
    Recipe recipe = PLAN.recipe().withEpochs(9).withPatience(3);
    var runs =
        new FinalTraining(
            List.of(
                run(1, recipe, trained.measurement()),
                run(2, recipe, new Measurement(Metric.ACCURACY, 0, 1, 0, 5, 1, List.of()))));
    Trained best =
        new Trained(
                PLAN,
                1,
                trained.architecture(),
                trained.searched(),
                trained.measurement(),
                PLAN.recipe(),
                trained.provenance(),
                trained.weights(),
                trained.deployment(),
                runs,
                Optional.empty())
            .byFinal(runs.best().orElseThrow(), trained.weights());
    NetworkFiles.write(Format.PYTORCH, folder, best, CATALOGUE, DIGITS);
    double test = trained.measurement().testScore();
    JsonNode card = card(folder);
    assertThat(card.at("/finalTraining/test/mean").doubleValue()).isEqualTo(test / 2);
    assertThat(card.at("/finalTraining/test/deviation").doubleValue())
        .isCloseTo(test / Math.sqrt(2), within(1e-12));
    assertThat(card.at("/command").stringValue()).endsWith("--seed=1 --epochs 9 --patience 3");
    assertThat(folder.resolve("README.md"))
        .content()
        .contains("Trained to the end with 2 seeds, mean and standard deviation: validation ")
        .contains("| Search's own, test |");
  }

  @Test
  void theCardSaysHowLongANetworkWasTrainedAndPromisesItsNumbersOnlyIfToTheEnd()
      throws IOException {
    int epochs = PLAN.recipe().epochs();
    NetworkFiles.write(Format.PYTORCH, folder, trained, CATALOGUE, DIGITS);
    assertThat(folder.resolve("README.md"))
        .content()
        .contains("Stopped after 1 of %d epochs, seed 1, a machine.".formatted(epochs))
        .contains("Trained to the end, in this folder:")
        .doesNotContain("The same numbers again");
    assertThat(card(folder).at("/provenance/epochs").intValue()).isEqualTo(1);
    assertThat(card(folder).at("/provenance/recipeEpochs").intValue()).isEqualTo(epochs);

    Trained whole =
        new Trained(
            PLAN,
            1,
            trained.architecture(),
            trained.searched(),
            trained.measurement(),
            PLAN.recipe().withEpochs(1),
            trained.provenance(),
            trained.weights(),
            trained.deployment(),
            trained.finals(),
            Optional.empty());
    NetworkFiles.write(Format.PYTORCH, folder, whole, CATALOGUE, DIGITS);
    assertThat(folder.resolve("README.md"))
        .content()
        .contains("1 epochs, seed 1, a machine.", "The same numbers again, in this folder:");
  }

  // ---- verification

  @ParameterizedTest
  @ValueSource(strings = {"network.onnx", "network.fb", "network.int8.onnx"})
  void whatWasExportedScoresWhatItsCardSaysToTheLastExample(String file) {
    try (ExportedModel model = ExportedModel.open(shared.resolve("all").resolve(file))) {
      ExportedModel.Verified verified = model.verify(DIGITS);
      assertThat(verified.holds()).isTrue();
      assertThat(verified.sameData()).isTrue();
      assertThat(verified.samples()).isEqualTo(DIGITS.test().size());
      if (!file.contains("int8")) {
        assertThat(verified.score()).isEqualTo(trained.measurement().testScore());
        assertThat(verified.validationScore()).isEqualTo(trained.measurement().validationScore());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"fashion-mini", "images"})
  void othersScoreWhatTheirCardsSayToo(String name) throws IOException {
    DataSet data = name.equals("images") ? DataSets.load(images().toString()) : DataSets.load(name);
    Trained other = train(folder.resolve("weights.safetensors"), data, SmallTrainings.RECIPE);
    NetworkFiles.write(Format.SAMEDIFF, folder, other, CATALOGUE, data);
    NetworkFiles.write(Format.ONNX, folder, other, CATALOGUE, data);
    for (String file : List.of("network.onnx", "network.fb")) {
      try (ExportedModel model = ExportedModel.open(folder.resolve(file))) {
        ExportedModel.Verified verified = model.verify(data);
        assertThat(verified.score()).isEqualTo(other.measurement().testScore());
        assertThat(verified.validationScore()).isEqualTo(other.measurement().validationScore());
        assertThat(verified.holds()).isTrue();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"network.onnx", "network.fb"})
  void onlyACardOfSpikingNeuronsLeavesRoomForSpikesThatTip(String file) throws IOException {
    Block block = CATALOGUE.block("spike_sep_conv");
    DataSet data = SmallTrainings.data(block);
    Trained spiking =
        trained(
            SmallTrainings.weights(block, CATALOGUE),
            data,
            new Measurement(Metric.ACCURACY, 0.5, 0, 0.5, 1, 1, List.of()),
            SmallTrainings.architecture(block));
    NetworkFiles.write(Format.SAMEDIFF, folder, spiking, CATALOGUE, data);
    NetworkFiles.write(Format.ONNX, folder, spiking, CATALOGUE, data);
    try (ExportedModel model = ExportedModel.open(folder.resolve(file));
        ExportedModel plain = ExportedModel.open(shared.resolve("all").resolve(file))) {
      assertThat(verified(0.41, model.card()).holds()).isTrue();
      assertThat(verified(0.39, model.card()).holds()).isFalse();
      double said = plain.card().test();
      assertThat(plain.card().spiking()).isFalse();
      assertThat(verified(said + 0.01, plain.card()).holds()).isFalse();
    }
  }

  private static ExportedModel.Verified verified(double score, ExportedModel.Card card) {
    double validation = card.validation().orElseThrow();
    return new ExportedModel.Verified(score, 100, validation, 100, Metric.ACCURACY, card, true);
  }

  @Test
  void ofOtherDataACardSaysNothing() {
    try (ExportedModel model = ExportedModel.open(shared.resolve("all").resolve("network.onnx"))) {
      ExportedModel.Verified verified = model.verify(SmallTrainings.FEW);
      assertThat(verified.sameData()).isFalse();
      assertThat(verified.holds()).isTrue();
      assertThatThrownBy(() -> model.verify(DataSets.load("fashion-mini")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("The network takes 8x8x1 and knows [0, 1, 2,")
          .hasMessageContaining("data 'fashion-mini' has 28x28x1 and [");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"network.onnx", "network.fb"})
  void dataThatWantsOtherAnswersIsRefusedInOneLine(String file) throws IOException {
    String some = ",length=12,pairs=2,train=128,test=64";
    DataSet data = DataSets.load("mqar:vocabulary=16" + some);
    Trained other = train(folder.resolve("weights.safetensors"), data, SmallTrainings.RECIPE);
    NetworkFiles.write(Format.SAMEDIFF, folder, other, CATALOGUE, data);
    NetworkFiles.write(Format.ONNX, folder, other, CATALOGUE, data);
    DataSet wider = DataSets.load("mqar:vocabulary=32" + some);
    Path text = Files.writeString(folder.resolve("some.txt"), "a".repeat(2000));
    DataSet bytes = DataSets.load("text:length=12," + text);
    try (ExportedModel model = ExportedModel.open(folder.resolve(file))) {
      assertThat(model.verify(data).holds()).isTrue();
      assertThatThrownBy(() -> model.verify(wider))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("The network answers with 192 numbers, data '%s' wants 12x32", wider.name());
      assertThatThrownBy(() -> model.verify(bytes))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "The network is judged by its accuracy, data '%s' judges by bits per byte",
              bytes.name());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"network.onnx", "network.fb"})
  void vectorsFarFromZeroAreAnsweredAsInTheTrainer(String file) throws IOException {
    DataSet data = places();
    Trained other = train(folder.resolve("weights.safetensors"), data, SmallTrainings.RECIPE);
    Format format = file.endsWith(".fb") ? Format.SAMEDIFF : Format.ONNX;
    NetworkFiles.write(format, folder, other, CATALOGUE, data);
    try (ExportedModel model = ExportedModel.open(folder.resolve(file));
        var network = TrainedNetwork.load(other.architecture(), CATALOGUE, other.weights())) {
      List<float[]> expected = network.answers(data.test(), data.normalisation());
      List<float[]> actual = model.answers(data.test().raw(0, data.test().size()));
      for (int i = 0; i < expected.size(); i++) {
        assertThat(actual.get(i))
            .as("example %d", i)
            .usingComparatorWithPrecision(1e-4f)
            .containsExactly(expected.get(i));
      }
    }
  }

  @Test
  void sourceForPytorchTakesTheMeanFromVectorsBeforeItScalesThem() throws IOException {
    DataSet data = places();
    Trained other = train(folder.resolve("weights.safetensors"), data, SmallTrainings.RECIPE);
    NetworkFiles.write(Format.PYTORCH, folder, other, CATALOGUE, data);
    assertThat(folder.resolve("model.py"))
        .content()
        .contains(
            "(vectors - vectors.new_tensor(MEAN) - vectors.new_tensor(REST))"
                + " / vectors.new_tensor(DEVIATION)")
        .containsPattern("MEAN = \\[52\\.5[0-9]+, 13\\.4[0-9]+]\nREST = \\[-?[0-9.]+E-[0-9]+, ");
  }

  /** Ways of a few steps within some metres, in degrees. */
  private DataSet places() throws IOException {
    var lines = new StringBuilder("label,values\n");
    var random = new SplittableRandom(1);
    for (int i = 0; i < 200; i++) {
      lines.append(i % 2 == 0 ? "west" : "east");
      for (int step = 0; step < 4; step++) {
        lines
            .append(step == 0 ? "," : " ")
            .append(52.52 + 5e-4 * random.nextDouble())
            .append(":")
            .append(13.4 + 5e-4 * (i % 2 + random.nextDouble()));
      }
      lines.append("\n");
    }
    Path file = Files.writeString(folder.resolve("places.csv"), lines);
    return DataSets.load("sequences:" + file);
  }

  @Test
  void aCardThatPraisesIsFoundOut() throws IOException {
    NetworkFiles.write(Format.SAMEDIFF, folder, trained, CATALOGUE, DIGITS);
    Path card = folder.resolve("card.json");
    String said = "\"score\" : " + trained.measurement().testScore();
    Files.writeString(card, Files.readString(card).replace(said, "\"score\" : 0.999"));
    try (ExportedModel model = ExportedModel.open(folder.resolve("network.fb"))) {
      assertThat(model.verify(DIGITS).holds()).isFalse();
    }
  }

  @Test
  void sameDiffFilesThatAreCutOffForeignOrChangedAreRefusedInOneLine() throws IOException {
    NetworkFiles.write(Format.SAMEDIFF, folder, trained, CATALOGUE, DIGITS);
    Path file = folder.resolve("network.fb");
    byte[] whole = Files.readAllBytes(file);
    String changed =
        "'%s' was changed after it was exported: its SHA-256 is not that in 'card.json'"
            .formatted(file);
    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    refused(file, changed);
    byte[] tampered = whole.clone();
    tampered[whole.length / 2] ^= 1;
    Files.write(file, tampered);
    refused(file, changed);
    Files.write(file, "hello ".repeat(99).getBytes(StandardCharsets.UTF_8));
    refused(file, changed);
    Path foreign = Files.write(folder.resolve("foreign.fb"), whole);
    refused(
        foreign,
        "The card '%s' is no use: It does not know 'foreign.fb'"
            .formatted(folder.resolve("card.json")));
    Files.writeString(folder.resolve("card.json"), "{\"files\": ");
    Files.write(file, whole);
    assertThatThrownBy(() -> ExportedModel.open(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("The card '%s' is no use: Not JSON", folder.resolve("card.json"))
        .message()
        .doesNotContain("\n");
    Files.delete(folder.resolve("card.json"));
    refused(
        file,
        ("'%s' was not exported by Blockfront, or lost its card: there is no 'card.json' beside"
                + " it")
            .formatted(file));
    refused(
        folder.resolve("missing.fb"),
        "There is no SameDiff file '%s'".formatted(folder.resolve("missing.fb")));
    Path text = Files.writeString(folder.resolve("notes.txt"), "hello");
    refused(text, "'%s' is neither an ONNX file (.onnx) nor a SameDiff file (.fb)".formatted(text));
  }

  @Test
  void dataThatChangedSinceTheTrainingIsRefused() {
    assertThatThrownBy(
            () -> NetworkFiles.write(Format.ONNX, folder, trained, CATALOGUE, SmallTrainings.FEW))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Data 'digits' is not what network 1 was trained on: its SHA-256 is %s, was %s",
            SmallTrainings.FEW.hash(), DIGITS.hash());
  }

  @Test
  void aNetworkWithoutWeightsIsRefused() {
    Path missing = folder.resolve("missing.safetensors");
    Trained lost = trained(missing, DIGITS, trained.measurement());
    assertThatThrownBy(() -> NetworkFiles.write(Format.ONNX, folder, lost, CATALOGUE, DIGITS))
        .hasMessage("Trial 1 has no weights at '%s'", missing);
  }

  // ----

  private static void refused(Path file, String message) {
    assertThatThrownBy(() -> ExportedModel.open(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  private static FinalRun run(int number, Recipe recipe, Measurement measurement) {
    return FinalRun.queued(number, number, recipe)
        .ended(new Outcome.Trained(measurement), Optional.of(provenance(DIGITS)));
  }

  private static Trained train(Path weights, DataSet data, Recipe recipe) {
    return trained(
        weights, data, SmallTrainings.train(architecture(data), CATALOGUE, data, recipe, weights));
  }

  private static Trained trained(Path weights, DataSet data, Measurement measurement) {
    return trained(weights, data, measurement, architecture(data));
  }

  private static Trained trained(
      Path weights, DataSet data, Measurement measurement, Architecture architecture) {
    return new Trained(
        PLAN,
        1,
        architecture,
        measurement,
        measurement,
        PLAN.recipe(),
        provenance(data),
        weights,
        Optional.empty(),
        new FinalTraining(List.of()),
        Optional.empty());
  }

  private static Architecture architecture(DataSet data) {
    String mixer = data.task().causal() ? "gated_sdpa" : "softmax_mha";
    return SmallNetworks.with(CATALOGUE.block(mixer), data.task());
  }

  private static Provenance provenance(DataSet data) {
    return new Provenance(1, data.hash(), 1, "0.1.0", "a machine", "worker 1");
  }

  private static JsonNode card(Path home) throws IOException {
    return JSON.readTree(Files.readString(home.resolve("card.json")));
  }

  /** Two classes of pictures: dark below, dark above. */
  private Path images() throws IOException {
    Path home = folder.resolve("images");
    for (String name : List.of("above", "below")) {
      Files.createDirectories(home.resolve(name));
      for (int i = 0; i < 40; i++) {
        var image = new BufferedImage(14, 12, BufferedImage.TYPE_INT_RGB);
        int seed = i;
        IntStream.range(0, 14 * 12)
            .forEach(
                at -> {
                  boolean dark = (at / 14 < 6) == name.equals("above");
                  image.setRGB(at % 14, at / 14, (dark ? 40 : 180) * 0x10101 + at * seed % 50);
                });
        ImageIO.write(image, "png", home.resolve(name).resolve(i + ".png").toFile());
      }
    }
    return home;
  }

  private static Map<String, byte[]> zip(Path file) throws IOException {
    var files = new TreeMap<String, byte[]>();
    try (InputStream in = Files.newInputStream(file);
        var zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        files.put(entry.getName(), zip.readAllBytes());
      }
    }
    return files;
  }
}
