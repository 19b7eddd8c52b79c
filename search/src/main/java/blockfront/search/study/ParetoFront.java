package blockfront.search.study;

import blockfront.search.trial.Trial;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The networks that no other beats in both validation accuracy and multiply-adds.
 *
 * @param points the cheapest first, so accuracy grows along the list; of equals the first tried
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
                    .thenComparing(Comparator.comparingDouble(ParetoFront::accuracy).reversed())
                    .thenComparingInt(trial -> trial.id().number()))
            .toList();
    var front = new ArrayList<Trial>();
    double best = Double.NEGATIVE_INFINITY;
    for (Trial trial : measured) {
      if (accuracy(trial) > best) {
        front.add(trial);
        best = accuracy(trial);
      }
    }
    return new ParetoFront(front);
  }

  /** The most accurate. */
  public Optional<Trial> best() {
    return points.isEmpty() ? Optional.empty() : Optional.of(points.getLast());
  }

  /**
   * The area that the front dominates, as a share of the box from error 0 to 1 and from 10^3 to
   * 10^12 multiply-adds on a logarithmic axis; the same box for every study.
   */
  public double hypervolume() {
    var growing = new Hypervolume();
    points.forEach(point -> growing.add(1 - accuracy(point), point.cost().multiplyAdds()));
    return growing.share();
  }

  private static double accuracy(Trial trial) {
    return trial.measurement().orElseThrow().validationAccuracy();
  }
}
