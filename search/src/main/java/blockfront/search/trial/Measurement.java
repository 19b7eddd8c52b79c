package blockfront.search.trial;

import java.util.List;

/**
 * What a finished training showed.
 *
 * @param validationAccuracy top-1, 0 to 1: what the search goes by
 * @param validationLoss cross-entropy in nats, without smoothing
 * @param testAccuracy top-1 on examples no search ever sees; for reporting only
 * @param epochs passes trained
 * @param seconds of training, validation included
 * @param confusion validation examples by true class (rows) and answer (columns)
 */
public record Measurement(
    double validationAccuracy,
    double validationLoss,
    double testAccuracy,
    int epochs,
    double seconds,
    List<List<Integer>> confusion) {

  public Measurement {
    confusion = confusion.stream().map(List::copyOf).toList();
  }
}
