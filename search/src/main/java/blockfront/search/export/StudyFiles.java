package blockfront.search.export;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.network.Architecture;
import blockfront.search.data.DataSet;
import blockfront.search.data.DataSets;
import blockfront.search.space.ArchitectureJson;
import blockfront.search.space.JsonReader;
import blockfront.search.study.Imported;
import blockfront.search.study.Leaderboard;
import blockfront.search.study.ParetoFront;
import blockfront.search.study.StudyPlan;
import blockfront.search.study.StudyPlanJson;
import blockfront.search.trial.Deployment;
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
  private static final CSVFormat FORM = CSVFormat.DEFAULT.builder().setRecordSeparator('\n').get();
  private static final String TRIALS = "trials.csv";
  private static final String VALIDATION = "validation";
  private static final String TEST = "test";
  private static final String DATA_HASH = "dataHash";
  private static final String STATE = "state";
  private static final String TRAINED = "trained"; // see Trial.status
  private static final String FRONT = "front.csv";
  private static final String ONNX_SCORE = "onnxTestScore";

  private static final List<Column> MORE_TRIAL_COLUMNS =
      List.of(
          new Column(STATE, Trial::status),
          new Column("detail", Trial::detail),
          new Column("epochs", measured(Measurement::epochs)),
          new Column("seconds", measured(Measurement::seconds)),
          new Column("latencyMillis", measuredPerhaps(Measurement::latencyMillis)),
          new Column("stateBytes", measuredPerhaps(Measurement::stateBytes)),
          new Column("int8ValidationDrop", measuredPerhaps(Measurement::int8Drop)),
          new Column("created", trial -> trial.created().toString()),
          new Column("measured", trial -> trial.measuredAt().map(String::valueOf).orElse("")),
          new Column("seed", trial -> provenance(trial, p -> String.valueOf(p.seed()))),
          new Column(DATA_HASH, trial -> provenance(trial, p -> p.dataHash())),
          new Column("costRules", trial -> provenance(trial, p -> String.valueOf(p.costRules()))),
          new Column("version", trial -> provenance(trial, p -> p.version())),
          new Column("machine", trial -> provenance(trial, p -> p.machine())),
          new Column(
              "parent",
              trial -> provenance(trial, p -> p.parent().map(String::valueOf).orElse(""))),
          new Column(ONNX_SCORE, deployed(d -> d.float32().testScore())),
          new Column("onnxMilliseconds", deployed(d -> d.float32().milliseconds())),
          new Column("onnxBytes", deployed(d -> d.float32().bytes())),
          new Column("int8TestScore", deployed(d -> d.int8().testScore())),
          new Column("int8Milliseconds", deployed(d -> d.int8().milliseconds())),
          new Column("int8Bytes", deployed(d -> d.int8().bytes())),
          new Column("int8Drop", deployed(Deployment::drop)),
          new Column("architecture", trial -> ArchitectureJson.write(trial.architecture())));

  /** A column of a CSV file. */
  private record Column(String name, Function<Trial, String> value) {}

  /**
   * A trial that was read from {@code trials.csv}.
   *
   * @param number of the trial in its study
   * @param status how it ended, in a word or two
   * @param measurement without the confusion matrix; empty if it was not measured
   * @param provenance without the worker
   */
  public record Listed(
      int number,
      Architecture architecture,
      String status,
      Optional<Measurement> measurement,
      Optional<Provenance> provenance,
      Optional<Deployment> deployment) {}

  private StudyFiles() {}

  /** Columns of scores are named by the metric: {@code validationAccuracy}. */
  private static List<Column> frontColumns(Metric metric) {
    return List.of(
        new Column("trial", trial -> String.valueOf(trial.id().number())),
        new Column("architectureId", Trial::architectureId),
        new Column("mixers", trial -> Leaderboard.mixers(trial.architecture())),
        new Column(metric.column(VALIDATION), measured(Measurement::validationScore)),
        new Column("validationLoss", measured(Measurement::validationLoss)),
        new Column(metric.column(TEST), measured(Measurement::testScore)),
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
      replace(folder.resolve(FRONT), csv(frontColumns(metric), front.points()));
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
      node.put(measurement.metric().column(TEST), measurement.testScore());
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
   * What the networks of a {@code trials.csv} showed that were trained to the end: what others
   * showed on the way says too little.
   *
   * @param data what they are to be compared on
   * @throws IllegalArgumentException if there is no such file, a line of it is broken, or its
   *     scores are impossible or of other data, where it says of which
   */
  public static List<Imported> imported(Path file, DataSet data, Catalogue catalogue) {
    return records(file, record -> imported(record, file, data, catalogue)).stream()
        .flatMap(Optional::stream)
        .toList();
  }

  private static Optional<Imported> imported(
      CSVRecord record, Path file, DataSet data, Catalogue catalogue) {
    try {
      Optional<Measurement> trained =
          measurement(record).filter(_ -> record.get(STATE).equals(TRAINED));
      if (trained.isPresent()) {
        requireSame(record, data);
        requirePossible(data.metric().column(VALIDATION), trained.get().validationScore(), data);
        requirePossible(data.metric().column(TEST), trained.get().testScore(), data);
      }
      return trained.map(
          measured ->
              new Imported(ArchitectureJson.read(record.get("architecture"), catalogue), measured));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'%s' line %d: %s".formatted(file, record.getRecordNumber() + 1, e.getMessage()), e);
    }
  }

  private static void requireSame(CSVRecord record, DataSet data) {
    if (metric(record) != data.metric()) {
      throw new IllegalArgumentException(
          "wanted %s, as of the data '%s', got %s"
              .formatted(data.metric().title(), data.name(), metric(record).title()));
    }
    if (has(record, DATA_HASH) && !record.get(DATA_HASH).equals(data.hash())) {
      throw new IllegalArgumentException(
          "wanted scores of the data '%s' (SHA-256 %s), got those of other data (%s)"
              .formatted(data.name(), data.hash(), record.get(DATA_HASH)));
    }
  }

  private static void requirePossible(String column, double score, DataSet data) {
    double most = data.metric() == Metric.ACCURACY ? 1 : Double.POSITIVE_INFINITY;
    if (!(score >= 0 && score <= most)) {
      throw new IllegalArgumentException(
          "%s must be from 0 to %s, got %s".formatted(column, most, score));
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
    try (CSVParser parser = parser(file)) {
      return parser.stream().map(read).toList();
    } catch (CSVException | UncheckedIOException | IllegalStateException e) {
      throw new IllegalArgumentException(
          "'%s' is no CSV file: %s".formatted(file, e.getMessage()), e);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read '%s'".formatted(file), e);
    }
  }

  /**
   * The numbers of the trials on the front of a folder that {@link #write} wrote, the cheapest
   * first.
   *
   * @throws IllegalArgumentException if there is no such file, or it is broken
   */
  public static List<Integer> readFront(Path folder) {
    Path file = folder.resolve(FRONT);
    try (CSVParser parser = parser(file)) {
      return parser.stream().map(record -> Integer.valueOf(record.get("trial"))).toList();
    } catch (CSVException | UncheckedIOException | IllegalStateException e) {
      throw new IllegalArgumentException(
          "'%s' is no CSV file: %s".formatted(file, e.getMessage()), e);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'%s': %s".formatted(file, e.getMessage()), e);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read '%s'".formatted(file), e);
    }
  }

  /**
   * Fills in what the exported models of a trial showed.
   *
   * @throws IllegalArgumentException if there is no such file or trial
   */
  public static void keep(Path folder, int number, Deployment deployment) {
    Path file = folder.resolve(TRIALS);
    var text = new StringBuilder();
    boolean found = false;
    try (CSVParser parser = parser(file);
        var printer = new CSVPrinter(text, FORM)) {
      List<String> names = parser.getHeaderNames();
      printer.printRecord(names);
      for (CSVRecord record : parser) {
        boolean here = record.get("trial").equals(String.valueOf(number));
        found |= here;
        for (String name : names) {
          Optional<String> figure = here ? figure(name, deployment) : Optional.empty();
          printer.print(figure.orElse(record.get(name)));
        }
        printer.println();
      }
      if (found) {
        replace(file, text.toString());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write to '%s'".formatted(file), e);
    }
    if (!found) {
      throw new IllegalArgumentException("No trial %d in '%s'".formatted(number, folder));
    }
  }

  private static Optional<String> figure(String column, Deployment deployment) {
    Object figure =
        switch (column) {
          case ONNX_SCORE -> deployment.float32().testScore();
          case "onnxMilliseconds" -> deployment.float32().milliseconds();
          case "onnxBytes" -> deployment.float32().bytes();
          case "int8TestScore" -> deployment.int8().testScore();
          case "int8Milliseconds" -> deployment.int8().milliseconds();
          case "int8Bytes" -> deployment.int8().bytes();
          case "int8Drop" -> deployment.drop();
          default -> "";
        };
    return Optional.of(String.valueOf(figure)).filter(text -> !text.isEmpty());
  }

  private static CSVParser parser(Path file) throws IOException {
    String text;
    try {
      text = Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("There is no '%s'".formatted(file), e);
    } catch (MalformedInputException e) {
      throw new IllegalArgumentException("'%s' is not text".formatted(file), e);
    }
    return CSVFormat.DEFAULT
        .builder()
        .setHeader()
        .setSkipHeaderRecord(true)
        .get()
        .parse(new StringReader(text));
  }

  private static Listed listed(CSVRecord record, Path file, Catalogue catalogue) {
    try {
      return new Listed(
          Integer.parseInt(record.get("trial")),
          ArchitectureJson.read(record.get("architecture"), catalogue),
          record.get(STATE),
          measurement(record),
          has(record, "seed") ? Optional.of(provenance(record)) : Optional.empty(),
          has(record, ONNX_SCORE) ? Optional.of(deployment(record)) : Optional.empty());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'%s' line %d: %s".formatted(file, record.getRecordNumber() + 1, e.getMessage()), e);
    }
  }

  private static boolean has(CSVRecord record, String column) {
    return record.isMapped(column) && !record.get(column).isEmpty();
  }

  private static Metric metric(CSVRecord record) {
    return Arrays.stream(Metric.values())
        .filter(metric -> record.isMapped(metric.column(VALIDATION)))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no column of validation scores"));
  }

  private static Optional<Measurement> measurement(CSVRecord record) {
    Metric metric = metric(record);
    return has(record, metric.column(VALIDATION))
        ? Optional.of(
            new Measurement(
                metric,
                Double.parseDouble(record.get(metric.column(VALIDATION))),
                Double.parseDouble(record.get("validationLoss")),
                Double.parseDouble(record.get(metric.column(TEST))),
                Integer.parseInt(record.get("epochs")),
                Double.parseDouble(record.get("seconds")),
                number(record, "latencyMillis"),
                number(record, "stateBytes").map(Double::longValue),
                number(record, "int8ValidationDrop"),
                List.of()))
        : Optional.empty();
  }

  private static Optional<Double> number(CSVRecord record, String column) {
    return has(record, column) ? Optional.of(Double.valueOf(record.get(column))) : Optional.empty();
  }

  private static Provenance provenance(CSVRecord record) {
    return new Provenance(
        Long.parseLong(record.get("seed")),
        record.get(DATA_HASH),
        Integer.parseInt(record.get("costRules")),
        record.get("version"),
        record.get("machine"),
        "",
        number(record, "parent").map(Double::intValue));
  }

  private static Deployment deployment(CSVRecord record) {
    return new Deployment(
        metric(record),
        new Deployment.Model(
            Double.parseDouble(record.get(ONNX_SCORE)),
            Double.parseDouble(record.get("onnxMilliseconds")),
            Long.parseLong(record.get("onnxBytes"))),
        new Deployment.Model(
            Double.parseDouble(record.get("int8TestScore")),
            Double.parseDouble(record.get("int8Milliseconds")),
            Long.parseLong(record.get("int8Bytes"))));
  }

  private static String csv(List<Column> columns, List<Trial> trials) {
    var text = new StringBuilder();
    try (var printer = new CSVPrinter(text, FORM)) {
      printer.printRecord(columns.stream().map(Column::name));
      for (Trial trial : trials) {
        printer.printRecord(columns.stream().map(column -> column.value().apply(trial)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Text in memory cannot fail", e);
    }
    return text.toString();
  }

  static void replace(Path file, String text) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(fresh, text);
    Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  private static Function<Trial, String> measured(Function<Measurement, ?> figure) {
    return trial -> trial.measurement().map(figure).map(String::valueOf).orElse("");
  }

  private static <T> Function<Trial, String> measuredPerhaps(
      Function<Measurement, Optional<T>> figure) {
    return trial -> trial.measurement().flatMap(figure).map(String::valueOf).orElse("");
  }

  private static Function<Trial, String> deployed(Function<Deployment, ?> figure) {
    return trial -> trial.deployment().map(figure).map(String::valueOf).orElse("");
  }

  private static String provenance(Trial trial, Function<Provenance, String> figure) {
    return trial.provenance().map(figure).orElse("");
  }
}
