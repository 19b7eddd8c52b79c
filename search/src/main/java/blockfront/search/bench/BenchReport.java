package blockfront.search.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.function.ToDoubleFunction;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * How one strategy did over several seeds.
 *
 * @param reached99 seeds that came to 99 % of the true hypervolume
 * @param hypervolumeAt the median share of the true hypervolume after so many trainings, empty
 *     beyond the budget
 * @param duplicates proposals of what was proposed before, over all seeds
 * @param secondsPerRun spent in the strategy, mean
 * @param each what every seed found, in their order
 */
public record BenchReport(
    String strategy,
    int seeds,
    Quartiles evaluationsTo95,
    Quartiles evaluationsTo99,
    int reached99,
    SequencedMap<Integer, OptionalDouble> hypervolumeAt,
    int duplicates,
    double secondsPerRun,
    List<Seed> each) {

  private static final int[] CHECKPOINTS = {50, 100, 200, 300};
  private static final JsonMapper JSON = new JsonMapper();

  /** Numbers of trainings; empty where so many of the seeds did not get there. */
  public record Quartiles(OptionalDouble median, OptionalDouble q1, OptionalDouble q3) {

    static Quartiles of(double[] values) {
      return new Quartiles(quantile(values, 0.5), quantile(values, 0.25), quantile(values, 0.75));
    }
  }

  /**
   * What one seed found.
   *
   * @param evaluationsTo99 trainings to 99 % of the true hypervolume, empty if it did not get there
   * @param hypervolumeAt its share of the true hypervolume after so many trainings within the
   *     budget
   */
  public record Seed(OptionalDouble evaluationsTo99, SequencedMap<Integer, Double> hypervolumeAt) {

    static Seed of(SearchBench.Run run, int budget) {
      var shares = new LinkedHashMap<Integer, Double>();
      for (int checkpoint : CHECKPOINTS) {
        if (checkpoint <= budget) {
          shares.put(checkpoint, run.shareAt(checkpoint));
        }
      }
      double to99 = run.evaluationsTo(0.99);
      return new Seed(
          Double.isFinite(to99) ? OptionalDouble.of(to99) : OptionalDouble.empty(), shares);
    }
  }

  static BenchReport of(String strategy, int budget, List<SearchBench.Run> runs) {
    var shares = new LinkedHashMap<Integer, OptionalDouble>();
    for (int checkpoint : CHECKPOINTS) {
      shares.put(
          checkpoint,
          checkpoint <= budget
              ? quantile(values(runs, run -> run.shareAt(checkpoint)), 0.5)
              : OptionalDouble.empty());
    }
    double[] to99 = values(runs, run -> run.evaluationsTo(0.99));
    return new BenchReport(
        strategy,
        runs.size(),
        Quartiles.of(values(runs, run -> run.evaluationsTo(0.95))),
        Quartiles.of(to99),
        (int) Arrays.stream(to99).filter(Double::isFinite).count(),
        shares,
        runs.stream().mapToInt(SearchBench.Run::duplicates).sum(),
        runs.stream().mapToDouble(SearchBench.Run::seconds).average().orElse(0),
        runs.stream().map(run -> Seed.of(run, budget)).toList());
  }

  /** A list of reports as JSON, {@code null} for what was not reached. */
  public static String json(List<BenchReport> reports) {
    ArrayNode list = JSON.createArrayNode();
    for (BenchReport report : reports) {
      ObjectNode node = list.addObject();
      node.put("strategy", report.strategy);
      node.put("seeds", report.seeds);
      put(node.putObject("evaluationsTo95"), report.evaluationsTo95);
      put(node.putObject("evaluationsTo99"), report.evaluationsTo99);
      node.put("reached99", report.reached99);
      ObjectNode shares = node.putObject("hypervolumeAt");
      for (Map.Entry<Integer, OptionalDouble> entry : report.hypervolumeAt.entrySet()) {
        put(shares, String.valueOf(entry.getKey()), entry.getValue());
      }
      node.put("duplicates", report.duplicates);
      node.put("secondsPerRun", report.secondsPerRun);
      ArrayNode each = node.putArray("each");
      for (Seed seed : report.each) {
        ObjectNode one = each.addObject();
        put(one, "evaluationsTo99", seed.evaluationsTo99);
        ObjectNode at = one.putObject("hypervolumeAt");
        seed.hypervolumeAt.forEach((checkpoint, share) -> at.put(checkpoint + "", share));
      }
    }
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(list);
  }

  /** A list of reports as a table for people. */
  public static String text(List<BenchReport> reports) {
    var text = new StringBuilder();
    text.append(
        "%-22s %20s %20s %9s %7s %7s %7s %7s %5s %7s%n"
            .formatted(
                "strategy",
                "to 95 % (quartiles)",
                "to 99 % (quartiles)",
                "reached",
                "hv@50",
                "hv@100",
                "hv@200",
                "hv@300",
                "dup.",
                "s/run"));
    for (BenchReport report : reports) {
      text.append(
          "%-22s %20s %20s %9s %7s %7s %7s %7s %5d %7s%n"
              .formatted(
                  report.strategy,
                  cell(report.evaluationsTo95),
                  cell(report.evaluationsTo99),
                  report.reached99 + "/" + report.seeds,
                  share(report, 50),
                  share(report, 100),
                  share(report, 200),
                  share(report, 300),
                  report.duplicates,
                  String.format(Locale.ROOT, "%.2f", report.secondsPerRun)));
    }
    return text.toString();
  }

  private static String share(BenchReport report, int checkpoint) {
    return Optional.ofNullable(report.hypervolumeAt.get(checkpoint))
        .filter(OptionalDouble::isPresent)
        .map(value -> String.format(Locale.ROOT, "%.4f", value.getAsDouble()))
        .orElse("-");
  }

  private static String cell(Quartiles quartiles) {
    return "%s (%s-%s)"
        .formatted(count(quartiles.median()), count(quartiles.q1()), count(quartiles.q3()));
  }

  private static String count(OptionalDouble value) {
    return value.isPresent()
        ? String.format(
            Locale.ROOT, value.getAsDouble() % 1 == 0 ? "%.0f" : "%.1f", value.getAsDouble())
        : "-";
  }

  private static void put(ObjectNode node, Quartiles quartiles) {
    put(node, "median", quartiles.median());
    put(node, "q1", quartiles.q1());
    put(node, "q3", quartiles.q3());
  }

  private static void put(ObjectNode node, String key, OptionalDouble value) {
    if (value.isPresent()) {
      node.put(key, value.getAsDouble());
    } else {
      node.putNull(key);
    }
  }

  private static double[] values(
      List<SearchBench.Run> runs, ToDoubleFunction<SearchBench.Run> value) {
    return runs.stream().mapToDouble(value).toArray();
  }

  /** Between two values in proportion; empty if either is infinite. */
  private static OptionalDouble quantile(double[] values, double share) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double place = share * (sorted.length - 1);
    double below = sorted[(int) Math.floor(place)];
    double above = sorted[(int) Math.ceil(place)];
    return Double.isFinite(below) && Double.isFinite(above)
        ? OptionalDouble.of(below + (above - below) * (place - Math.floor(place)))
        : OptionalDouble.empty();
  }
}
