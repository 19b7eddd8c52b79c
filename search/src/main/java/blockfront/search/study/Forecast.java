package blockfront.search.study;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the error of a training that is paused will be in the end, going by those that went on: the
 * median of their ratios from one rung to the next. Results of few epochs would else look worse
 * than they are, and what they have in common be shunned.
 */
final class Forecast {

  /** Ratios before one is believed. */
  private static final int FEWEST = 3;

  private final List<Integer> rungs;
  private final Map<Integer, List<Double>> ratios = new HashMap<>();

  /**
   * That knows nothing yet.
   *
   * @param rungs epochs of all, the whole training last
   */
  Forecast(List<Integer> rungs) {
    this.rungs = List.copyOf(rungs);
  }

  /** A training had an error at a rung, and another at the next. */
  void learn(int rung, double error, double next) {
    if (error > 0) {
      ratios.computeIfAbsent(rung, _ -> new ArrayList<>()).add(next / error);
    }
  }

  /** What is expected at the end of a training that had an error at a rung. */
  double of(int rung, double error) {
    double expected = error;
    for (int i = Math.max(0, rungs.indexOf(rung)); i < rungs.size() - 1; i++) {
      List<Double> known = ratios.getOrDefault(rungs.get(i), List.of());
      if (known.size() >= FEWEST) {
        List<Double> sorted = known.stream().sorted().toList();
        expected *= sorted.get(sorted.size() / 2);
      }
    }
    return expected;
  }
}
