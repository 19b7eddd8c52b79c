package blockfront.web.front;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import blockfront.blocks.cost.Cost;
import blockfront.blocks.preset.Presets;
import blockfront.search.study.Aims;
import blockfront.search.study.Insight;
import blockfront.search.study.Objective;
import blockfront.search.study.ParetoFront;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Metric;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialId;
import blockfront.search.trial.TrialState;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class ChartsTest {

  private static final Aims BY_STATE =
      new Aims(List.of(Objective.ERROR, Objective.STATE), List.of());
  private static final Aims BY_LATENCY =
      new Aims(List.of(Objective.ERROR, Objective.LATENCY), List.of());

  @Test
  void aNetworkWithoutStateHasAPlaceOnItsLogarithmicAxis() {
    List<Trial> trials = List.of(keeping(1, 0), keeping(2, 4096));
    JsonNode chart =
        Charts.front(trials, ParetoFront.of(trials, BY_STATE), Metric.ACCURACY).path("points");
    assertThat(chart.at("/0/0").doubleValue()).isEqualTo(1);
    assertThat(chart.at("/1/0").doubleValue()).isEqualTo(4096);
  }

  @Test
  void aPointStillTellsTheStateThatWasMeasured() {
    List<Trial> trials = List.of(keeping(1, 0), keeping(2, 4096));
    JsonNode chart = Charts.front(trials, ParetoFront.of(trials, BY_STATE), Metric.ACCURACY);
    assertThat(chart.at("/points/0/4").doubleValue()).isZero();
    assertThat(chart.at("/front/0/4").doubleValue()).isZero();
  }

  @Test
  void linesOverChoicesAndResultsHaveAPlaceForNoState() {
    List<Trial> trials = List.of(keeping(1, 0), keeping(2, 4096));
    JsonNode chart =
        Charts.parallel(
            Insight.of(trials, BY_STATE), ParetoFront.of(trials, BY_STATE), Metric.ACCURACY, 0);
    // number, on the front, score, state
    assertThat(chart.at("/lines/0/3").doubleValue()).isEqualTo(1);
  }

  @Test
  void fractionsOfAMillisecondStayWhereTheyAre() {
    List<Trial> trials = List.of(measured(1, Optional.of(0.02), Optional.empty()));
    JsonNode chart = Charts.front(trials, ParetoFront.of(trials, BY_LATENCY), Metric.ACCURACY);
    assertThat(chart.at("/points/0/0").doubleValue()).isEqualTo(0.02);
  }

  @Test
  void theFrontIsALineOnlyOfScoresAgainstTheOneOtherObjective() {
    assertThat(joined(Objective.ERROR, Objective.STATE)).isTrue();
    assertThat(joined(Objective.FLOPS, Objective.STATE)).isFalse();
    assertThat(joined(Objective.ERROR, Objective.INT8_DROP)).isFalse();
    assertThat(joined(Objective.ERROR, Objective.FLOPS, Objective.STATE)).isFalse();
  }

  private static boolean joined(Objective... objectives) {
    var front = ParetoFront.of(List.of(), new Aims(List.of(objectives), List.of()));
    return Charts.front(List.of(), front, Metric.ACCURACY).path("joined").booleanValue();
  }

  @Test
  void theVolumeIsThatOfSoManyNetworksAsWereMeasured() {
    JsonNode points =
        Charts.hypervolume(List.of(keeping(1, 0), keeping(2, 4096)), BY_STATE).path("points");
    assertThat(points.at("/0/0").intValue()).isEqualTo(1);
    assertThat(points.at("/1/0").intValue()).isEqualTo(2);
  }

  @Test
  void theStyleSheetHasEveryColourThatChartsAskFor() throws IOException {
    String style = resource("workbench.css");
    List<String> asked =
        Pattern.compile("\\bof\\('([a-z]+)'\\)")
            .matcher(resource("chart.js"))
            .results()
            .map(found -> found.group(1))
            .toList();
    assertThat(asked)
        .contains("text", "front")
        .allSatisfy(
            name ->
                assertThat(style)
                    .contains("@property --chart-" + name + " {")
                    .contains("--chart-" + name + ": light-dark("));
  }

  private static String resource(String name) throws IOException {
    try (InputStream file =
        ChartsTest.class.getResourceAsStream("/META-INF/resources/blockfront/" + name)) {
      return new String(requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static Trial keeping(int number, long bytes) {
    return measured(number, Optional.empty(), Optional.of(bytes));
  }

  private static Trial measured(
      int number, Optional<Double> latencyMillis, Optional<Long> stateBytes) {
    double accuracy = 0.8 + 0.01 * number;
    var measurement =
        new Measurement(
            Metric.ACCURACY,
            accuracy,
            1,
            accuracy,
            3,
            1,
            latencyMillis,
            stateBytes,
            Optional.empty(),
            List.of());
    return new Trial(
        new TrialId(1, number),
        "id" + number,
        Presets.byName(Presets.names().getFirst()),
        new Cost(1000, 100, 0, 0, 0, 0),
        number,
        List.of(),
        Instant.EPOCH,
        new TrialState.Finished(1, new Outcome.Trained(measurement), Instant.EPOCH),
        List.of(),
        Optional.empty(),
        Optional.empty());
  }
}
