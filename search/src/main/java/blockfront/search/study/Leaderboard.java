package blockfront.search.study;

import blockfront.search.trial.TrialId;
import java.util.Optional;

/** The best networks over all studies, a page at a time. */
public final class Leaderboard {

  private Leaderboard() {}

  /** What a page of the leaderboard is ordered by. */
  public enum Column {
    VALIDATION_ACCURACY,
    MULTIPLY_ADDS,
    PARAMETERS,
    SECONDS,
    STUDY,
    TRIAL
  }

  /**
   * Which rows, in which order.
   *
   * @param data only of this data set
   * @param text only rows whose study name, architecture id or mixers contain it, case ignored
   * @param maxMultiplyAdds only networks that cost at most this
   */
  public record Query(
      Optional<String> data,
      Optional<String> text,
      Optional<Long> maxMultiplyAdds,
      Column order,
      boolean descending) {

    public static final Query BEST =
        new Query(
            Optional.empty(), Optional.empty(), Optional.empty(), Column.VALIDATION_ACCURACY, true);
  }

  /**
   * One network that was trained.
   *
   * @param mixers the distinct token mixers in order of use, joined by ' · '
   */
  public record Row(
      TrialId trial,
      String study,
      String data,
      String architectureId,
      String mixers,
      double validationAccuracy,
      long multiplyAdds,
      long parameters,
      double seconds) {}
}
