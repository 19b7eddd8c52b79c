package blockfront.search.strategy;

import blockfront.search.space.Genome;
import blockfront.search.strategy.SearchStrategy.Result;
import java.util.ArrayList;
import java.util.List;

/**
 * Sees when breeding no longer finds anything: then proposals are drawn from everywhere, so that a
 * deceptive space cannot hold a search where it is. Half of them are where the space is large, and
 * the more the more of it has been seen: what is left of a small space is found by drawing from it.
 */
final class Stagnation {

  private static final double LEAST_SHARE = 0.5;

  /** What part of a space is seen when all is drawn; at twice that there is no patience left. */
  private static final double SEEN = 0.25;

  private static final double GOLDEN = 0.6180339887498949;

  private final double size;
  private final double patience;
  private List<double[]> front = List.of();
  private int idle;

  /**
   * That knows nothing yet.
   *
   * @param patience results in a row that add nothing to the front; fewer of a small space
   */
  Stagnation(Genome genome, int patience) {
    this.size = genome.size().doubleValue();
    this.patience = Math.min(patience, size * SEEN / 2);
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
    double seen = question / size;
    if (idle < patience * (1 - seen / (2 * SEEN))) {
      return false;
    }
    double share = LEAST_SHARE + (1 - LEAST_SHARE) * seen / SEEN;
    // spreads the questions evenly, whatever the share
    return question * GOLDEN % 1 < share;
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
