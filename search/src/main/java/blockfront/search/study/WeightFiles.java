package blockfront.search.study;

import blockfront.search.trial.TrialId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where trained weights are: {@code folder/study/number.safetensors}, and beside them those of
 * final trainings and the states of trainings that are paused.
 */
public record WeightFiles(Path folder) {

  private static final Logger LOG = LoggerFactory.getLogger(WeightFiles.class);

  /** The weights of a trial, once it is trained. */
  public Path of(TrialId trial) {
    return file(trial, ".safetensors");
  }

  /** The weights of a final training, once it is over. */
  public Path of(TrialId trial, int run) {
    return file(trial, "-final-%d.safetensors".formatted(run));
  }

  /** The state of a training that is paused. */
  Path checkpoint(TrialId trial) {
    return file(trial, ".checkpoint");
  }

  private Path file(TrialId trial, String ending) {
    return of(trial.study()).resolve(trial.number() + ending);
  }

  private Path of(long study) {
    return folder.resolve(String.valueOf(study));
  }

  void deleteCheckpoint(TrialId trial) {
    try {
      Files.deleteIfExists(checkpoint(trial));
    } catch (IOException e) {
      LOG.warn("Cannot delete the checkpoint of trial {}: {}", trial, e.getMessage());
    }
  }

  /** Deletes all of a study. */
  void delete(long study) {
    Path all = of(study);
    if (!Files.isDirectory(all)) {
      return;
    }
    try (var files = Files.walk(all)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      LOG.warn("Cannot delete the weights in '{}': {}", all, e.getMessage());
    }
  }
}
