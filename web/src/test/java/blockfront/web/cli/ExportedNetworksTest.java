package blockfront.web.cli;

import static org.assertj.core.api.Assertions.assertThat;

import blockfront.search.data.DataSet;
import blockfront.search.data.DataSets;
import blockfront.search.data.Examples;
import blockfront.search.export.TrialFile;
import blockfront.search.study.ExamplePlans;
import blockfront.search.study.StudyPlanJson;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** From a search in a folder to files that others use. */
class ExportedNetworksTest {

  private static final JsonMapper JSON = new JsonMapper();
  private static final DataSet DIGITS = DataSets.load("digits");

  @TempDir private static Path shared;
  private static String winner = "";

  @TempDir private Path folder;

  /** What a command printed. */
  private record Answer(int exit, String out, String err) {

    JsonNode json() {
      return JSON.readTree(out);
    }
  }

  @BeforeAll
  static void searchAndExport() throws IOException {
    String plan =
        StudyPlanJson.write(ExamplePlans.DIGITS.plan())
            .replaceAll("\"epochs\" : [0-9]+", "\"epochs\" : 3")
            .replaceAll("\"trials\" : [0-9]+", "\"trials\" : 3");
    Path file = Files.writeString(shared.resolve("small.json"), plan);
    Answer search = run("search", file, "--out", run(), "--json");
    assertThat(search.exit()).as(search.err()).isZero();
    winner = search.json().path("front").path(0).path("trial").asString();
    Answer export =
        run("export", "--from", run(), "--trial", winner, "--format", "all", "--out", all());
    assertThat(export.exit()).as(export.err()).isZero();
    assertThat(export.out())
        .contains(all().resolve("network.zip").toString())
        .containsPattern("Trial " + winner + ": [0-9,]+ FLOPs, [0-9.]+ ms an example in ONNX");
  }

  @Test
  void whatWasExportedIsVerifiedToTheLastExample() throws IOException {
    String recorded =
        JSON.readTree(Files.readString(all().resolve("card.json"))).at("/test/score").toString();
    for (String file : new String[] {"network.onnx", "network.fb"}) {
      Answer answer = run("verify", all().resolve(file), "--data", "digits", "--json");
      assertThat(answer.exit()).as(answer.err()).isZero();
      assertThat(answer.json().path("accuracy").toString()).isEqualTo(recorded);
      assertThat(answer.json().path("recorded").toString()).isEqualTo(recorded);
      assertThat(answer.json().path("samples").intValue()).isEqualTo(DIGITS.test().size());
      assertThat(answer.json().path("validationAccuracy"))
          .isEqualTo(answer.json().path("validationRecorded"));
    }
    Answer int8 = run("verify", all().resolve("network.int8.onnx"), "--data", "digits");
    assertThat(int8.exit()).as(int8.out()).isZero();
    assertThat(int8.out()).contains("As its card says");
  }

  @Test
  void whatProbesSeeIsTold() {
    Answer answer =
        run(
            "probe",
            "--from",
            run(),
            "--trial",
            winner,
            "--examples",
            "8",
            "--energy",
            "4.6",
            "0.9",
            "--json");
    assertThat(answer.exit()).as(answer.err()).isZero();
    JsonNode seen = answer.json();
    assertThat(seen.path("examples").intValue()).isEqualTo(8);
    assertThat(seen.path("layers").path(0).path("scope").asString()).startsWith("stages.0.");
    assertThat(seen.path("layers").path(0).path("kurtosis").doubleValue()).isGreaterThan(1);
    assertThat(seen.path("picojoules").doubleValue())
        .isEqualTo(
            4.6 * seen.path("multiplyAdds").doubleValue()
                + 0.9 * seen.path("spikeOperations").doubleValue());
    assertThat(TrialFile.INSPECTION.read(run(), Integer.parseInt(winner)).orElseThrow().examples())
        .isEqualTo(8);

    Answer none = run("probe", "--from", run(), "--trial", winner, "--examples", "0");
    assertThat(none.exit()).isEqualTo(Blockfront.REFUSED);
    assertThat(none.err()).contains("Probes need at least one example to look at, got 0");
  }

  @Test
  void brokenFilesAreRefusedInOneLine() throws IOException {
    byte[] whole = Files.readAllBytes(all().resolve("network.onnx"));
    Path half = Files.write(folder.resolve("half.onnx"), Arrays.copyOf(whole, whole.length / 2));
    Path text = Files.writeString(folder.resolve("text.onnx"), "hello ".repeat(99));
    byte[] other = whole.clone();
    other[whole.length / 2] ^= 1;
    Path tampered = Files.write(folder.resolve("tampered.onnx"), other);
    Path lone = Files.copy(all().resolve("network.fb"), folder.resolve("lone.fb"));
    for (Path file : new Path[] {half, text, tampered, lone, folder.resolve("missing.onnx")}) {
      for (Answer answer :
          new Answer[] {
            run("verify", file, "--data", "digits"), run("predict", file, "image.png")
          }) {
        assertThat(answer.exit()).isEqualTo(Blockfront.REFUSED);
        assertThat(answer.out()).isEmpty();
        assertThat(answer.err()).startsWith("blockfront: ").contains(file.toString());
        assertThat(answer.err().strip().lines()).hasSize(1);
      }
    }
  }

