package blockfront.search.study;

/** Whether a study goes on. */
public enum StudyState {
  RUNNING,
  /** By a person: running trials end, no new ones begin. */
  PAUSED,
  /** Its budget is used or its space exhausted. */
  FINISHED,
  /** By a person, for good. */
  STOPPED,
  /** It could not go on; the study's message says why. */
  FAILED;

  public boolean ended() {
    return switch (this) {
      case RUNNING, PAUSED -> false;
      case FINISHED, STOPPED, FAILED -> true;
    };
  }
}
