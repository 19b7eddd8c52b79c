package blockfront.search.study;

import blockfront.search.trial.TrialId;
import java.util.List;
import java.util.function.Consumer;

/**
 * Starts, steers and ends studies; what the pages and the command line talk to.
 *
 * <p>Reading is the {@link StudyStore}'s. Safe for use by many threads.
 */
public interface StudyService extends AutoCloseable {

  /**
   * Begins a study.
   *
   * @throws IllegalArgumentException if the plan cannot be followed: unknown data, blocks or
   *     strategy, or limits that no network of the space keeps; nothing is stored then
   */
  default Study start(StudyPlan plan) {
    return start(plan, List.of());
  }

  /**
   * As {@link #start(StudyPlan)}, knowing what some networks showed elsewhere: those of them that
   * the plan starts with, or that are proposed, are not trained again.
   */
  Study start(StudyPlan plan, List<Imported> known);

  /** Running trials end, no new ones begin; nothing if it is not running. */
  void pause(long study);

  void resume(long study);

  /** Ends the study for good: its running trials are cancelled. */
  void stop(long study);

  /** Ends one trial, queued or running. */
  void cancel(TrialId trial);

  /**
   * Trains a network that a study found to the end, with several seeds: before anything else, as
   * soon as slots are free. The study goes on without knowing of it.
   *
   * @throws IllegalArgumentException if there is no such network, it was not trained by its study,
   *     or earlier final trainings of it have not ended
   */
  void trainFinal(TrialId trial, FinalPlan plan);

  /** Ends the final trainings of a network that wait or run. */
  void cancelFinal(TrialId trial);

  /**
   * Goes on with every study that was running when the process last ended, and with final
   * trainings.
   */
  void recover();

  /** Forgets a study that has ended, its weights too. */
  boolean delete(long study);

  /** Told of every event, on the thread that stored it; close to end. */
  Subscription subscribe(Consumer<StudyEvent> listener);

  /** Ends a subscription. */
  interface Subscription extends AutoCloseable {
    @Override
    void close();
  }

  /** Ends all trainings; studies that run stay running in the store. */
  @Override
  void close();
}
