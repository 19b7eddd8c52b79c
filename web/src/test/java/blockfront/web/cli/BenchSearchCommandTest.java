package blockfront.web.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class BenchSearchCommandTest {

  @TempDir Path folder;

  private Path table = Path.of("");
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void writeTable() throws IOException {
    var lines = new ArrayList<String>();
    lines.add("width,kind,acc,flops");
    for (int width = 1; width <= 5; width++) {
      for (int kind = 0; kind < 4; kind++) {
        lines.add("%d,%d,%d,%d".formatted(width, kind, 10 * width + kind, width * width + kind));
      }
    }
    table = Files.write(folder.resolve("table.csv"), lines);
  }

  @Test
  void everyStrategyIsReportedAsJson() {
    assertThat(run("--ordinal", "width", "--strategy", "all", "--json")).isZero();
    JsonNode reports = new JsonMapper().readTree(out.toString());
    assertThat(reports.size()).isGreaterThan(3);
    for (JsonNode report : reports) {
      assertThat(report.path("reached99").asInt()).isEqualTo(2);
      assertThat(report.path("duplicates").asInt()).isZero();
      assertThat(report.path("evaluationsTo99").path("median").asDouble()).isBetween(1.0, 20.0);
      assertThat(report.path("hypervolumeAt").path("50").isNull()).isTrue();
    }
  }

  @Test
  void unknownStrategyIsToldInOneLine() {
    assertThat(run("--strategy", "guess")).isEqualTo(Blockfront.REFUSED);
    assertThat(err.toString()).startsWith("blockfront: No strategy 'guess'; known are [random,");
    assertThat(err.toString().lines()).hasSize(1);
  }

  @Test
  void missingFileIsToldInOneLine() {
    table = folder.resolve("none.csv");
    assertThat(run()).isEqualTo(Blockfront.REFUSED);
    assertThat(err).hasToString("blockfront: Table '%s' does not exist%n".formatted(table));
  }

  private int run(String... more) {
    var arguments = new ArrayList<String>();
    arguments.addAll(
        List.of("bench", "search", "--table", table.toString(), "--choices", "width,kind"));
    arguments.addAll(List.of("--minimize", "flops", "--maximize", "acc", "--seeds", "2"));
    arguments.addAll(List.of("--budget", "20", "--workers", "3"));
    arguments.addAll(List.of(more));
    return Blockfront.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments.toArray(new String[0]));
  }
}
