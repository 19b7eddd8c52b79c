package blockfront.search.export;

import blockfront.search.study.FinalRunJson;
import blockfront.search.study.InspectionJson;
import blockfront.search.trial.FinalTraining;
import blockfront.search.trial.Inspection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/**
 * What is kept of single trials beside a study that is kept as files: {@code final/7.json} of trial
 * 7.
 *
 * @param <T> what is kept
 */
public final class TrialFile<T> {

  /** Further trainings of the same network. */
  public static final TrialFile<FinalTraining> FINAL_TRAINING =
      new TrialFile<>(
          "final",
          text -> new FinalTraining(FinalRunJson.readAll(text)),
          finals -> FinalRunJson.write(finals.runs()));

  /** What probes saw. */
  public static final TrialFile<Inspection> INSPECTION =
      new TrialFile<>("inspection", InspectionJson::read, InspectionJson::write);

  private final String name;
  private final Function<String, T> reader;
  private final Function<T, String> writer;

  private TrialFile(String name, Function<String, T> reader, Function<T, String> writer) {
    this.name = name;
    this.reader = reader;
    this.writer = writer;
  }

  /**
   * Of a trial, if anything is kept.
   *
   * @throws IllegalArgumentException if the file, which is named, holds something else
   */
  public Optional<T> read(Path folder, int number) {
    Path file = file(folder, number);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(reader.apply(Files.readString(file)));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'%s': %s".formatted(file, e.getMessage()), e);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read '%s'".formatted(file), e);
    }
  }

  /** Keeps it, in place of what was there. */
  public void write(Path folder, int number, T value) {
    Path file = file(folder, number);
    try {
      Files.createDirectories(file.resolveSibling("."));
      StudyFiles.replace(file, writer.apply(value) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write to '%s'".formatted(file), e);
    }
  }

  private Path file(Path folder, int number) {
    return folder.resolve(name).resolve(number + ".json");
  }
}
