package blockfront.search.trial;

import java.time.Instant;
import java.util.List;

/**
 * What a training showed where it was paused, to be trained on or not.
 *
 * @param epochs trained by then
 * @param at when it came there
 * @param objectives what the study minimises, as strategies compare it; empty if it could not be
 *     measured
 * @param violation of the study's constraints, 0 if none is violated
 * @param lastingViolation of those that it will violate however long it is trained
 */
public record Rung(
    int epochs, Instant at, List<Double> objectives, double violation, double lastingViolation) {

  public Rung {
    objectives = List.copyOf(objectives);
    if (epochs < 1) {
      throw new IllegalArgumentException("Rung needs at least 1 epoch, got " + epochs);
    }
  }
}
