package blockfront.search.strategy;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * How much hypervolume a genome is expected to add to a front, its objectives being uncertain.
 *
 * <p>Seen from the reference point, the volume is the mean over directions of how far the front
 * reaches, to the power of the number of objectives; so the gain is the mean of how much further a
 * point reaches. Directions are drawn anew for each question.
 */
final class ExpectedGain {

  private static final int DIRECTIONS = 128;

  /** The reference point, beyond the worst by this share of the range. */
  private static final double BEYOND = 0.1;

  /** What tells candidates apart that are expected to add nothing. */
  private static final double NEARNESS = 1e-7;

  // Gauss-Hermite, for a standard normal distribution
  private static final double[] FIVE = {
    -2.856970013872806, -1.355626179974266, 0, 1.355626179974266, 2.856970013872806
  };
  private static final double[] FIVE_WEIGHTS = {
    0.01125741132772, 0.2220759220056126, 0.5333333333333333, 0.2220759220056126, 0.01125741132772
  };
  private static final double[] THREE = {-1.732050807568877, 0, 1.732050807568877};
  private static final double[] THREE_WEIGHTS = {1.0 / 6, 2.0 / 3, 1.0 / 6};

  private final List<Beliefs.Objective> objectives;
  private final double[] ideal;
  private final double[] range;
  private final double[][] stretch; // [direction][objective], 1 / cosine
  private final double[] reached; // by the front
  private final double[] nodes;
  private final double[] weights;

  /**
   * Over a front.
   *
   * @param front points on the objectives' own scales, at least one
   * @param worst of what may count, on the same scales
   */
  ExpectedGain(
      List<Beliefs.Objective> objectives,
      List<double[]> front,
      double[] worst,
      RandomGenerator random) {
    this.objectives = objectives;
    int count = objectives.size();
    nodes = count == 2 ? FIVE : THREE;
    weights = count == 2 ? FIVE_WEIGHTS : THREE_WEIGHTS;
    ideal = new double[count];
    range = new double[count];
    for (int k = 0; k < count; k++) {
      int axis = k;
      ideal[k] = front.stream().mapToDouble(point -> point[axis]).min().orElseThrow();
      double greatest =
          Math.max(worst[k], front.stream().mapToDouble(point -> point[axis]).max().orElseThrow());
      range[k] = greatest > ideal[k] ? greatest - ideal[k] : 1;
    }
    stretch = new double[DIRECTIONS][count];
    double offset = random.nextDouble();
    for (int d = 0; d < DIRECTIONS; d++) {
      if (count == 2) {
        double angle = (d + offset) / DIRECTIONS * Math.PI / 2;
        stretch[d][0] = 1 / Math.max(1e-9, Math.cos(angle));
        stretch[d][1] = 1 / Math.max(1e-9, Math.sin(angle));
      } else {
        double[] direction = new double[count];
        Arrays.setAll(direction, _ -> Math.abs(random.nextGaussian()));
        double length = Math.sqrt(Arrays.stream(direction).map(c -> c * c).sum());
        Arrays.setAll(stretch[d], k -> length / Math.max(1e-9, direction[k]));
      }
    }
    reached = new double[DIRECTIONS];
    for (double[] point : front) {
      double[] room = new double[count];
      Arrays.setAll(room, k -> room(k, point[k]));
      for (int d = 0; d < DIRECTIONS; d++) {
        reached[d] = Math.max(reached[d], reach(stretch[d], room));
      }
    }
  }

  /** The expected gain of each candidate; below 0 only where it is nothing. */
  double[] of(int[][] candidates) {
    int count = objectives.size();
    var guesses = objectives.stream().map(each -> each.regression().guess(candidates)).toList();
    var gains = new double[candidates.length];
    var rooms = new double[count][nodes.length];
    var middle = new double[count];
    for (int i = 0; i < candidates.length; i++) {
      for (int k = 0; k < count; k++) {
        Regression.Guess guess = guesses.get(k);
        Warp warp = objectives.get(k).warp();
        for (int node = 0; node < nodes.length; node++) {
          rooms[k][node] = room(k, warp.undo(guess.mean[i] + nodes[node] * guess.deviation[i]));
        }
        middle[k] = rooms[k][nodes.length / 2];
      }
      double sum = 0;
      double near = Double.NEGATIVE_INFINITY;
      for (int d = 0; d < DIRECTIONS; d++) {
        sum += gain(d, rooms, 0, Double.POSITIVE_INFINITY);
        near = Math.max(near, reach(stretch[d], middle) - reached[d]);
      }
      gains[i] = sum / DIRECTIONS + NEARNESS * Math.min(0, near);
    }
    return gains;
  }

  /** Expected over the objectives from one on, the others reaching so far. */
  private double gain(int direction, double[][] rooms, int objective, double reach) {
    double sum = 0;
    for (int node = 0; node < nodes.length; node++) {
      double least = Math.min(reach, rooms[objective][node] * stretch[direction][objective]);
      if (!(least > reached[direction])) {
        break; // later nodes are worse
      }
      sum +=
          weights[node]
              * (objective == rooms.length - 1
                  ? volume(least) - volume(reached[direction])
                  : gain(direction, rooms, objective + 1, least));
    }
    return sum;
  }

  private double volume(double reach) {
    double volume = reach;
    for (int k = 1; k < objectives.size(); k++) {
      volume *= reach;
    }
    return volume;
  }

  /** How far a value is from the reference, in units of the range. */
  private double room(int objective, double value) {
    return 1 + BEYOND - (value - ideal[objective]) / range[objective];
  }

  private static double reach(double[] stretch, double[] room) {
    double least = Double.POSITIVE_INFINITY;
    for (int k = 0; k < room.length; k++) {
      least = Math.min(least, stretch[k] * room[k]);
    }
    return Math.max(0, least);
  }
}
