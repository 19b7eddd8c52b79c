package blockfront.web.cli;

import static org.assertj.core.api.Assertions.assertThat;

import blockfront.blocks.cost.Cost;
import blockfront.blocks.preset.Presets;
import blockfront.search.space.ArchitectureJson;
import blockfront.search.study.ExamplePlans;
import blockfront.search.study.MemoryStudyStore;
import blockfront.search.study.Study;
import blockfront.search.study.StudyPlan;
import blockfront.search.study.StudyState;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Metric;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.TrialId;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a search begins with, stops early, inherits and need not train, on the command line. */
class SearchCommandTest {

  private static final JsonMapper JSON = new JsonMapper();
  private static final String PLAN =
      """
      {"name": "Small", "data": "digits", "strategy": "random", "seed": 3,
       "space": {"layouts": ["isotropic"], "mixers": ["pool_mixer", "dwconv", "identity_mixer"],
         "channelMixers": ["mlp"], "norms": ["layer_norm"], "positions": ["no_position"],
         "patches": [4], "widths": [8, 16], "minDepth": 1, "maxDepth": 2},
       "recipe": {"epochs": 4, "batch": 128}, "budget": {"trials": 4}}
      """;

  @TempDir private Path folder;

  private Path plan = Path.of("");
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void writePlan() throws IOException {
    plan = Files.writeString(folder.resolve("plan.json"), PLAN);
  }

  @Test
  void aSearchBeginsWithWhatItIsGivenAndInheritsWeightsAndAnotherKnowsWhatItShowed()
      throws IOException {
    Path first = folder.resolve("first");
    assertThat(search("--start", "poolformer_s12", "--inherit", first)).isZero();

    JsonNode kept = JSON.readTree(Files.readString(first.resolve("plan.json")));
    assertThat(kept.path("start").size()).isEqualTo(1);
    assertThat(kept.path("inheritWeights").booleanValue()).isTrue();
    List<CSVRecord> trials = trials(first);
    assertThat(trials).hasSize(4);
    // of the space, the network likest to a PoolFormer: all its layers pool
    assertThat(trials.getFirst().get("architecture"))
        .contains("pool_mixer")
        .doesNotContain("dwconv");
    assertThat(trials.getFirst().get("parent")).isEmpty();
    assertThat(trials.stream().skip(1).map(trial -> trial.get("parent"))).doesNotContain("");

    Path second = folder.resolve("second");
    assertThat(
            search("--import", first.resolve("trials.csv"), "--trials", "6", "--halving", second))
        .isZero();
    assertThat(
            JSON.readTree(Files.readString(second.resolve("plan.json")))
                .path("halving")
                .path("firstEpochs")
                .intValue())
        .isEqualTo(1);
    List<CSVRecord> again = trials(second);
    assertThat(again).hasSize(6);
    for (int i = 0; i < 4; i++) {
      assertThat(again.get(i).get("architecture")).isEqualTo(trials.get(i).get("architecture"));
      assertThat(again.get(i).get("seconds")).isEqualTo(trials.get(i).get("seconds"));
      assertThat(again.get(i).get("seed")).as("a worker's seed").isEmpty();
    }
    assertThat(again.stream().skip(4).map(trial -> trial.get("epochs"))).isSubsetOf("1", "2", "4");
  }

  @Test
  void aSearchBeginsWithTheNetworkOfAFile() throws IOException {
    Path network =
        Files.writeString(
            folder.resolve("network.json"), ArchitectureJson.write(Presets.byName("deit_tiny")));
    Path kept = folder.resolve("kept");
    assertThat(search("--start", network, "--trials", "1", kept)).isZero();
    assertThat(JSON.readTree(Files.readString(kept.resolve("plan.json"))).path("start").size())
        .isEqualTo(1);

    String before = Files.readString(kept.resolve("trials.csv"));
    assertThat(search("--trials", "2", kept)).isEqualTo(Blockfront.REFUSED);
    assertThat(err.toString())
        .isEqualToIgnoringNewLines(
            "blockfront: '%s' holds a search already (plan.json): name another folder by --out"
                .formatted(kept));
    assertThat(kept.resolve("trials.csv")).hasContent(before);
  }

