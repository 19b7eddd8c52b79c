package blockfront.search.study;

import blockfront.blocks.cost.Cost;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Trial;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/** What a study can minimise, or keep below a bound. */
public enum Objective {
  /** What the metric of the data calls an error, 0 to 1: {@code 1 - accuracy}. */
  ERROR("error", "Error", "%", 0, 1, false) {
    @Override
    public OptionalDouble of(Measurement measurement, Cost cost) {
      return OptionalDouble.of(measurement.validationError());
    }
  },
  /** Twice the multiply-adds of one example, forward. */
  FLOPS("flops", "FLOPs", "", 2e3, 2e12, true) {
    @Override
    public OptionalDouble of(Measurement measurement, Cost cost) {
      return OptionalDouble.of((double) cost.flops());
    }
  },
  /** Trained numbers. */
  PARAMETERS("parameters", "Parameters", "", 1e1, 1e11, true) {
    @Override
    public OptionalDouble of(Measurement measurement, Cost cost) {
      return OptionalDouble.of((double) cost.parameters());
    }
  },
  /** Milliseconds of one example, forward, on the worker that trained it: the median of many. */
  LATENCY("latency", "Latency", "ms", 1e-3, 1e5, true) {
    @Override
    public OptionalDouble of(Measurement measurement, Cost cost) {
      Optional<Double> measured = measurement.latencyMillis();
      return measured.isPresent() ? OptionalDouble.of(measured.get()) : OptionalDouble.empty();
    }
  },
  /** Bytes that a network keeps from token to token when they come one at a time. */
  STATE("state", "State", "bytes", 1, 1e11, true) {
    @Override
    public OptionalDouble of(Measurement measurement, Cost cost) {
      Optional<Long> known = measurement.stateBytes();
      return known.isPresent() ? OptionalDouble.of(known.get()) : OptionalDouble.empty();
    }
  },
  /** By how much greater the error is with weights and activations of 8 bits, 0 to 1. */
  INT8_DROP("int8", "INT8 drop", "%", 0, 1, false) {
    @Override
    public OptionalDouble of(Measurement measurement, Cost cost) {
      Optional<Double> measured = measurement.int8Drop();
      return measured.isPresent() ? OptionalDouble.of(measured.get()) : OptionalDouble.empty();
    }
  };

  private final String text;
  private final String title;
  private final String unit;
  private final double least;
  private final double greatest;
  private final boolean logarithmic;

  Objective(
      String text, String title, String unit, double least, double greatest, boolean logarithmic) {
    this.text = text;
    this.title = title;
    this.unit = unit;
    this.least = least;
    this.greatest = greatest;
    this.logarithmic = logarithmic;
  }

  /** Its name in plans. */
  public String text() {
    return text;
  }

  /** Its name for people. */
  public String title() {
    return title;
  }

  /** For people; an error in percent is shown as a hundredfold. Empty for counts. */
  public String unit() {
    return unit;
  }

  /** Whether training a network on does not change it. */
  boolean lasting() {
    return switch (this) {
      case FLOPS, PARAMETERS, LATENCY, STATE -> true;
      case ERROR, INT8_DROP -> false;
    };
  }

  /** Whether it is compared by ratios. */
  public boolean logarithmic() {
    return logarithmic;
  }

  /** What a training and its network show; empty if it was not measured. */
  public abstract OptionalDouble of(Measurement measurement, Cost cost);

  /** Of a trial that was measured. */
  public OptionalDouble of(Trial trial) {
    return trial.measurement().map(m -> of(m, trial.cost())).orElse(OptionalDouble.empty());
  }

  /** The value as strategies see it. */
  double scaled(double value) {
    return logarithmic ? Math.log10(Math.max(least / 1e3, value)) : value;
  }

  /** Where a value is between the ends of the axis on which hypervolume is measured, in [0, 1]. */
  public double place(double value) {
    double from = logarithmic ? Math.log10(least) : least;
    double to = logarithmic ? Math.log10(greatest) : greatest;
    double at = logarithmic ? Math.log10(Math.max(Double.MIN_NORMAL, value)) : value;
    return Math.clamp((at - from) / (to - from), 0, 1);
  }

  public static List<String> names() {
    return Stream.of(values()).map(Objective::text).toList();
  }

  /**
   * By its name in plans.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Objective named(String name) {
    return Stream.of(values())
        .filter(objective -> objective.text.equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "No objective '%s'; known are %s".formatted(name, names())));
  }
}
