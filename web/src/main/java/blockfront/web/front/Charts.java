package blockfront.web.front;

import blockfront.search.data.Baseline;
import blockfront.search.study.Aims;
import blockfront.search.study.Hypervolume;
import blockfront.search.study.Insight;
import blockfront.search.study.Leaderboard;
import blockfront.search.study.Objective;
import blockfront.search.study.ParetoFront;
import blockfront.search.trial.Epoch;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Metric;
import blockfront.search.trial.Trial;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Descriptions of charts, as {@code chart.js} reads them. */
public final class Charts {

  private static final JsonMapper JSON = new JsonMapper();

  private Charts() {}

  /**
   * Scores against what is {@link #across} of all that was measured; the front is a line if these
   * are the objectives and there is no other.
   */
  public static JsonNode front(Collection<Trial> trials, ParetoFront best, Metric metric) {
    Objective across = across(best.aims());
    ObjectNode node = scored(kind("front"), metric);
    node.put("x", across == Objective.FLOPS ? "FLOPs of one example" : labelled(across));
    node.put("amount", across == Objective.FLOPS ? "FLOPs" : " " + worded(across));
    Set<Objective> objectives = Set.copyOf(best.aims().objectives());
    node.put("joined", objectives.equals(Set.of(Objective.ERROR, across)));
    ArrayNode points = node.putArray("points");
    for (Trial trial : trials) {
      trial.measurement().ifPresent(measurement -> point(points, across, trial, measurement));
    }
    ArrayNode front = node.putArray("front");
    for (Trial trial : best.points()) {
      point(front, across, trial, trial.measurement().orElseThrow());
    }
    return node;
  }

  /** The objective that scores are drawn against, by ratios: the first of those, or FLOPs. */
  public static Objective across(Aims aims) {
    return aims.objectives().stream()
        .filter(Objective::logarithmic)
        .findFirst()
        .orElse(Objective.FLOPS);
  }

  /** With its unit, as an axis says it. */
  private static String labelled(Objective objective) {
    return objective.unit().isEmpty()
        ? objective.title()
        : objective.title() + ", " + objective.unit();
  }

  /** What follows a number. */
  private static String worded(Objective objective) {
    return objective.unit().isEmpty()
        ? objective.title().toLowerCase(Locale.ROOT)
        : objective.unit();
  }

  private static void point(
      ArrayNode points, Objective across, Trial trial, Measurement measurement) {
    across
        .of(measurement, trial.cost())
        .ifPresent(
            value ->
                points
                    .addArray()
                    .add(place(across, value))
                    .add(measurement.metric().plotted(measurement.validationScore()))
                    .add(trial.id().number())
                    .add(Leaderboard.mixers(trial.architecture()))
                    .add(value));
  }

  /** Where a value of an objective is on its axis: a logarithmic one has no place for nothing. */
  public static double place(Objective objective, double value) {
    return switch (objective) {
      case FLOPS, PARAMETERS, STATE -> Math.max(1, value);
      case LATENCY -> Math.max(1e-3, value);
      case ERROR, INT8_DROP -> value;
    };
  }

  /** Dominated volume in percent after each trial that was measured. */
  public static JsonNode hypervolume(Collection<Trial> trials, Aims aims) {
    ObjectNode node = kind("line");
    node.put("x", "networks measured");
    node.put("y", "hypervolume, %");
    ArrayNode points = node.putArray("points");
    var growing = new Hypervolume(aims);
    for (Trial trial : inOrder(trials)) {
      growing.add(trial);
      points.addArray().add(points.size()).add(100 * growing.share());
    }
    return node;
  }

  /** Dominated volume in percent by minutes since a study began. */
  public static JsonNode hypervolume(Collection<Trial> trials, Aims aims, Instant begun) {
    ObjectNode node = kind("line");
    node.put("x", "minutes");
    node.put("y", "hypervolume, %");
    ArrayNode points = node.putArray("points");
    var growing = new Hypervolume(aims);
    for (Trial trial : inOrder(trials)) {
      growing.add(trial);
      double minutes = Duration.between(begun, end(trial)).toMillis() / 60_000.0;
      points.addArray().add(Math.max(0, minutes)).add(100 * growing.share());
    }
    return node;
  }

  private static List<Trial> inOrder(Collection<Trial> trials) {
    return trials.stream()
        .filter(trial -> trial.measurement().isPresent())
        .sorted(Comparator.comparing(Charts::end))
        .toList();
  }

  private static Instant end(Trial trial) {
    return trial.measuredAt().orElse(trial.created());
  }

  /**
   * How much of each objective each choice explains alone, in percent.
   *
   * @param most choices shown
   */
  public static JsonNode importance(Insight insight, int most) {
    ObjectNode node = kind("importance");
    insight.objectives().stream().map(Objective::title).forEach(node.putArray("objectives")::add);
    List<Insight.Choice> shown = insight.choices().stream().limit(most).toList();
    shown.stream().map(Insight.Choice::name).forEach(node.putArray("choices")::add);
    ArrayNode shares = node.putArray("shares");
    for (int i = 0; i < insight.objectives().size(); i++) {
      ArrayNode one = shares.addArray();
      for (Insight.Choice choice : shown) {
        one.add(100 * choice.shares().get(i));
      }
    }
    return node;
  }

  /**
   * Every network as a line over its choices and objectives.
   *
   * @param most choices shown, the most important
   */
  public static JsonNode parallel(Insight insight, ParetoFront best, Metric metric, int most) {
    ObjectNode node = kind("parallel");
    List<Insight.Choice> shown = insight.choices().stream().limit(most).toList();
    ArrayNode axes = node.putArray("axes");
    for (Insight.Choice choice : shown) {
      ObjectNode axis = axes.addObject();
      axis.put("name", choice.name());
      choice.values().forEach(axis.putArray("values")::add);
    }
    for (Objective objective : insight.objectives()) {
      ObjectNode axis = axes.addObject();
      axis.put("name", objective == Objective.ERROR ? metric.axis() : labelled(objective));
      axis.put("log", objective.logarithmic());
    }
    Set<Integer> front =
        best.points().stream().map(trial -> trial.id().number()).collect(Collectors.toSet());
    ArrayNode lines = node.putArray("lines");
    for (Insight.Network network : insight.networks()) {
      ArrayNode line = lines.addArray();
      line.add(network.number()).add(front.contains(network.number()) ? 1 : 0);
      network.values().stream().limit(shown.size()).forEach(line::add);
      for (int i = 0; i < insight.objectives().size(); i++) {
        Objective objective = insight.objectives().get(i);
        double value = network.objectives().get(i);
        line.add(
            switch (objective) {
              case ERROR -> metric.plotted(network.score());
              case INT8_DROP -> 100 * value;
              case FLOPS, PARAMETERS, LATENCY, STATE -> place(objective, value);
            });
      }
    }
    return node;
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
