package blockfront.search.study;

import blockfront.blocks.cost.Cost;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Trial;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a study searches for: networks that nothing beats in all objectives, of those that keep all
 * constraints.
 *
 * @param objectives two or three, all minimised
 * @param constraints on what is known after training only; see {@link Limits} for what is known
 *     before
 */
public record Aims(List<Objective> objectives, List<Constraint> constraints) {

  /** Accurate and cheap. */
  public static final Aims STANDARD =
      new Aims(List.of(Objective.ERROR, Objective.FLOPS), List.of());

  /**
   * A bound.
   *
   * @param most in the objective's own unit; an error in [0, 1]
   */
  public record Constraint(Objective objective, double most) {

    public Constraint {
      if (!(most > 0 && Double.isFinite(most))) {
        throw new IllegalArgumentException(
            "Constraint on %s needs a positive bound, got %s".formatted(objective.text(), most));
      }
    }
  }

  public Aims {
    objectives = List.copyOf(objectives);
    constraints = List.copyOf(constraints);
    if (objectives.size() < 2 || objectives.size() > 3) {
      throw new IllegalArgumentException(
          "Study needs 2 or 3 objectives, got %s"
              .formatted(objectives.stream().map(Objective::text).toList()));
    }
    if (new HashSet<>(objectives).size() < objectives.size()) {
      throw new IllegalArgumentException(
          "Study names an objective twice: %s"
              .formatted(objectives.stream().map(Objective::text).toList()));
    }
    var bound = constraints.stream().map(Constraint::objective).toList();
    if (new HashSet<>(bound).size() < bound.size()) {
      throw new IllegalArgumentException(
          "Study bounds an objective twice: %s"
              .formatted(bound.stream().map(Objective::text).toList()));
    }
  }

  /** Whether it is minimised or bounded. */
  public boolean concern(Objective objective) {
    return objectives.contains(objective)
        || constraints.stream().anyMatch(each -> each.objective() == objective);
  }

  /** What a trial shows in each objective, in their units; empty if any was not measured. */
  public Optional<List<Double>> values(Trial trial) {
    return trial.measurement().flatMap(measurement -> values(measurement, trial.cost()));
  }

  /** As {@link #values(Trial)}. */
  public Optional<List<Double>> values(Measurement measurement, Cost cost) {
    var values = new ArrayList<Double>();
    for (Objective objective : objectives) {
      OptionalDouble value = objective.of(measurement, cost);
      if (value.isEmpty() || !Double.isFinite(value.getAsDouble())) {
        return Optional.empty();
      }
      values.add(value.getAsDouble());
    }
    return Optional.of(values);
  }

  /**
   * By how much constraints are violated: the excesses over the bounds, as shares of the bounds,
   * summed up; 0 if all are kept. What was not measured violates.
   */
  public double violation(Measurement measurement, Cost cost) {
    return violation(constraints, measurement, cost);
  }

  /** As {@link #violation}, of those constraints only that training on cannot keep either. */
  double lastingViolation(Measurement measurement, Cost cost) {
    return violation(
        constraints.stream().filter(each -> each.objective().lasting()).toList(),
        measurement,
        cost);
  }

  private static double violation(
      List<Constraint> constraints, Measurement measurement, Cost cost) {
    double sum = 0;
    for (Constraint constraint : constraints) {
      OptionalDouble value = constraint.objective().of(measurement, cost);
      sum +=
          value.isPresent()
              ? Math.max(0, (value.getAsDouble() - constraint.most()) / constraint.most())
              : 1;
    }
    return sum;
  }

  /** Whether a measured trial may be on the front. */
  public boolean feasible(Trial trial) {
    return values(trial).isPresent()
        && trial.measurement().filter(m -> violation(m, trial.cost()) == 0).isPresent();
  }

  /** Objectives as strategies compare them. */
  List<Double> scaled(List<Double> values) {
    var scaled = new ArrayList<Double>();
    for (int i = 0; i < values.size(); i++) {
      scaled.add(objectives.get(i).scaled(values.get(i)));
    }
    return scaled;
  }

  /** Objectives on the axes on which hypervolume is measured, each in [0, 1]. */
  double[] places(List<Double> values) {
    var places = new double[values.size()];
    for (int i = 0; i < places.length; i++) {
      places[i] = objectives.get(i).place(values.get(i));
    }
    return places;
  }
}
