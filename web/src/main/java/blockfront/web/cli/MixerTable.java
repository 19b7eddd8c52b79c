package blockfront.web.cli;

import blockfront.search.bench.MixerBench;
import blockfront.search.data.Baseline;
import blockfront.search.data.DataSet;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Metric;
import blockfront.search.trial.Outcome;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** How token mixers did on one data set, as text or JSON. */
final class MixerTable {

  private final DataSet set;
  private final String setting;
  private final List<Baseline> baselines;
  private final List<MixerBench.Row> rows;
  private final Optional<Measurement> linear;

  /**
   * A table.
   *
   * @param setting how all were trained, for people
   * @param rows the best first
   */
  MixerTable(DataSet set, String setting, List<Baseline> baselines, List<MixerBench.Row> rows) {
    this.set = set;
    this.setting = setting;
    this.baselines = baselines;
    this.rows = rows;
    this.linear =
        rows.stream()
            .filter(row -> row.name().equals(MixerBench.LINEAR))
            .findFirst()
            .flatMap(MixerBench.Row::measurement);
  }

  /** What came of a training, in a few words. */
  static String result(MixerBench.Row row) {
    return switch (row.outcome()) {
      case Outcome.Failed(Outcome.Reason reason, String detail) ->
          "%s: %s".formatted(reason.name().toLowerCase(Locale.ROOT).replace('_', ' '), detail);
      default ->
          row.measurement()
              .map(measured -> "test " + measured.metric().text(measured.testScore()))
              .orElse("not trained");
    };
  }

  void print(PrintWriter out) {
    out.printf("%s: %s, by %s%n", set.name(), set.task().text(), set.metric().title());
    out.println(setting);
    out.printf(
        "%-24s %-7s %12s %12s %14s %12s %9s%n",
        "mixer", "mixes", "validation", "test", "FLOPs", "parameters", "seconds");
    rows.forEach(row -> line(out, row));
    for (Baseline baseline : baselines) {
      out.printf("%-32s %12s %12s%n", baseline.name(), "", set.metric().text(baseline.score()));
    }
    linear.ifPresent(base -> verdict(out, base));
    out.flush();
  }

  private void line(PrintWriter out, MixerBench.Row row) {
    String mixes = row.mixes().map(each -> each.name().toLowerCase(Locale.ROOT)).orElse("");
    if (row.measurement().isEmpty()) {
      out.printf("%-24s %-7s %s%n", row.name(), mixes, result(row));
      return;
    }
    Metric metric = set.metric();
    Measurement measured = row.measurement().get();
    out.printf(
        "%-24s %-7s %12s %12s %,14d %,12d %9.1f%n",
        row.name(),
        mixes,
        metric.text(measured.validationScore()),
        metric.text(measured.testScore()),
        row.cost().flops(),
        row.cost().parameters(),
        measured.seconds());
  }

  private void verdict(PrintWriter out, Measurement base) {
    List<String> below =
        rows.stream()
            .filter(row -> row.mixes().isPresent() && !beats(row, base))
            .map(MixerBench.Row::name)
            .toList();
    out.printf(
        "not above the linear classifier: %s%n",
        below.isEmpty() ? "none" : String.join(", ", below));
  }

  private static boolean beats(MixerBench.Row row, Measurement linear) {
    return row.measurement()
        .filter(measured -> measured.metric().better(measured.testScore(), linear.testScore()))
        .isPresent();
  }

  void put(ObjectNode node) {
    node.put("data", set.name());
    node.put("dataHash", set.hash());
    node.put("metric", set.metric().title());
    node.put("setting", setting);
    ArrayNode known = node.putArray("baselines");
    baselines.forEach(
        each -> known.addObject().put("name", each.name()).put("score", each.score()));
    ArrayNode list = node.putArray("mixers");
    rows.forEach(row -> put(list.addObject(), row));
  }

  private void put(ObjectNode node, MixerBench.Row row) {
    node.put("mixer", row.name());
    row.mixes().ifPresent(mixes -> node.put("mixes", mixes.name().toLowerCase(Locale.ROOT)));
    node.put("result", result(row));
    row.measurement()
        .ifPresent(
            measured -> {
              node.put(measured.metric().column("validation"), measured.validationScore());
              node.put(measured.metric().column("test"), measured.testScore());
              node.put("seconds", measured.seconds());
              linear.ifPresent(base -> node.put("beatsLinear", beats(row, base)));
            });
    Json.put(node, row.cost());
  }
}
