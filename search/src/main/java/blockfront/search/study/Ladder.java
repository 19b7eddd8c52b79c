package blockfront.search.study;

import blockfront.search.strategy.SuccessiveHalving;
import blockfront.search.trial.Rung;
import blockfront.search.trial.TrialId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Who came to which rung of a study's trainings, and who is trained on.
 *
 * <p>Networks that violate constraints for good rank after all others, those that violate them less
 * before those that do so more, and what could not be measured is the last. An error or INT8 drop
 * above its bound counts for nothing: training on may mend it.
 */
final class Ladder {

  /** Beyond what any objective can be. */
  private static final double BEYOND = 1e9;

  private final SuccessiveHalving halving;
  private final int epochs;
  private final int objectives;
  private final List<Step> steps = new ArrayList<>();

  /** A rung below the last. */
  private static final class Step {
    final int epochs;
    final List<TrialId> came = new ArrayList<>();
    final List<double[]> points = new ArrayList<>();
    final Set<TrialId> settled = new HashSet<>();
    List<TrialId> waiting = List.of(); // those to go on, the best first
    boolean current = true;

    Step(int epochs) {
      this.epochs = epochs;
    }
  }

  /**
   * That nobody came to yet.
   *
   * @param epochs of a whole training
   * @param objectives how many there are
   */
  Ladder(SuccessiveHalving halving, int epochs, int objectives) {
    this.halving = halving;
    this.epochs = epochs;
    this.objectives = objectives;
    halving.rungs(epochs).stream()
        .filter(rung -> rung < epochs)
        .forEach(rung -> steps.add(new Step(rung)));
  }

  /** Where a training pauses next that has so many epochs behind it. */
  int next(int trained) {
    return halving.rungs(epochs).stream().filter(rung -> rung > trained).findFirst().orElse(epochs);
  }

  void came(TrialId trial, Rung rung) {
    for (Step step : steps) {
      if (step.epochs == rung.epochs()) {
        step.came.add(trial);
        step.points.add(point(rung));
        step.current = false;
      } else if (step.epochs < rung.epochs()) {
        step.settled.add(trial);
      }
    }
  }

  /** Where it stands among the others: what violates constraints is dominated by what does not. */
  private double[] point(Rung rung) {
    if (!rung.objectives().isEmpty() && rung.lastingViolation() == 0) {
      return rung.objectives().stream().mapToDouble(Double::doubleValue).toArray();
    }
    var point = new double[objectives];
    Arrays.fill(
        point, rung.objectives().isEmpty() ? Double.MAX_VALUE : BEYOND + rung.lastingViolation());
    return point;
  }

  /** The trial is trained on, or has ended: it waits at none of the rungs it came to. */
  void settled(TrialId trial) {
    steps.stream()
        .filter(step -> step.came.contains(trial))
        .forEach(step -> step.settled.add(trial));
  }

  /** Who is to be trained on next: of the highest rung, the best. */
  Optional<TrialId> promoted() {
    for (Step step : steps.reversed()) {
      rank(step);
      Optional<TrialId> best =
          step.waiting.stream().filter(trial -> !step.settled.contains(trial)).findFirst();
      if (best.isPresent()) {
        return best;
      }
    }
    return Optional.empty();
  }

  private void rank(Step step) {
    if (step.current) {
      return;
    }
    Map<Integer, Integer> ranks = halving.ranks(step.points);
    step.waiting =
        halving.promoted(step.points).stream()
            .sorted(Comparator.comparing(ranks::get))
            .map(step.came::get)
            .toList();
    step.current = true;
  }

  /** Why a trial that is paused when its study ends is not trained on, for people. */
  String reason(TrialId trial, int trained) {
    for (Step step : steps) {
      int at = step.came.indexOf(trial);
      if (step.epochs == trained && at >= 0) {
        rank(step);
        if (step.waiting.contains(trial)) {
          return unheeded(trained);
        }
        return "Stopped after %d of %d epochs: rank %d of %d there, and the best %d go on"
            .formatted(
                trained,
                epochs,
                halving.ranks(step.points).getOrDefault(at, 0),
                step.came.size(),
                halving.promoted(step.points).size());
      }
    }
    return unheeded(trained);
  }

  /** Why a trial that is paused is not trained on, if nothing is known against it. */
  static String unheeded(int trained) {
    return "The study ended before it was trained on after %d epochs".formatted(trained);
  }
}
