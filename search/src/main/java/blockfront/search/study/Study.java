package blockfront.search.study;

import java.time.Duration;
import java.time.Instant;

/**
 * A study as the store knows it.
 *
 * @param message why it is in its state, for people; empty if there is nothing to say
 * @param searched time of searching so far, pauses and downtime not counted
 * @param duplicates how often the strategy drew what it had proposed before, and drew anew
 */
public record Study(
    long id,
    StudyPlan plan,
    StudyState state,
    String message,
    Instant created,
    Duration searched,
    long duplicates) {}
