package blockfront.search.trial;

/**
 * Names a trial.
 *
 * @param study id of the study
 * @param number 1 for the first trial of the study
 */
public record TrialId(long study, int number) {

  @Override
  public String toString() {
    return study + "/" + number;
  }
}