  @Test
  void whatCannotBeStartedWithOrImportedIsSaidInOneLine() throws IOException {
    assertThat(search("--start", "vgg", folder.resolve("none"))).isEqualTo(Blockfront.REFUSED);
    assertThat(err.toString()).startsWith("blockfront: No published network 'vgg'; known are [");
    assertThat(err.toString().lines()).hasSize(1);

    err.getBuffer().setLength(0);
    Path broken = Files.writeString(folder.resolve("trials.csv"), "trial,architecture\n1,none\n");
    assertThat(search("--import", broken, folder.resolve("none"))).isEqualTo(Blockfront.REFUSED);
    assertThat(err.toString())
        .startsWith("blockfront: '%s' line 2: no column of validation scores".formatted(broken));
    assertThat(err.toString().lines()).hasSize(1);
  }

  @Test
  void halvingOfAPlanWithPatienceIsRefusedInOneLine() throws IOException {
    Files.writeString(plan, PLAN.replace("\"epochs\": 4", "\"epochs\": 4, \"patience\": 2"));

    assertThat(search("--halving", folder.resolve("none"))).isEqualTo(Blockfront.REFUSED);
    assertThat(err.toString().lines())
        .containsExactly(
            "blockfront: Successive halving needs a recipe without patience, got a patience of 2"
                + " epochs");
  }

  @ParameterizedTest
  @CsvSource({"FINISHED, 0, finished", "STOPPED, 0, stopped", "FAILED, 1, failed"})
  void aSearchThatFailsIsToldFromOneThatEnds(StudyState end, int exit, String state) {
    var store = new MemoryStudyStore();
    Instant now = Instant.parse("2026-11-01T10:00:00Z");
    StudyPlan digits = ExamplePlans.DIGITS.plan();
    long id = store.create(digits, now).id();
    TrialId trial =
        store
            .enqueue(
                id,
                "net",
                digits.start().getFirst(),
                new Cost(2_000, 1_000, 0, 0, 0, 0),
                0,
                List.of(),
                now)
            .id();
    store.start(trial, 1, "worker 1", now);
    store.finish(
        trial,
        1,
        new Outcome.Trained(new Measurement(Metric.ACCURACY, 0.75, 0.4, 0.7, 2, 1, List.of())),
        Optional.empty(),
        now);
    store.move(id, end, "The end");
    Study study = store.study(id).orElseThrow();

    assertThat(SearchCommand.exit(study, store.trials(id))).isEqualTo(exit);
    assertThat(SearchCommand.exit(study, List.of())).isEqualTo(Blockfront.REFUSED);
    JsonNode told = SearchCommand.document(study, store.trials(id));
    assertThat(told.path("state").stringValue()).isEqualTo(state);
    assertThat(told.path("message").stringValue()).isEqualTo("The end");
    assertThat(told.path("front").size()).isEqualTo(1);
  }

  @Test
  @Timeout(120)
  void aSearchThatASignalEndsLeavesNoTemporaryFolder() throws Exception {
    Path temporary = Files.createDirectory(folder.resolve("temporary"));
    Process search =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                System.getProperty("java.class.path"),
                Blockfront.class.getName(),
                "search",
                plan.toString(),
                "--slots",
                "1")
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (var progress = search.errorReader()) {
      assertThat(progress.lines().anyMatch(line -> line.contains("0 trained"))).isTrue();
      assertThat(temporary).isDirectoryContaining("glob:**/blockfront*");
      search.toHandle().destroy();
      search.waitFor();
    }
    assertThat(temporary).isDirectoryNotContaining("glob:**/blockfront*");
  }

  private static List<CSVRecord> trials(Path kept) throws IOException {
    try (var parser =
        CSVFormat.DEFAULT
            .builder()
            .setHeader()
            .setSkipHeaderRecord(true)
            .get()
            .parse(Files.newBufferedReader(kept.resolve("trials.csv")))) {
      return parser.getRecords();
    }
  }

  /** Searches; the last is the folder to write to. */
  private int search(Object... options) {
    var arguments = new ArrayList<String>(List.of("search", plan.toString(), "--slots", "1"));
    for (int i = 0; i < options.length - 1; i++) {
      arguments.add(options[i].toString());
    }
    arguments.addAll(List.of("--out", options[options.length - 1].toString(), "--json"));
    return Blockfront.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments.toArray(new String[0]));
  }
}
