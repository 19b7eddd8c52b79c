package blockfront.web.front;

import blockfront.search.data.Baseline;
import blockfront.search.study.Hypervolume;
import blockfront.search.study.Leaderboard;
import blockfront.search.study.ParetoFront;
import blockfront.search.trial.Epoch;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Metric;
import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialState;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Descriptions of charts, as {@code chart.js} reads them. */
public final class Charts {

  private static final JsonMapper JSON = new JsonMapper();

  private Charts() {}

  /** Scores against FLOPs of all that was measured; the front is a line. */
  public static JsonNode front(Collection<Trial> trials, Metric metric) {
    ObjectNode node = scored(kind("front"), metric);
    ArrayNode points = node.putArray("points");
    for (Trial trial : trials) {
      trial.measurement().ifPresent(measurement -> point(points, trial, measurement));
    }
    ArrayNode front = node.putArray("front");
    for (Trial trial : ParetoFront.of(trials).points()) {
      point(front, trial, trial.measurement().orElseThrow());
    }
    return node;
  }

  private static void point(ArrayNode points, Trial trial, Measurement measurement) {
    points
        .addArray()
        .add(trial.cost().flops())
        .add(measurement.metric().plotted(measurement.validationScore()))
        .add(trial.id().number())
        .add(Leaderboard.mixers(trial.architecture()));
  }

  /** Dominated area in percent after each finished trial. */
  public static JsonNode hypervolume(Collection<Trial> trials) {
    ObjectNode node = kind("line");
    node.put("x", "trials measured");
    node.put("y", "hypervolume, %");
    ArrayNode points = node.putArray("points");
    var growing = new Hypervolume();
    List<Trial> measured =
        trials.stream()
            .filter(trial -> trial.measurement().isPresent())
            .sorted(Charts::byEnd)
            .toList();
    for (int i = 0; i < measured.size(); i++) {
      Trial trial = measured.get(i);
      growing.add(trial.measurement().orElseThrow().validationError(), trial.cost().multiplyAdds());
      points.addArray().add(i + 1).add(100 * growing.share());
    }
    return node;
  }

  private static int byEnd(Trial a, Trial b) {
    return end(a).compareTo(end(b));
  }

  private static Instant end(Trial trial) {
    return switch (trial.state()) {
      case TrialState.Finished finished -> finished.at();
      case TrialState.Queued _, TrialState.Running _ -> trial.created();
    };
  }

  /** Losses and validation score by epoch, and scores that are known without training. */
  public static JsonNode curves(List<Epoch> epochs, Metric metric, List<Baseline> baselines) {
    ObjectNode node = scored(kind("curves"), metric);
    ArrayNode lines = node.putArray("baselines");
    baselines.forEach(line -> lines.addArray().add(line.name()).add(metric.plotted(line.score())));
    ArrayNode train = node.putArray("train");
    ArrayNode validation = node.putArray("validation");
    ArrayNode score = node.putArray("score");
    for (Epoch epoch : epochs) {
      train.addArray().add(epoch.number()).add(epoch.trainLoss());
      validation.addArray().add(epoch.number()).add(epoch.validationLoss());
      score.addArray().add(epoch.number()).add(metric.plotted(epoch.validationScore()));
    }
    return node;
  }

  /** Validation score so far, small. */
  public static JsonNode spark(List<Epoch> epochs, int outOf, Metric metric) {
    ObjectNode node = scored(kind("spark"), metric);
    node.put("most", outOf);
    ArrayNode points = node.putArray("points");
    epochs.forEach(
        epoch ->
            points.addArray().add(epoch.number()).add(metric.plotted(epoch.validationScore())));
    return node;
  }

  /** Examples by true class (rows) and answer (columns). */
  public static JsonNode confusion(List<List<Integer>> counts, List<String> classes) {
    ObjectNode node = kind("confusion");
    classes.forEach(node.putArray("classes")::add);
    ArrayNode cells = node.putArray("cells");
    for (int row = 0; row < counts.size(); row++) {
      for (int column = 0; column < counts.get(row).size(); column++) {
        cells.addArray().add(column).add(row).add(counts.get(row).get(column));
      }
    }
    return node;
  }

  /** A line on two logarithmic axes. */
  public static JsonNode growth(String x, String y, List<List<Long>> points) {
    ObjectNode node = kind("growth");
    node.put("x", x);
    node.put("y", y);
    ArrayNode list = node.putArray("points");
    points.forEach(point -> list.addArray().add(point.getFirst()).add(point.getLast()));
    return node;
  }

  /** What scores are, how a point says it, and between which bounds they lie, as far as known. */
  private static ObjectNode scored(ObjectNode node, Metric metric) {
    node.put("metric", metric.title());
    node.put("axis", metric.axis());
    node.put("unit", metric == Metric.ACCURACY ? " %" : "");
    node.put("percent", metric == Metric.ACCURACY);
    node.put("higherIsBetter", metric.higherIsBetter());
    return node;
  }

  private static ObjectNode kind(String kind) {
    ObjectNode node = JSON.createObjectNode();
    node.put("kind", kind);
    return node;
  }
}
