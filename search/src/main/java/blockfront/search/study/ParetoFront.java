package blockfront.search.study;

import blockfront.search.strategy.DominatedVolume;
import blockfront.search.trial.Trial;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The networks that no other beats in all objectives, of those that keep the constraints.
 *
 * @param points the best in the last objective first, so of two objectives the first falls along
 *     the list; of equals the first tried
 */
public record ParetoFront(List<Trial> points, Aims aims) {

  public ParetoFront {
    points = List.copyOf(points);
  }

  /** A trial and what it showed. */
  private record Point(Trial trial, List<Double> values) {

    boolean asGoodAs(Point other) {
      for (int i = 0; i < values.size(); i++) {
        if (values.get(i) > other.values.get(i)) {
          return false;
        }
      }
      return true;
    }
  }

  /** The front in validation error and multiply-adds. */
  public static ParetoFront of(Collection<Trial> trials) {
    return of(trials, Aims.STANDARD);
  }

  /** The front of those that were measured; of two objectives it takes n log n. */
  public static ParetoFront of(Collection<Trial> trials, Aims aims) {
    int last = aims.objectives().size() - 1;
    Comparator<Point> order = Comparator.comparingDouble(point -> point.values().get(last));
    for (int i = 0; i < last; i++) {
      int objective = i;
      order = order.thenComparingDouble(point -> point.values().get(objective));
    }
    List<Point> measured =
        trials.stream()
            .filter(aims::feasible)
            .flatMap(trial -> aims.values(trial).stream().map(values -> new Point(trial, values)))
            .sorted(order.thenComparingInt(point -> point.trial().id().number()))
            .toList();
    var front = new ArrayList<Point>();
    for (Point point : measured) {
      // of two objectives the latest is the best in the first
      List<Point> rivals =
          last == 1 && !front.isEmpty() ? List.of(front.getLast()) : List.copyOf(front);
      if (rivals.stream().noneMatch(other -> other.asGoodAs(point))) {
        front.add(point);
      }
    }
    return new ParetoFront(front.stream().map(Point::trial).toList(), aims);
  }

  /** The one with the best score. */
  public Optional<Trial> best() {
    return points.stream()
        .min(
            Comparator.comparingDouble(
                trial -> trial.measurement().orElseThrow().validationError()));
  }

  /**
   * The volume that the front dominates, as a share of the box between the ends of the objectives'
   * axes: error from 0 to 1, from 10^3 to 10^12 multiply-adds on a logarithmic axis, and so on; the
   * same box for every study of these objectives.
   */
  public double hypervolume() {
    double[] reference = aims.objectives().stream().mapToDouble(_ -> 1).toArray();
    return DominatedVolume.of(
        points.stream().map(point -> aims.places(aims.values(point).orElseThrow())).toList(),
        reference);
  }
}
