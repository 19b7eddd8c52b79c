package blockfront.search.trial;

import java.util.List;
import java.util.Optional;

/**
 * What a finished training showed.
 *
 * @param metric what the scores are
 * @param validationScore what the search goes by
 * @param validationLoss what training lessens, without smoothing: cross-entropy in nats, or a mean
 *     squared error
 * @param testScore on examples no search ever sees; for reporting only
 * @param epochs passes trained
 * @param seconds of training, validation included
 * @param latencyMillis of one example, forward, on the worker that trained it: the median of many
 * @param stateBytes what it keeps from token to token when they come one at a time
 * @param confusion validation examples by true class (rows) and answer (columns); empty unless
 *     examples have one class each
 */
public record Measurement(
    Metric metric,
    double validationScore,
    double validationLoss,
    double testScore,
    int epochs,
    double seconds,
    Optional<Double> latencyMillis,
    Optional<Long> stateBytes,
    List<List<Integer>> confusion) {

  /** Without a latency and a state. */
  public Measurement(
      Metric metric,
      double validationScore,
      double validationLoss,
      double testScore,
      int epochs,
      double seconds,
      List<List<Integer>> confusion) {
    this(
        metric,
        validationScore,
        validationLoss,
        testScore,
        epochs,
        seconds,
        Optional.empty(),
        Optional.empty(),
        confusion);
  }

  public Measurement {
    confusion = confusion.stream().map(List::copyOf).toList();
  }

  /** What a search lessens, 0 to 1; see {@link Metric#error}. */
  public double validationError() {
    return metric.error(validationScore);
  }
}
