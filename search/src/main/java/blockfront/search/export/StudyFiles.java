package blockfront.search.export;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.network.Architecture;
import blockfront.search.data.DataSets;
import blockfront.search.space.ArchitectureJson;
import blockfront.search.space.JsonReader;
import blockfront.search.study.Imported;
import blockfront.search.study.Leaderboard;
import blockfront.search.study.ParetoFront;
import blockfront.search.study.StudyPlan;
import blockfront.search.study.StudyPlanJson;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Metric;
import blockfront.search.trial.Provenance;
import blockfront.search.trial.Trial;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.CSVRecord;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A study as files: {@code plan.json}, {@code trials.csv}, {@code front.csv} and {@code
 * front.json}.
 *
 * <p>The front's files hold nothing that depends on the machine's speed: the same search gives the
 * same files. Each is replaced as a whole, so that a reader never sees half of one.
 */
public final class StudyFiles {

  private static final JsonMapper JSON = new JsonMapper();
  private static final String TRIALS = "trials.csv";
  private static final String VALIDATION = "validation";

  private static final List<Column> MORE_TRIAL_COLUMNS =
      List.of(
          new Column("state", Trial::status),
          new Column("detail", Trial::detail),
          new Column("epochs", measured(Measurement::epochs)),
          new Column("seconds", measured(Measurement::seconds)),
          new Column(
              "latencyMillis",
              trial ->
                  trial
                      .measurement()
                      .flatMap(Measurement::latencyMillis)
                      .map(String::valueOf)
                      .orElse("")),
          new Column(
              "stateBytes",
              trial ->
                  trial
                      .measurement()
                      .flatMap(Measurement::stateBytes)
                      .map(String::valueOf)
                      .orElse("")),
          new Column("created", trial -> trial.created().toString()),
          new Column("measured", trial -> trial.measuredAt().map(String::valueOf).orElse("")),
          new Column("seed", trial -> provenance(trial, p -> String.valueOf(p.seed()))),
          new Column("dataHash", trial -> provenance(trial, p -> p.dataHash())),
          new Column("costRules", trial -> provenance(trial, p -> String.valueOf(p.costRules()))),
          new Column("version", trial -> provenance(trial, p -> p.version())),
          new Column("machine", trial -> provenance(trial, p -> p.machine())),
          new Column("architecture", trial -> ArchitectureJson.write(trial.architecture())));

  /** A column of a CSV file. */
  private record Column(String name, Function<Trial, String> value) {}

  /**
   * A trial that was read from {@code trials.csv}.
   *
   * @param number of the trial in its study
   * @param validationScore by the metric of the study; empty if it was not measured
   */
  public record Listed(int number, Architecture architecture, Optional<Double> validationScore) {}

  private StudyFiles() {}

  /** Columns of scores are named by the metric: {@code validationAccuracy}. */
  private static List<Column> frontColumns(Metric metric) {
    return List.of(
        new Column("trial", trial -> String.valueOf(trial.id().number())),
        new Column("architectureId", Trial::architectureId),
        new Column("mixers", trial -> Leaderboard.mixers(trial.architecture())),
        new Column(metric.column(VALIDATION), measured(Measurement::validationScore)),
        new Column("validationLoss", measured(Measurement::validationLoss)),
        new Column(metric.column("test"), measured(Measurement::testScore)),
        new Column("multiplyAdds", trial -> String.valueOf(trial.cost().multiplyAdds())),
        new Column("flops", trial -> String.valueOf(trial.cost().flops())),
        new Column("parameters", trial -> String.valueOf(trial.cost().parameters())),
        new Column("fourier", trial -> String.valueOf(trial.cost().fourier())),
        new Column("elementwise", trial -> String.valueOf(trial.cost().elementwise())),
        new Column("softmax", trial -> String.valueOf(trial.cost().softmax())),
        new Column("peakActivations", trial -> String.valueOf(trial.cost().peakActivations())));
  }

  /** By what trials were judged: all of a study by one; accuracy if none was. */
  private static Metric metric(List<Trial> trials) {
    return trials.stream()
        .flatMap(trial -> trial.measurement().stream())
        .findFirst()
        .map(Measurement::metric)
        .orElse(Metric.ACCURACY);
  }

