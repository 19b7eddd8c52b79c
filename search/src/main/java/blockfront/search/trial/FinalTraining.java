package blockfront.search.trial;

import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * The final trainings of one network: the same recipe, a seed each.
 *
 * @param runs by number; some may still wait or have failed
 */
public record FinalTraining(List<FinalRun> runs) {

  public FinalTraining {
    runs = List.copyOf(runs);
  }

  /**
   * Mean and spread over seeds.
   *
   * @param deviation of a sample (divided by n - 1); 0 for one seed
   */
  public record Spread(double mean, double deviation) {

    static Spread of(List<Double> values) {
      double mean = values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
      double squares = values.stream().mapToDouble(value -> (value - mean) * (value - mean)).sum();
      return new Spread(mean, Math.sqrt(squares / Math.max(1, values.size() - 1)));
    }
  }

  /** Those that were trained. */
  public List<FinalRun> trained() {
    return runs.stream().filter(run -> run.measurement().isPresent()).toList();
  }

  /** Whether none waits or runs. */
  public boolean ended() {
    return runs.stream().allMatch(run -> run.outcome().isPresent());
  }

  /** Of those that were trained; empty if there is none. */
  public Optional<Spread> validation() {
    return spread(Measurement::validationScore);
  }

  /** Of those that were trained; empty if there is none. */
  public Optional<Spread> test() {
    return spread(Measurement::testScore);
  }

  /** That with the best validation score, the first of equals: the test has no say. */
  public Optional<FinalRun> best() {
    return trained().stream().reduce((best, next) -> beats(next, best) ? next : best);
  }

  private static boolean beats(FinalRun one, FinalRun other) {
    Measurement measured = one.measurement().orElseThrow();
    return measured
        .metric()
        .better(measured.validationScore(), other.measurement().orElseThrow().validationScore());
  }

  private Optional<Spread> spread(ToDoubleFunction<Measurement> figure) {
    List<Double> values =
        runs.stream()
            .flatMap(run -> run.measurement().stream())
            .map(figure::applyAsDouble)
            .toList();
    return values.isEmpty() ? Optional.empty() : Optional.of(Spread.of(values));
  }
}
