package blockfront.search.study;

import blockfront.search.trial.Outcome;
import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How far a study is, derived from its trials.
 *
 * @param measured trained to an end
 * @param failed diverged, out of memory, worker lost
 * @param cancelled by a person
 * @param refused over a limit or impossible; not counted against the budget
 * @param paused trained for some epochs, and waiting to be trained on or ended
 * @param share of the budget used, 0 to 1
 * @param remaining time until the budget is used, once something is known
 */
public record Progress(
    int measured,
    int failed,
    int cancelled,
    int refused,
    int running,
    int paused,
    int queued,
    double share,
    Optional<Duration> remaining) {

  /** That of a study with these trials. */
  public static Progress of(Study study, List<Trial> trials) {
    int measured = 0;
    int failed = 0;
    int cancelled = 0;
    int refused = 0;
    int running = 0;
    int paused = 0;
    int queued = 0;
    for (Trial trial : trials) {
      switch (trial.state()) {
        case TrialState.Queued _ -> queued++;
        case TrialState.Running _ -> running++;
        case TrialState.Paused _ -> paused++;
        case TrialState.Finished finished -> {
          switch (finished.outcome()) {
            case Outcome.Trained _, Outcome.StoppedEarly _ -> measured++;
            case Outcome.Cancelled _ -> cancelled++;
            case Outcome.Failed(Outcome.Reason reason, String _) -> {
              if (reason == Outcome.Reason.REFUSED) {
                refused++;
              } else {
                failed++;
              }
            }
          }
        }
      }
    }
    int done = measured + failed + cancelled + paused;
    double byTrials =
        study.plan().budget().trials().map(wanted -> (double) done / wanted).orElse(0.0);
    double byTime =
        study
            .plan()
            .budget()
            .time()
            .map(time -> seconds(study.searched()) / seconds(time))
            .orElse(0.0);
    double share = Math.min(1, Math.max(byTrials, byTime));
    Optional<Duration> remaining =
        share <= 0 || study.state().ended()
            ? Optional.empty()
            : Optional.of(
                Duration.ofMillis(
                    Math.round(1000 * seconds(study.searched()) * (1 - share) / share)));
    return new Progress(
        measured, failed, cancelled, refused, running, paused, queued, share, remaining);
  }

  private static double seconds(Duration duration) {
    return duration.toSeconds() + duration.toNanosPart() / 1e9;
  }
}
