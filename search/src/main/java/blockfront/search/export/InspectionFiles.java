package blockfront.search.export;

import blockfront.search.study.InspectionJson;
import blockfront.search.trial.Inspection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What probes saw, beside a study that is kept as files: {@code inspection/7.json} of trial 7. */
public final class InspectionFiles {

  private InspectionFiles() {}

  /** Of a trial, if it was looked into. */
  public static Optional<Inspection> read(Path folder, int number) {
    Path file = file(folder, number);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(InspectionJson.read(Files.readString(file)));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'%s': %s".formatted(file, e.getMessage()), e);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read '%s'".formatted(file), e);
    }
  }

  /** Keeps that of a trial, in place of what was there. */
  public static void write(Path folder, int number, Inspection inspection) {
    Path file = file(folder, number);
    try {
      Files.createDirectories(file.resolveSibling("."));
      StudyFiles.replace(file, InspectionJson.write(inspection) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write to '%s'".formatted(file), e);
    }
  }

  private static Path file(Path folder, int number) {
    return folder.resolve("inspection").resolve(number + ".json");
  }
}
