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
 * @param int8Drop by how much more of the validation examples, as a share of the error's scale, it
 *     fails with weights and activations of 8 bits; below 0 if it fails less
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
    Optional<Double> int8Drop,
    List<List<Integer>> confusion) {

  /** Without a latency, a state and an INT8 drop. */
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
        Optional.empty(),
        confusion);
  }

  /** With an INT8 drop. */
  public Measurement withInt8Drop(double drop) {
    return new Measurement(
        metric,
        validationScore,
        validationLoss,
        testScore,
        epochs,
        seconds,
        latencyMillis,
        stateBytes,
        Optional.of(drop),
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
