package blockfront.web.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** How long proposals and explanations take, on the command line. */
class BenchAskCommandTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void askingIsTimedForEachNumberOfTrials() {
    assertThat(run("ask", "--strategy", "nsga2-async", "--trials", "120,150", "--json")).isZero();
    JsonNode reports = new JsonMapper().readTree(out.toString());
    assertThat(reports.size()).isEqualTo(2);
    for (JsonNode report : reports) {
      assertThat(report.path("strategy").asString()).isEqualTo("nsga2-async");
      assertThat(report.path("medianMillis").doubleValue())
          .isPositive()
          .isLessThanOrEqualTo(report.path("longestMillis").doubleValue());
      assertThat(report.path("processorMillis").doubleValue()).isPositive();
    }
    assertThat(reports.path(1).path("trials").intValue()).isEqualTo(150);
  }

  @Test
  void askingIsTimedInTheSpaceOfAPlanToo() {
    assertThat(run("ask", "--strategy", "auto", "--trials", "100", "--example", "digits")).isZero();
    assertThat(out.toString().lines().skip(1)).hasSize(1).first().asString().startsWith("auto");
    assertThat(run("ask", "--example", "mnist")).isEqualTo(Blockfront.REFUSED);
    assertThat(err.toString())
        .isEqualTo(
            "blockfront: No example 'mnist'; known are [digits, fashion, mqar]%n".formatted());
  }

  @Test
  void importanceIsTimed() {
    assertThat(run("importance", "--trials", "40", "--json")).isZero();
    JsonNode report = new JsonMapper().readTree(out.toString()).path(0);
    assertThat(report.path("trials").intValue()).isEqualTo(40);
    assertThat(report.path("choices").intValue()).isGreaterThan(5);
    assertThat(report.path("medianMillis").doubleValue()).isPositive();
  }

  private int run(String... arguments) {
    var all = new String[arguments.length + 1];
    all[0] = "bench";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    return Blockfront.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(all);
  }
}
