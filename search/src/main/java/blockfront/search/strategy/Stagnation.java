package blockfront.search.strategy;

import blockfront.search.strategy.SearchStrategy.Result;
import java.util.ArrayList;
import java.util.List;

/**
 * Sees when breeding no longer finds anything: then every other proposal is drawn from everywhere,
 * so that a deceptive space cannot hold a search where it is.
 */
final class Stagnation {

  private final int patience;
  private List<double[]> front = List.of();
  private int idle;

  /**
   * That knows nothing yet.
   *
   * @param patience results in a row that add nothing to the front
   */
  Stagnation(int patience) {
    this.patience = patience;
  }

  void told(Result result) {
    idle++;
    if (result instanceof Result.Measured(List<Double> objectives, double violation)
        && violation == 0) {
      double[] point = objectives.stream().mapToDouble(Double::doubleValue).toArray();
      if (front.stream().noneMatch(other -> asGood(other, point))) {
        var grown = new ArrayList<>(front);
        grown.removeIf(other -> asGood(point, other));
        grown.add(point);
        front = List.copyOf(grown);
        idle = 0;
      }
    }
  }

  /** Whether a question should be answered from everywhere. */
  boolean explores(long question) {
    return idle >= patience && question % 2 == 0;
  }

  private static boolean asGood(double[] one, double[] other) {
    for (int i = 0; i < one.length; i++) {
      if (one[i] > other[i]) {
        return false;
      }
    }
    return true;
  }
}
