package blockfront.search.study;

import blockfront.blocks.cost.Cost;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.spi.Choice;
import blockfront.search.trial.FinalTraining;
import blockfront.search.trial.Inspection;
import blockfront.search.trial.Metric;
import blockfront.search.trial.TrialId;
import java.util.Optional;
import java.util.stream.Collectors;

/** The best networks over all studies, a page at a time. */
public final class Leaderboard {

  private Leaderboard() {}

  /** The distinct token mixers of a network in order of use, joined by ' · '. */
  public static String mixers(Architecture architecture) {
    return architecture.stages().stream()
        .flatMap(stage -> stage.layers().stream())
        .flatMap(layer -> layer.mixer().stream())
        .map(Choice::id)
        .distinct()
        .collect(Collectors.joining(" · "));
  }

  /** What a page of the leaderboard is ordered by. */
  public enum Column {
    VALIDATION_SCORE,
    MULTIPLY_ADDS,
    PARAMETERS,
    SECONDS,
    STUDY,
    TRIAL
  }

  /**
   * Which rows, in which order.
   *
   * @param metric only of studies that go by it
   * @param data only of this data set
   * @param text only rows whose study name, architecture id or mixers contain it, case ignored
   * @param maxMultiplyAdds only networks that cost at most this
   */
  public record Query(
      Metric metric,
      Optional<String> data,
      Optional<String> text,
      Optional<Long> maxMultiplyAdds,
      Column order,
      boolean descending) {

    /** The most accurate first. */
    public static final Query BEST = best(Metric.ACCURACY);

    /** All that were judged by a metric, the best first. */
    public static Query best(Metric metric) {
      return new Query(
          metric,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Column.VALIDATION_SCORE,
          metric.higherIsBetter());
    }
  }

  /**
   * One network that was trained.
   *
   * @param mixers see {@link Leaderboard#mixers}
   * @param stateBytes that it keeps from token to token; older studies do not know
   * @param activity measured spikes and products of one answer, if probes looked
   * @param int8Drop test accuracy that quantisation costs, once it is measured
   * @param finalTest test accuracy of the final trainings over seeds, if there were any
   */
  public record Row(
      TrialId trial,
      String study,
      String data,
      String architectureId,
      String mixers,
      Metric metric,
      double validationScore,
      Cost cost,
      Optional<Long> stateBytes,
      Optional<Inspection.Activity> activity,
      double seconds,
      Optional<Double> int8Drop,
      Optional<FinalTraining.Spread> finalTest) {}
}
