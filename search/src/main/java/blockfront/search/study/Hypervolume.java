package blockfront.search.study;

import java.util.Map;
import java.util.TreeMap;

/**
 * The dominated area as points come in; see {@link ParetoFront#hypervolume}. Each point costs a
 * logarithm of the front's size and what it dominates.
 */
public final class Hypervolume {

  private static final double LEAST = 3; // log10 of multiply-adds
  private static final double GREATEST = 12;

  /** Error by place on the cost axis, in [0, 1]; both fall and grow strictly along the front. */
  private final TreeMap<Double, Double> front = new TreeMap<>();

  private double share;

  /**
   * Adds a network.
   *
   * @param error in [0, 1], see {@link blockfront.search.trial.Measurement#validationError}
   */
  public void add(double error, long multiplyAdds) {
    double place =
        Math.clamp(
            (Math.log10((double) Math.max(1, multiplyAdds)) - LEAST) / (GREATEST - LEAST), 0, 1);
    Map.Entry<Double, Double> cheaper = front.floorEntry(place);
    double ceiling = cheaper == null ? 1 : cheaper.getValue();
    if (error >= ceiling) {
      return;
    }
    double at = place;
    double above = ceiling;
    for (Map.Entry<Double, Double> next = front.ceilingEntry(place);
        next != null && next.getValue() >= error;
        next = front.ceilingEntry(place)) {
      share += (next.getKey() - at) * (above - error);
      at = next.getKey();
      above = next.getValue();
      front.remove(next.getKey());
    }
    Map.Entry<Double, Double> beyond = front.higherEntry(place);
    double end = beyond == null ? 1 : beyond.getKey();
    share += (end - at) * (above - error);
    front.put(place, error);
  }

  /** The area so far, in [0, 1]. */
  public double share() {
    return share;
  }
}
