package blockfront.search.strategy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Asynchronous successive halving (Li et al., 2020) for several objectives: networks are trained to
 * a rung, and the better part of those that came there is trained on to the next, as soon as it is
 * known to be the better part.
 *
 * <p>At a rung they rank by non-domination, and within a front by how uncrowded they are, so that a
 * cheap network is not stopped for being less accurate than a dear one.
 *
 * @param firstEpochs where the first rung is
 * @param growth each rung is at so many times the epochs of the one before
 * @param kept share of a rung that goes on, in (0, 1); few epochs tell little of the best, so a
 *     generous share
 */
public record SuccessiveHalving(int firstEpochs, int growth, double kept) {

  public SuccessiveHalving {
    if (firstEpochs < 1 || firstEpochs > 10_000) {
      throw new IllegalArgumentException(
          "Successive halving needs a first rung at 1 to 10000 epochs, got " + firstEpochs);
    }
    if (growth < 2 || growth > 100) {
      throw new IllegalArgumentException(
          "Successive halving needs rungs that grow 2 to 100 times, got " + growth);
    }
    if (!(kept > 0 && kept < 1)) {
      throw new IllegalArgumentException(
          "Successive halving needs to keep a share in (0, 1), got " + kept);
    }
  }

  /** Three rungs before the last, half of each kept. */
  public static SuccessiveHalving standard(int epochs) {
    return new SuccessiveHalving(Math.max(1, epochs / 8), 2, 0.5);
  }

  /** Epochs of all rungs; the last is the whole training. */
  public List<Integer> rungs(int epochs) {
    var rungs = new ArrayList<Integer>();
    for (long at = firstEpochs; at < epochs; at *= growth) {
      rungs.add((int) at);
    }
    rungs.add(epochs);
    return List.copyOf(rungs);
  }

  /**
   * Those at a rung that go on, by their place in the list.
   *
   * @param points objectives of all that came to the rung so far, the less the better; those that
   *     went on or failed since included
   */
  public Set<Integer> promoted(List<double[]> points) {
    return new HashSet<>(ranked(points).subList(0, (int) (kept * points.size())));
  }

  /** The rank of each, 1 for the best. */
  public Map<Integer, Integer> ranks(List<double[]> points) {
    var ranks = new HashMap<Integer, Integer>();
    ranked(points).forEach(index -> ranks.put(index, ranks.size() + 1));
    return ranks;
  }

  private static List<Integer> ranked(List<double[]> points) {
    var ranked = new ArrayList<Integer>();
    for (List<Integer> front : Dominance.fronts(points)) {
      double[] crowding = Dominance.crowding(front.stream().map(points::get).toList());
      List<Integer> places = new ArrayList<>();
      for (int i = 0; i < front.size(); i++) {
        places.add(i);
      }
      places.sort(Comparator.comparingDouble((Integer place) -> crowding[place]).reversed());
      places.forEach(place -> ranked.add(front.get(place)));
    }
    return ranked;
  }
}