  @Test
  void imagesAreClassifiedAsTheTestSetIs() throws IOException {
    Path image = png(DIGITS.test(), 0);
    Answer answer = run("predict", all().resolve("network.onnx"), image, image, "--json");
    assertThat(answer.exit()).as(answer.err()).isZero();
    assertThat(answer.json()).hasSize(2);
    JsonNode first = answer.json().path(0);
    assertThat(first.path("image").asString()).isEqualTo(image.toString());
    assertThat(DIGITS.classes()).contains(first.path("class").asString());
    double sum = 0;
    for (JsonNode probability : first.path("probabilities")) {
      sum += probability.doubleValue();
    }
    assertThat(sum).isBetween(0.999999, 1.000001);
    Answer words = run("predict", all().resolve("network.fb"), image);
    assertThat(words.out())
        .startsWith(image + ": " + first.path("class").asString() + " ")
        .contains(" %, ");
  }

  @Test
  void theCommandOfTheCardTrainsTheSameNumbers() throws IOException {
    JsonNode card = JSON.readTree(Files.readString(all().resolve("card.json")));
    String[] words =
        card.path("command")
            .asString()
            .replace("architecture.json", all().resolve("architecture.json").toString())
            .replace("plan.json", all().resolve("plan.json").toString())
            .replace("blockfront ", "")
            .split(" ");
    Object[] command = Arrays.copyOf(words, words.length + 1, Object[].class);
    command[words.length] = "--json";
    Answer answer = run(command);
    assertThat(answer.exit()).as(answer.err()).isZero();
    assertThat(answer.json().path("testAccuracy")).isEqualTo(card.at("/test/score"));
    assertThat(answer.json().path("validationLoss")).isEqualTo(card.at("/validation/loss"));
  }

  @Test
  void whatWasMeasuredIsKeptSoThatTheNextExportIsTheSame() throws IOException {
    Path again = folder.resolve("again");
    run("export", "--from", run(), "--trial", winner, "--format", "all", "--out", again);
    assertThat(again.resolve("network.zip")).hasSameBinaryContentAs(all().resolve("network.zip"));
    assertThat(Files.readAllLines(run().resolve("trials.csv")).getFirst())
        .contains("int8TestScore", "int8Drop", "onnxMilliseconds");
  }

  @Test
  void theWholeFrontIsExported() {
    Path out = folder.resolve("front");
    Answer answer = run("export", "--from", run(), "--front", "--format", "onnx", "--out", out);
    assertThat(answer.exit()).as(answer.err()).isZero();
    assertThat(out.resolve("network-" + winner).resolve("network.onnx")).isRegularFile();
    assertThat(answer.out()).contains(" ms an example in ONNX Runtime");
  }

  @Test
  void theWinnerIsTrainedToTheEndAndExported() {
    Answer early =
        run(
            "export",
            "--from",
            run(),
            "--trial",
            winner,
            "--final",
            "--format",
            "json",
            "--out",
            folder);
    assertThat(early.err()).contains("Trial %s has no final training".formatted(winner));
    Answer trained =
        run(
            "final",
            "--from",
            run(),
            "--trial",
            winner,
            "--seeds",
            "2",
            "--epochs",
            "4",
            "--patience",
            "2",
            "--json");
    assertThat(trained.exit()).as(trained.err()).isZero();
    assertThat(trained.json().path("runs")).hasSize(2);
    assertThat(trained.json().at("/test/deviation").doubleValue()).isNotNegative();
    Path out = folder.resolve("final");
    Answer export =
        run(
            "export",
            "--from",
            run(),
            "--trial",
            winner,
            "--final",
            "--format",
            "onnx",
            "--out",
            out);
    assertThat(export.exit()).as(export.err()).isZero();
    Answer verified = run("verify", out.resolve("network.onnx"), "--data", "digits", "--json");
    assertThat(verified.exit()).isZero();
    assertThat(trained.json().path("runs").findValues("testAccuracy"))
        .contains(verified.json().path("accuracy"));
  }

  // ----

  private static Path run() {
    return shared.resolve("run");
  }

  private static Path all() {
    return shared.resolve("all");
  }

  private static Answer run(Object... words) {
    var out = new StringWriter();
    var err = new StringWriter();
    int exit =
        Blockfront.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(Arrays.stream(words).map(String::valueOf).toArray(String[]::new));
    return new Answer(exit, out.toString(), err.toString());
  }

  private Path png(Examples examples, int example) throws IOException {
    int side = examples.shape().size(0);
    var image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    for (int row = 0; row < side; row++) {
      for (int column = 0; column < side; column++) {
        image.setRGB(column, row, examples.pixel(example, row, column, 0) * 0x10101);
      }
    }
    Path file = folder.resolve("image.png");
    ImageIO.write(image, "png", file.toFile());
    return file;
  }
}
