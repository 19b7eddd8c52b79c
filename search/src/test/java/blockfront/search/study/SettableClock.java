package blockfront.search.study;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** Stands still until it is moved. */
final class SettableClock extends Clock {

  private volatile Instant now = Instant.parse("2030-01-02T03:04:05Z");
  private volatile long nanoTime;

  synchronized void advance(Duration duration) {
    now = now.plus(duration);
    nanoTime += duration.toNanos();
  }

  /** While the machine sleeps, the time of day goes on and nothing else does. */
  synchronized void sleep(Duration duration) {
    now = now.plus(duration);
  }

  TrialClock ofTrials() {
    return new TrialClock(this, () -> nanoTime);
  }

  @Override
  public Instant instant() {
    return now;
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    throw new UnsupportedOperationException("Only instants are asked for");
  }
}
