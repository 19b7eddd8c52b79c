package blockfront.search.study;

import blockfront.search.strategy.DominatedVolume;
import blockfront.search.trial.Trial;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The dominated volume as trials come in; see {@link ParetoFront#hypervolume}. Each trial costs as
 * much as the front is long.
 */
public final class Hypervolume {

  private final Aims aims;
  private final double[] reference;
  private List<double[]> front = List.of();
  private double share;

  public Hypervolume(Aims aims) {
    this.aims = aims;
    this.reference = new double[aims.objectives().size()];
    Arrays.fill(reference, 1);
  }

  /** Adds a trial; one that was not measured or violates a constraint adds nothing. */
  public void add(Trial trial) {
    if (!aims.feasible(trial)) {
      return;
    }
    double[] place = aims.places(aims.values(trial).orElseThrow());
    if (front.stream().anyMatch(other -> DominatedVolume.asGood(other, place))) {
      return;
    }
    share += DominatedVolume.gain(front, place, reference);
    var grown = new ArrayList<>(front);
    grown.removeIf(other -> DominatedVolume.asGood(place, other));
    grown.add(place);
    front = grown;
  }

  /** The volume so far, in [0, 1]. */
  public double share() {
    return share;
  }
}
