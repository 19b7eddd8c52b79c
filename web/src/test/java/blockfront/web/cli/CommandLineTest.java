package blockfront.web.cli;

import static org.assertj.core.api.Assertions.assertThat;

import blockfront.blocks.preset.Presets;
import blockfront.search.space.ArchitectureJson;
import blockfront.search.study.ExamplePlans;
import blockfront.search.study.StudyPlanJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CommandLineTest {

  private static final JsonMapper JSON = new JsonMapper();

  @TempDir private Path folder;

  /** What a command printed. */
  private record Answer(int exit, String out, String err) {

    JsonNode json() {
      return JSON.readTree(out);
    }
  }

  private static Answer run(String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    int exit =
        Blockfront.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(arguments);
    return new Answer(exit, out.toString(), err.toString());
  }

  @Test
  void blocksAsJsonHaveEverythingTheCatalogueHas() {
    Answer answer = run("blocks", "--json");
    assertThat(answer.exit()).isZero();
    assertThat(answer.err()).isEmpty();
    for (JsonNode block : answer.json()) {
      assertThat(block.propertyNames())
          .contains("id", "category", "family", "traits", "knobs", "source");
    }
    assertThat(answer.json().findValuesAsString("id")).contains("pool_mixer", "mlp", "layer_norm");
  }

  @Test
  void dataListsWhatIsBuiltIn() {
    assertThat(run("data", "--json").json().findValuesAsString("name"))
        .containsExactly("digits", "fashion-mini", "mqar", "icl_regression");
    assertThat(run("data").out()).contains("digits: images 8x8x1, 10 classes", "fashion-mini");
  }

  @Test
  void costOfAPublishedNetworkIsThePublishedOne() {
    JsonNode cost = run("cost", "--preset", "deit_tiny", "--json").json();
    assertThat(cost.path("parameters").longValue()).isEqualTo(5_717_416);
    assertThat(cost.path("multiplyAdds").longValue()).isEqualTo(1_253_683_200);
    assertThat(cost.path("flops").longValue()).isEqualTo(2 * 1_253_683_200L);
    assertThat(cost.propertyNames())
        .contains("fourier", "elementwise", "softmax", "peakActivations", "stateBytes");
  }

  /**
   * All multiply-adds but those of the first convolution, which sees the image, and of the head.
   */
  @Test
  void costOfASpikingNetworkTellsWhatSpikesAskFor() {
    JsonNode cost =
        run("cost", "--preset", "spikformer_8_384", "--input", "32x32x3", "--json").json();
    assertThat(cost.path("spikeOperations").longValue())
        .isEqualTo(cost.path("multiplyAdds").longValue() - 9L * 3 * 48 * 32 * 32 - 384L * 1000);
    assertThat(run("cost", "--preset", "spikformer_8_384").out())
        .contains("of the multiply-adds, if every neuron fired at every step");
  }

  @Test
  void costIsOfTheInputThatIsAskedFor() {
    long small =
        run("cost", "--preset", "poolformer_s12", "--input", "64x64x3", "--classes", "10", "--json")
            .json()
            .path("multiplyAdds")
            .longValue();
    assertThat(small).isPositive().isLessThan(1_812_267_008 / 10);
  }

  @Test
  void costReadsANetworkAndALineOfAFront() throws IOException {
    String text = ArchitectureJson.write(Presets.byName("deit_tiny"));
    Path alone = Files.writeString(folder.resolve("network.json"), text);
    Path front =
        Files.writeString(
            folder.resolve("front.json"),
            "[{\"trial\": 3, \"architecture\": %s}, {\"trial\": 9, \"architecture\": %s}]"
                .formatted(text, text));
    assertThat(run("cost", alone.toString(), "--json").json().path("parameters").longValue())
        .isEqualTo(5_717_416);
    assertThat(run("cost", front.toString(), "--trial", "9", "--json").exit()).isZero();
    assertThat(run("cost", front.toString()).err())
        .isEqualTo(
            "blockfront: %s: Holds 2 networks; say which by --trial, one of [3, 9]%n"
                .formatted(front));
    assertThat(run("cost", front.toString(), "--trial", "4").err())
        .contains("Has no trial 4; there are [3, 9]");
  }

  @Test
  void trainReportsWhatItMeasured() throws IOException {
    Path network = small();
    Path out = folder.resolve("trained");
    Answer answer =
        run(
            "train",
            network.toString(),
            "--data",
            "digits",
            "--epochs",
            "6",
            "--out",
            out.toString(),
            "--json");
    assertThat(answer.err()).isEmpty();
    assertThat(answer.exit()).isZero();
    assertThat(answer.json().path("validationAccuracy").doubleValue()).isBetween(0.2, 1.0);
    assertThat(answer.json().path("epochs").intValue()).isEqualTo(6);
    assertThat(out).isDirectoryContaining("glob:**weights.safetensors");
    assertThat(out).isDirectoryContaining("glob:**architecture.json");
  }

  @Test
  void searchWritesAFrontThatItCanReadAgain() throws IOException {
    Path plan = folder.resolve("small.json");
    Files.writeString(plan, smallPlan());
    Path out = folder.resolve("out");
    Answer answer =
        run("search", plan.toString(), "--slots", "1", "--out", out.toString(), "--json");
    assertThat(answer.exit()).as(answer.err()).isZero();
    assertThat(answer.json().path("measured").intValue()).isEqualTo(2);
    assertThat(answer.json().path("front")).isNotEmpty();
    assertThat(out)
        .isDirectoryContaining("glob:**plan.json")
        .isDirectoryContaining("glob:**trials.csv")
        .isDirectoryContaining("glob:**front.csv")
        .isDirectoryContaining("glob:**front.json");
    String best = answer.json().path("front").path(0).path("trial").asString();

    Path exported = folder.resolve("exported");
    Answer export =
        run(
            "export",
            "--from",
            out.toString(),
            "--trial",
            best,
            "--format",
            "json",
            "--out",
            exported.toString());
    assertThat(export.exit()).as(export.err()).isZero();
    assertThat(run("cost", exported.resolve("architecture.json").toString()).exit()).isZero();
  }

  @Test
  void theSameSeedOnOneSlotGivesTheSameFront() throws IOException {
    Path plan = Files.writeString(folder.resolve("small.json"), smallPlan());
    for (String out : List.of("first", "second")) {
      Answer answer =
          run(
              "search",
              plan.toString(),
              "--slots",
              "1",
              "--seed",
              "5",
              "--out",
              folder.resolve(out).toString());
      assertThat(answer.exit()).as(answer.err()).isZero();
    }
    for (String file : List.of("front.csv", "front.json")) {
      assertThat(folder.resolve("second").resolve(file))
          .hasSameTextualContentAs(folder.resolve("first").resolve(file));
    }
  }

  static Stream<List<String>> wrong() {
    // what is asked, what is said
    return Stream.of(
        List.of("cost --preset vgg", "No published network 'vgg'; known are ["),
        List.of("cost nowhere.json", "There is no file 'nowhere.json'"),
        List.of("cost --preset deit_tiny --input 224", "Network needs images"),
        List.of("cost --preset deit_tiny --input wide", "Shape 'wide' is not sizes joined by 'x'"),
        List.of("cost", "Which network?"),
        List.of("search", "Which search?"),
        List.of("train --preset deit_tiny --data mnist", "No data set 'mnist'"),
        List.of("search --example mnist", "No example 'mnist'; known are [digits, fashion, mqar]"),
        List.of("search --example digits --trials 0", "Budget needs at least 1 trial, got 0"),
        List.of("search --example digits --slots -1", "--slots must be at least 1, got -1"),
        List.of("search nowhere.json", "There is no file 'nowhere.json'"),
        List.of("serve --port 0", "Port must be from 1 to 65535, got 0"),
        List.of("serve --port high", "Invalid value for option '--port'"),
        List.of("export --from nowhere --trial 1 --format json --out x", "There is no 'nowhere"),
        List.of("export --study 1 --trial 1 --format gif --out x", "expected one of"),
        List.of("paint", "Unmatched argument at index 0: 'paint'"));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void whatIsWrongIsSaidInOneLine(List<String> pair) {
    Answer answer = run(pair.getFirst().split(" "));
    assertThat(answer.exit()).isNotZero();
    assertThat(answer.out()).isEmpty();
    assertThat(answer.err()).contains(pair.getLast()).startsWith("blockfront: ");
    assertThat(answer.err().strip().lines()).hasSize(1);
  }

  @Test
  void brokenPlansAreNamedWithTheirPlace() throws IOException {
    Path plan = folder.resolve("plan.json");
    Files.writeString(plan, "{\"name\": ");
    assertThat(run("search", plan.toString()).err())
        .contains(plan + ": Not JSON:", "line 1")
        .doesNotContain("Source", "REDACTED");
    Files.writeString(plan, smallPlan().replace("pool_mixer", "pol_mixer"));
    assertThat(run("search", plan.toString()).err())
        .contains(
            "'start[0].stages[0].layers[0].mixer' names no token mixer: 'pol_mixer'; known are [");
    String startless = StudyPlanJson.write(ExamplePlans.DIGITS.plan().withStart(List.of()));
    Files.writeString(plan, startless.replace("pool_mixer", "pol_mixer"));
    assertThat(run("search", plan.toString()).err())
        .contains("No token mixer 'pol_mixer'; known are [");
    Files.writeString(plan, smallPlan().replace("\"scaled\"", "\"wide\""));
    assertThat(run("search", plan.toString()).err())
        .contains("'recipe.start'", "Weights start 'published' or 'scaled', got 'wide'");
    Files.writeString(
        plan, smallPlan().replace("\"limits\" : { }", "\"limits\": {\"parameters\": 3}"));
    assertThat(run("search", plan.toString()).err())
        .contains("No network of the space keeps the limits");
  }

  @Test
  void aTakenPortIsSaidBeforeAnythingIsOpened() throws IOException {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Path data = folder.resolve("data");
      Answer answer =
          run(
              "serve",
              "--port",
              String.valueOf(taken.getLocalPort()),
              "--data-dir",
              data.toString());
      assertThat(answer.exit()).isEqualTo(Blockfront.REFUSED);
      assertThat(answer.err())
          .contains("Cannot listen on 127.0.0.1:" + taken.getLocalPort(), "--port");
      assertThat(data).doesNotExist();
    }
  }

  @Test
  void helpNamesEveryCommand() {
    assertThat(run("--help").out())
        .contains("serve", "search", "blocks", "data", "cost", "train", "export", "worker");
    assertThat(run("--version").out()).startsWith("Blockfront ");
  }

  private Path small() throws IOException {
    return Files.writeString(
        folder.resolve("network.json"),
        """
        {"version": 1, "input": "8x8x1", "classes": 10, "stem": {"id": "patch_embed", "patch": 2},
         "position": "learned_position", "norm": "layer_norm", "head": "mean_pool",
         "stages": [{"width": 16, "layers": [
           {"wrapper": "metaformer_block", "norm": "layer_norm", "mixer": "pool_mixer",
            "channel": "mlp"}]}]}
        """);
  }

  /** Two trials of two epochs: a few seconds. */
  private static String smallPlan() {
    String example = StudyPlanJson.write(ExamplePlans.DIGITS.plan());
    return example
        .replaceAll("\"epochs\" : [0-9]+", "\"epochs\" : 2")
        .replaceAll("\"trials\" : [0-9]+", "\"trials\" : 2");
  }
}
