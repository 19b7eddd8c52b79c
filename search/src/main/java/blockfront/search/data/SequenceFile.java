package blockfront.search.data;

import blockfront.blocks.graph.Shape;
import blockfront.blocks.network.Sequence;
import blockfront.blocks.network.Task;
import blockfront.search.trial.Metric;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * Sequences of one class each, in a CSV file with a header of {@code label} and one of
 *
 * <ul>
 *   <li>{@code tokens}: whole numbers from 0, separated by spaces;
 *   <li>{@code text}: any text, whose bytes in UTF-8 are the tokens;
 *   <li>{@code values}: numbers, separated by spaces; those of one step of several channels are
 *       joined by colons, as in {@code 0.5:1 0.25:2}.
 * </ul>
 *
 * <p>Sequences shorter than the longest are filled up in front with zeros. Class names are the
 * labels in the file, ordered as numbers if all are, else by code unit. The parts are those of
 * {@link Split}.
 */
final class SequenceFile {

  static final String KIND = "sequences";

  private static final List<String> KNOBS = List.of("length");
  private static final List<String> COLUMNS = List.of("tokens", "text", "values");
  private static final int MOST_TOKENS = 65_536;

  /** A line: its class, its numbers one step after the other, and how many each step has. */
  private static final class Line {
    private final String label;
    private final float[] numbers;
    private final int channels;

    Line(String label, float[] numbers, int channels) {
      this.label = label;
      this.numbers = numbers;
      this.channels = channels;
    }

    String label() {
      return label;
    }

    int length() {
      return numbers.length / channels;
    }
  }

  private SequenceFile() {}

  /**
   * Reads the set of a name, {@code sequences:FILE.csv}; with {@code sequences:length=64,FILE.csv}
   * only the last so many steps of each are used.
   *
   * @throws DataException if there is no such file, or a line of it is broken
   */
  static DataSet load(String text) {
    SetName name = SetName.parse(text, KNOBS, true);
    int most = name.whole("length", MOST_TOKENS, 1, MOST_TOKENS);
    Path path = DataSets.file(KIND, name.rest());
    DataFile file = DataFile.read(path);
    List<Line> lines;
    String column;
    try (CSVParser parser =
        CSVFormat.DEFAULT
            .builder()
            .setHeader()
            .setSkipHeaderRecord(true)
            .get()
            .parse(new StringReader(file.text()))) {
      column = column(file, parser.getHeaderNames());
      lines = parser.stream().map(record -> line(file, record, column)).toList();
    } catch (CSVException | UncheckedIOException | IllegalArgumentException e) {
      throw new DataException("%s: is no CSV file: %s".formatted(file.name(), e.getMessage()), e);
    } catch (IOException e) {
      throw new DataException("%s: cannot be read: %s".formatted(file.name(), e), e);
    }
    return set(name, file, column, lines, most, path);
  }

  private static String column(DataFile file, List<String> header) {
    Optional<String> column = COLUMNS.stream().filter(header::contains).findFirst();
    if (!header.contains("label") || column.isEmpty() || header.size() != 2) {
      throw new DataException(
          "%s: wanted a header of 'label' and one of %s, got %s"
              .formatted(file.name(), COLUMNS, header));
    }
    return column.get();
  }

  private static Line line(DataFile file, CSVRecord record, String column) {
    if (!record.isConsistent()) {
      throw broken(file, record, "wanted 2 fields, got " + record.size());
    }
    String text = record.get(column);
    if (text.isBlank()) {
      throw broken(file, record, "wanted a sequence, got nothing");
    }
    String label = record.get("label").strip();
    return switch (column) {
      case "text" -> {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        var numbers = new float[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
          numbers[i] = bytes[i] & 0xFF;
        }
        yield new Line(label, numbers, 1);
      }
      case "tokens" -> new Line(label, tokens(file, record, text), 1);
      default -> values(file, record, label, text);
    };
  }