  /**
   * Writes all four files.
   *
   * @param folder made if it is missing
   * @throws UncheckedIOException if it cannot be written to
   */
  public static void write(Path folder, StudyPlan plan, List<Trial> trials) {
    ParetoFront front = ParetoFront.of(trials, plan.aims());
    Metric metric = DataSets.metric(plan.data());
    try {
      Files.createDirectories(folder);
      replace(folder.resolve("plan.json"), StudyPlanJson.write(plan) + "\n");
      replace(folder.resolve(TRIALS), trialsCsv(metric, trials));
      replace(folder.resolve("front.csv"), csv(frontColumns(metric), front.points()));
      replace(folder.resolve("front.json"), frontJson(front) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write the study to '%s'".formatted(folder), e);
    }
  }

  /** All trials, one a line, in order of their numbers. */
  public static String trialsCsv(List<Trial> trials) {
    return trialsCsv(metric(trials), trials);
  }

  private static String trialsCsv(Metric metric, List<Trial> trials) {
    return csv(
        Stream.concat(frontColumns(metric).stream(), MORE_TRIAL_COLUMNS.stream()).toList(), trials);
  }

  /** The front, the cheapest first. */
  public static String frontCsv(ParetoFront front) {
    return csv(frontColumns(metric(front.points())), front.points());
  }

  /** A list of networks with their figures, the cheapest first, on several lines. */
  public static String frontJson(ParetoFront front) {
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(frontNode(front));
  }

  /** As {@link #frontJson}, to be part of another document. */
  public static ArrayNode frontNode(ParetoFront front) {
    ArrayNode list = JSON.createArrayNode();
    for (Trial trial : front.points()) {
      Measurement measurement = trial.measurement().orElseThrow();
      ObjectNode node = list.addObject();
      node.put("trial", trial.id().number());
      node.put("architectureId", trial.architectureId());
      node.put(measurement.metric().column(VALIDATION), measurement.validationScore());
      node.put("validationLoss", measurement.validationLoss());
      node.put(measurement.metric().column("test"), measurement.testScore());
      node.put("multiplyAdds", trial.cost().multiplyAdds());
      node.put("flops", trial.cost().flops());
      node.put("parameters", trial.cost().parameters());
      node.set("architecture", ArchitectureJson.node(trial.architecture()));
    }
    return list;
  }

  /**
   * The trials of a folder that {@link #write} wrote.
   *
   * @throws IllegalArgumentException if there is no such file, or a line of it is broken
   */
  public static List<Listed> read(Path folder, Catalogue catalogue) {
    Path file = folder.resolve(TRIALS);
    return records(file, record -> listed(record, file, catalogue));
  }

  /**
   * What the networks of a {@code trials.csv} showed, those without a measurement left out.
   *
   * @throws IllegalArgumentException if there is no such file, or a line of it is broken
   */
  public static List<Imported> imported(Path file, Catalogue catalogue) {
    return records(file, record -> imported(record, file, catalogue)).stream()
        .flatMap(Optional::stream)
        .toList();
  }

  private static Optional<Imported> imported(CSVRecord record, Path file, Catalogue catalogue) {
    try {
      Metric metric =
          Arrays.stream(Metric.values())
              .filter(each -> record.isMapped(each.column(VALIDATION)))
              .findFirst()
              .orElseThrow(() -> new IllegalArgumentException("no column of validation scores"));
      if (record.get(metric.column(VALIDATION)).isEmpty()) {
        return Optional.empty();
      }
      String latency = record.isMapped("latencyMillis") ? record.get("latencyMillis") : "";
      String state = record.isMapped("stateBytes") ? record.get("stateBytes") : "";
      return Optional.of(
          new Imported(
              ArchitectureJson.read(record.get("architecture"), catalogue),
              new Measurement(
                  metric,
                  Double.parseDouble(record.get(metric.column(VALIDATION))),
                  Double.parseDouble(record.get("validationLoss")),
                  Double.parseDouble(record.get(metric.column("test"))),
                  Integer.parseInt(record.get("epochs")),
                  Double.parseDouble(record.get("seconds")),
                  Optional.of(latency).filter(text -> !text.isEmpty()).map(Double::valueOf),
                  Optional.of(state).filter(text -> !text.isEmpty()).map(Long::valueOf),
                  List.of())));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'%s' line %d: %s".formatted(file, record.getRecordNumber() + 1, e.getMessage()), e);
    }
  }

  /**
   * The networks of a {@code front.json}, or the one network of a file.
   *
   * @throws IllegalArgumentException if the text is neither, saying where
   */
  public static List<Architecture> networks(String text, Catalogue catalogue) {
    JsonReader document = JsonReader.of(text);
    List<JsonReader> entries = document.isList() ? document.elements() : List.of(document);
    return entries.stream()
        .map(entry -> ArchitectureJson.read(entry.find("architecture").orElse(entry), catalogue))
        .toList();
  }

  private static <T> List<T> records(Path file, Function<CSVRecord, T> read) {
    String text;
    try {
      text = Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("There is no '%s'".formatted(file), e);
    } catch (MalformedInputException e) {
      throw new IllegalArgumentException("'%s' is not text".formatted(file), e);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read '%s'".formatted(file), e);
    }
    var format = CSVFormat.DEFAULT.builder().setHeader().setSkipHeaderRecord(true).get();
    try (CSVParser parser = format.parse(new StringReader(text))) {
      return parser.stream().map(read).toList();
    } catch (CSVException | UncheckedIOException | IllegalStateException e) {
      throw new IllegalArgumentException(
          "'%s' is no CSV file: %s".formatted(file, e.getMessage()), e);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read '%s'".formatted(file), e);
    }
  }

  private static Listed listed(CSVRecord record, Path file, Catalogue catalogue) {
    try {
      String score =
          Arrays.stream(Metric.values())
              .map(metric -> metric.column(VALIDATION))
              .filter(record::isMapped)
              .findFirst()
              .map(record::get)
              .orElseThrow(() -> new IllegalArgumentException("no column of validation scores"));
      return new Listed(
          Integer.parseInt(record.get("trial")),
          ArchitectureJson.read(record.get("architecture"), catalogue),
          score.isEmpty() ? Optional.empty() : Optional.of(Double.valueOf(score)));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'%s' line %d: %s".formatted(file, record.getRecordNumber() + 1, e.getMessage()), e);
    }
  }

  private static String csv(List<Column> columns, List<Trial> trials) {
    var text = new StringBuilder();
    try (var printer =
        new CSVPrinter(text, CSVFormat.DEFAULT.builder().setRecordSeparator('\n').get())) {
      printer.printRecord(columns.stream().map(Column::name));
      for (Trial trial : trials) {
        printer.printRecord(columns.stream().map(column -> column.value().apply(trial)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Text in memory cannot fail", e);
    }
    return text.toString();
  }

  private static void replace(Path file, String text) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(fresh, text);
    Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  private static Function<Trial, String> measured(Function<Measurement, ?> figure) {
    return trial -> trial.measurement().map(figure).map(String::valueOf).orElse("");
  }

  private static String provenance(Trial trial, Function<Provenance, String> figure) {
    return trial.provenance().map(figure).orElse("");
  }
}
