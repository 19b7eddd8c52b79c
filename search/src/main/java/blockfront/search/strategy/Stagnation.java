package blockfront.search.strategy;

import blockfront.search.space.Genome;
import blockfront.search.strategy.SearchStrategy.Result;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Sees when a search no longer finds anything: then proposals are drawn from everywhere, so that a
 * deceptive space cannot hold it where it is. The more of a space has been seen, the more of them
 * are drawn: what is left of a small space is found by drawing from it.
 */
final class Stagnation {

  /** What part of a space is seen when all is drawn; at twice that there is no patience left. */
  private static final double SEEN = 0.25;

  private static final double GOLDEN = 0.6180339887498949;

  private final double size;
  private final double patience;
  private final double leastShare;
  private final Map<Long, double[]> points = new LinkedHashMap<>();
  private List<double[]> front = List.of();
  private int idle;

  /**
   * That knows nothing yet.
   *
   * @param patience results in a row that add nothing to the front; fewer of a small space
   * @param leastShare how many questions of a stagnant search are answered from everywhere where
   *     little of a large space has been seen, from 0 to 1
   */
  Stagnation(Genome genome, int patience, double leastShare) {
    this.size =
        genome.listed().map(all -> (double) all.size()).orElseGet(genome.size()::doubleValue);
    this.patience = Math.min(patience, size * SEEN / 2);
    this.leastShare = leastShare;
  }

  /** The result of a question. */
  void told(long question, Result result) {
    idle = add(question, result) ? 0 : idle + 1;
  }

  /** The same result as it is known now: not one more. */
  void revised(long question, Result result) {
    List<double[]> before = front;
    if (points.remove(question) != null) {
      front = List.of();
      points.values().forEach(this::join);
    }
    add(question, result);
    boolean found =
        point(result)
            .filter(
                point -> before.stream().noneMatch(other -> DominatedVolume.asGood(other, point)))
            .isPresent();
    if (found) {
      idle = 0;
    }
  }

  /** Whether it is now on the front. */
  private boolean add(long question, Result result) {
    Optional<double[]> added = point(result);
    added.ifPresent(point -> points.put(question, point));
    return added.filter(this::join).isPresent();
  }

  private static Optional<double[]> point(Result result) {
    return switch (result) {
      case Result.Measured(List<Double> objectives, double violation) when violation == 0 ->
          Optional.of(objectives.stream().mapToDouble(Double::doubleValue).toArray());
      case Result.Measured _, Result.Failed _ -> Optional.empty();
    };
  }

  /** Whether a point is now on the front. */
  private boolean join(double[] point) {
    if (front.stream().anyMatch(other -> DominatedVolume.asGood(other, point))) {
      return false;
    }
    var grown = new ArrayList<>(front);
    grown.removeIf(other -> DominatedVolume.asGood(point, other));
    grown.add(point);
    front = List.copyOf(grown);
    return true;
  }

  /** Whether a question should be answered from everywhere. */
  boolean explores(long question) {
    double seen = question / size;
    if (idle < patience * (1 - seen / (2 * SEEN))) {
      return false;
    }
    double share = leastShare + (1 - leastShare) * seen / SEEN;
    // spreads the questions evenly, whatever the share
    return question * GOLDEN % 1 < share;
  }
}
