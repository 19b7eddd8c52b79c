package blockfront.search.study;

import blockfront.search.trial.Trial;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The networks that no other beats in both validation score and multiply-adds.
 *
 * @param points the cheapest first, so scores get better along the list; of equals the first tried
 */
public record ParetoFront(List<Trial> points) {

  public ParetoFront {
    points = List.copyOf(points);
  }

  /** The front of those that were measured; takes n log n. */
  public static ParetoFront of(Collection<Trial> trials) {
    List<Trial> measured =
        trials.stream()
            .filter(trial -> trial.measurement().isPresent())
            .sorted(
                Comparator.comparingLong((Trial trial) -> trial.cost().multiplyAdds())
                    .thenComparingDouble(ParetoFront::error)
                    .thenComparingInt(trial -> trial.id().number()))
            .toList();
    var front = new ArrayList<Trial>();
    double best = Double.POSITIVE_INFINITY;
    for (Trial trial : measured) {
      if (error(trial) < best) {
        front.add(trial);
        best = error(trial);
      }
    }
    return new ParetoFront(front);
  }

  /** The one with the best score. */
  public Optional<Trial> best() {
    return points.isEmpty() ? Optional.empty() : Optional.of(points.getLast());
  }

  /**
   * The area that the front dominates, as a share of the box from error 0 to 1 and from 10^3 to
   * 10^12 multiply-adds on a logarithmic axis; the same box for every study.
   */
  public double hypervolume() {
    var growing = new Hypervolume();
    points.forEach(point -> growing.add(error(point), point.cost().multiplyAdds()));
    return growing.share();
  }

  private static double error(Trial trial) {
    return trial.measurement().orElseThrow().validationError();
  }
}
