package blockfront.search.strategy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Which points of several minimised objectives are better, and which stand alone. */
final class Dominance {

  private Dominance() {}

  /** At least as good in everything, and better in something. */
  static boolean dominates(double[] one, double[] other) {
    boolean better = false;
    for (int i = 0; i < one.length; i++) {
      if (one[i] > other[i]) {
        return false;
      }
      better |= one[i] < other[i];
    }
    return better;
  }

  /** Indices by front: the first is dominated by nothing, the second by the first only, ... */
  static List<List<Integer>> fronts(List<double[]> points) {
    var fronts = new ArrayList<List<Integer>>();
    var left = new ArrayList<Integer>();
    for (int i = 0; i < points.size(); i++) {
      left.add(i);
    }
    while (!left.isEmpty()) {
      var front = new ArrayList<Integer>();
      for (int candidate : left) {
        if (left.stream().noneMatch(other -> dominates(points.get(other), points.get(candidate)))) {
          front.add(candidate);
        }
      }
      left.removeAll(front);
      fronts.add(front);
    }
    return fronts;
  }

  /**
   * The crowding distance of each point of a front (Deb et al., 2002): how far its neighbours are
   * from each other, infinite at the ends.
   */
  static double[] crowding(List<double[]> front) {
    int count = front.size();
    var distance = new double[count];
    var order = new Integer[count];
    for (int objective = 0; count > 0 && objective < front.getFirst().length; objective++) {
      int axis = objective;
      Arrays.setAll(order, i -> i);
      Arrays.sort(order, Comparator.comparingDouble(i -> front.get(i)[axis]));
      double range = front.get(order[count - 1])[axis] - front.get(order[0])[axis];
      distance[order[0]] = Double.POSITIVE_INFINITY;
      distance[order[count - 1]] = Double.POSITIVE_INFINITY;
      for (int i = 1; i < count - 1 && range > 0; i++) {
        distance[order[i]] +=
            (front.get(order[i + 1])[axis] - front.get(order[i - 1])[axis]) / range;
      }
    }
    return distance;
  }
}
