package blockfront.search.export;

import blockfront.search.study.FinalRunJson;
import blockfront.search.trial.FinalTraining;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Final trainings beside a study that is kept as files: {@code final/7.json} of trial 7. */
public final class FinalFiles {

  private FinalFiles() {}

  /** Those of a trial; none if there is no file. */
  public static FinalTraining read(Path folder, int number) {
    Path file = file(folder, number);
    if (!Files.exists(file)) {
      return new FinalTraining(List.of());
    }
    try {
      return new FinalTraining(FinalRunJson.readAll(Files.readString(file)));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'%s': %s".formatted(file, e.getMessage()), e);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read '%s'".formatted(file), e);
    }
  }

  /** Keeps those of a trial, in place of what was there. */
  public static void write(Path folder, int number, FinalTraining finals) {
    Path file = file(folder, number);
    try {
      Files.createDirectories(file.resolveSibling("."));
      StudyFiles.replace(file, FinalRunJson.write(finals.runs()) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write to '%s'".formatted(file), e);
    }
  }

  private static Path file(Path folder, int number) {
    return folder.resolve("final").resolve(number + ".json");
  }
}
