package blockfront.search.trial;

import java.util.List;

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
    List<List<Integer>> confusion) {

  public Measurement {
    confusion = confusion.stream().map(List::copyOf).toList();
  }

  /** What a search lessens, 0 to 1; see {@link Metric#error}. */
  public double validationError() {
    return metric.error(validationScore);
  }
}
