package blockfront.search.study;

import blockfront.search.trial.TrialId;

/**
 * Told after a fact is stored. A hint: readers read the store again, and a lost event costs a
 * moment, never a wrong picture.
 */
public sealed interface StudyEvent {

  long study();

  record StudyChanged(long study) implements StudyEvent {}

  /** A trial was queued, began, ended, or lost its worker. */
  record TrialChanged(TrialId trial) implements StudyEvent {

    @Override
    public long study() {
      return trial.study();
    }
  }

  record EpochFinished(TrialId trial) implements StudyEvent {

    @Override
    public long study() {
      return trial.study();
    }
  }
}
