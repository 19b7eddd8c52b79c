package blockfront.search.strategy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
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

  /**
   * Indices by front: the first is dominated by nothing, the second by the first only, ... Each
   * front in the order of the points. Points are sorted and each looks for its front by bisection
   * (Zhang et al., 2015, efficient non-dominated sort).
   */
  static List<List<Integer>> fronts(List<double[]> points) {
    var order = new Integer[points.size()];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (one, other) -> inOrder(points.get(one), points.get(other)));
    var fronts = new ArrayList<List<Integer>>();
    for (int index : order) {
      int low = 0;
      int high = fronts.size();
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (dominated(points, fronts.get(middle), points.get(index))) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      if (low == fronts.size()) {
        fronts.add(new ArrayList<>());
      }
      fronts.get(low).add(index);
    }
    fronts.forEach(Collections::sort);
    return fronts;
  }

  /** Whether a member of a front does; the newest first, which are the likeliest to. */
  private static boolean dominated(List<double[]> points, List<Integer> front, double[] point) {
    // of two objectives, the latest member is the best in the second
    int least = point.length == 2 ? front.size() - 1 : 0;
    for (int i = front.size() - 1; i >= least; i--) {
      if (dominates(points.get(front.get(i)), point)) {
        return true;
      }
    }
    return false;
  }

  private static int inOrder(double[] one, double[] other) {
    for (int i = 0; i < one.length; i++) {
      int order = Double.compare(one[i], other[i]);
      if (order != 0) {
        return order;
      }
    }
    return 0;
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
