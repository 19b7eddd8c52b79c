package blockfront.web.page;

import blockfront.search.study.WeightFiles;
import blockfront.search.trial.TrialId;
import java.nio.file.Path;

/**
 * Where trained weights are.
 *
 * @param path of the folder
 */
public record WeightsFolder(Path path) {

  public Path of(TrialId trial) {
    return new WeightFiles(path).of(trial);
  }

  /** Those of a final training. */
  public Path of(TrialId trial, int run) {
    return new WeightFiles(path).of(trial, run);
  }
}