  private static float[] tokens(DataFile file, CSVRecord record, String text) {
    List<String> words = words(text);
    var numbers = new float[words.size()];
    for (int i = 0; i < numbers.length; i++) {
      String word = words.get(i);
      if (!word.matches("[0-9]{1,5}") || Integer.parseInt(word) >= MOST_TOKENS) {
        throw broken(
            file, record, "wanted tokens from 0 to %d, got '%s'".formatted(MOST_TOKENS - 1, word));
      }
      numbers[i] = Integer.parseInt(word);
    }
    return numbers;
  }

  private static Line values(DataFile file, CSVRecord record, String label, String text) {
    List<String> steps = words(text);
    int channels = steps.getFirst().split(":", -1).length;
    var numbers = new float[steps.size() * channels];
    int at = 0;
    for (String step : steps) {
      List<String> parts = List.of(step.split(":", -1));
      if (parts.size() != channels) {
        throw broken(
            file, record, "wanted %d channels at each step, got '%s'".formatted(channels, step));
      }
      for (String part : parts) {
        numbers[at++] = number(file, record, part);
      }
    }
    return new Line(label, numbers, channels);
  }

  private static float number(DataFile file, CSVRecord record, String text) {
    try {
      float number = Float.parseFloat(text);
      if (Float.isFinite(number)) {
        return number;
      }
    } catch (NumberFormatException e) {
      // told below, with what is not finite
    }
    throw broken(file, record, "wanted a number, got '%s'".formatted(text));
  }

  private static DataSet set(
      SetName name, DataFile file, String column, List<Line> lines, int most, Path path) {
    if (lines.isEmpty()) {
      throw new DataException("%s: wanted a sequence at least, got none".formatted(file.name()));
    }
    int channels = lines.getFirst().channels;
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).channels != channels) {
        throw new DataException(
            "%s, record %d: wanted %d channels as in the first, got %d"
                .formatted(file.name(), i + 1, channels, lines.get(i).channels));
      }
    }
    int length = Math.min(most, lines.stream().mapToInt(Line::length).max().orElse(1));
    List<String> classes = classes(lines);
    Shape shape = column.equals("values") ? Shape.of(length, channels) : Shape.of(length);
    float[] numbers = Examples.roomForNumbers(file.name(), shape, lines.size());
    var labels = new int[lines.size()];
    float greatest = 0;
    for (int i = 0; i < labels.length; i++) {
      float[] from = lines.get(i).numbers;
      int copied = Math.min(from.length, length * channels);
      System.arraycopy(
          from, from.length - copied, numbers, (i + 1) * length * channels - copied, copied);
      labels[i] = classes.indexOf(lines.get(i).label());
      for (float number : from) {
        greatest = Math.max(greatest, number);
      }
    }
    Sequence sequence =
        switch (column) {
          case "values" -> new Sequence.Vectors(length, channels);
          case "text" -> new Sequence.Tokens(length, 256);
          default -> new Sequence.Tokens(length, Math.max(2, (int) greatest + 1));
        };
    if (classes.size() < 2) {
      throw new DataException(
          "%s: wanted examples of at least 2 classes, got %s".formatted(file.name(), classes));
    }
    Examples all = Examples.sequences(sequence.shape(), numbers, labels);
    Split split = Split.of(file.name(), all, Optional.empty(), Optional.empty());
    return DataSet.of(
        name.text(),
        new Task.SequenceClassification(sequence, classes.size()),
        Metric.ACCURACY,
        classes,
        split,
        sequence instanceof Sequence.Vectors ? Normalisation.of(split.train()) : Normalisation.NONE,
        false,
        "not stated",
        path.toString());
  }

  private static List<String> classes(List<Line> lines) {
    List<String> labels = lines.stream().map(Line::label).distinct().toList();
    boolean numbers = labels.stream().allMatch(label -> label.matches("[0-9]{1,9}"));
    Stream<String> sorted =
        numbers
            ? labels.stream().sorted(Comparator.comparingInt(Integer::parseInt))
            : labels.stream().sorted();
    return sorted.toList();
  }

  private static List<String> words(String text) {
    return Arrays.stream(text.strip().split("\\s+", -1)).toList();
  }

  private static DataException broken(DataFile file, CSVRecord record, String wantedAndCame) {
    return new DataException(
        "%s, record %d: %s".formatted(file.name(), record.getRecordNumber(), wantedAndCame));
  }
}
