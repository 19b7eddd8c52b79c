package blockfront.search.study;

import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialState;
import java.time.Clock;
import java.time.Instant;
import java.util.function.LongSupplier;

/**
 * Gives times of which each is later than those before, though the clock may stand still or be set
 * back: the times of trials say in which order a strategy was asked and told. Belongs to the
 * studies' thread.
 */
final class TrialClock {

  private final Clock clock;
  private final LongSupplier nanoTime;
  private Instant last = Instant.MIN;

  /**
   * With the time of day from one clock and durations from another.
   *
   * @param nanoTime as {@link System#nanoTime}: nobody sets it, and on Linux and macOS it stands
   *     still while the machine sleeps
   */
  TrialClock(Clock clock, LongSupplier nanoTime) {
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  Instant now() {
    Instant now = clock.instant();
    last = now.isAfter(last) ? now : last.plusNanos(1);
    return last;
  }

  /** What the clock says. */
  Instant instant() {
    return clock.instant();
  }

  /** Nanoseconds since some time, for durations. */
  long nanoTime() {
    return nanoTime.getAsLong();
  }

  /** Gives no time before what is stored of a trial. */
  void notBefore(Trial trial) {
    Instant latest =
        switch (trial.state()) {
          case TrialState.Finished finished -> finished.at();
          case TrialState.Paused paused -> paused.since();
          case TrialState.Queued _, TrialState.Running _ -> trial.created();
        };
    last = latest.isAfter(last) ? latest : last;
  }
}
