package blockfront.search.strategy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** The hypervolume of minimised objectives: what lies between points and a reference point. */
public final class DominatedVolume {

  private DominatedVolume() {}

  /** Whether one point is at least as good as another in everything. */
  public static boolean asGood(double[] one, double[] other) {
    for (int i = 0; i < one.length; i++) {
      if (one[i] > other[i]) {
        return false;
      }
    }
    return true;
  }

  /**
   * The volume of all that some point is at least as good as, and that is at least as good as the
   * reference. By slicing: n log n for two objectives, a factor of n more for each further one.
   *
   * @param points each of as many objectives as the reference, 1 or more
   */
  public static double of(List<double[]> points, double[] reference) {
    List<double[]> inside =
        points.stream()
            .filter(
                point -> {
                  for (int i = 0; i < reference.length; i++) {
                    if (!(point[i] < reference[i])) {
                      return false;
                    }
                  }
                  return true;
                })
            .toList();
    return of(inside, reference, reference.length);
  }

  /** Of the first few objectives only. */
  private static double of(List<double[]> points, double[] reference, int objectives) {
    int last = objectives - 1;
    var sorted = new ArrayList<>(points);
    sorted.sort(Comparator.comparingDouble(point -> point[last]));
    if (objectives == 1) {
      return sorted.isEmpty() ? 0 : reference[0] - sorted.getFirst()[0];
    }
    double volume = 0;
    if (objectives == 2) {
      double ceiling = reference[0];
      for (double[] point : sorted) {
        if (point[0] < ceiling) {
          volume += (ceiling - point[0]) * (reference[1] - point[1]);
          ceiling = point[0];
        }
      }
      return volume;
    }
    var slice = new ArrayList<double[]>();
    for (int i = 0; i < sorted.size(); i++) {
      slice.add(sorted.get(i));
      double end = i + 1 < sorted.size() ? sorted.get(i + 1)[last] : reference[last];
      if (end > sorted.get(i)[last]) {
        volume += (end - sorted.get(i)[last]) * of(slice, reference, last);
      }
    }
    return volume;
  }

  /** What a point would add to the volume of others, 0 if one of them is as good. */
  public static double gain(List<double[]> points, double[] point, double[] reference) {
    double own = 1;
    for (int i = 0; i < reference.length; i++) {
      own *= Math.max(0, reference[i] - point[i]);
    }
    if (own == 0) {
      return 0;
    }
    var shadowed = new ArrayList<double[]>();
    for (double[] other : points) {
      var worse = new double[reference.length];
      Arrays.setAll(worse, i -> Math.max(other[i], point[i]));
      shadowed.add(worse);
    }
    return Math.max(0, own - of(shadowed, reference));
  }
}
