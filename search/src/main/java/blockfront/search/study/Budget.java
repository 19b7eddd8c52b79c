package blockfront.search.study;

import java.time.Duration;
import java.util.Optional;

/**
 * When a study ends; whichever comes first.
 *
 * @param trials networks trained, failures included
 * @param time of searching, pauses not counted
 */
public record Budget(Optional<Integer> trials, Optional<Duration> time) {

  public Budget {
    if (trials.isEmpty() && time.isEmpty()) {
      throw new IllegalArgumentException("Budget needs a number of trials, a time, or both");
    }
    trials.ifPresent(
        count -> {
          if (count < 1) {
            throw new IllegalArgumentException("Budget needs at least 1 trial, got " + count);
          }
        });
    time.ifPresent(
        duration -> {
          if (!duration.isPositive()) {
            throw new IllegalArgumentException("Budget needs a positive time, got " + duration);
          }
        });
  }

  public static Budget ofTrials(int trials) {
    return new Budget(Optional.of(trials), Optional.empty());
  }
}
