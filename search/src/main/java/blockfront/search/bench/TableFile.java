package blockfront.search.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * A CSV file with a header: fields apart by comma, semicolon or tab, in quotes where they need to
 * be.
 */
final class TableFile {

  private static final List<Character> SEPARATORS = List.of(',', ';', '\t');
  private static final char BYTE_ORDER_MARK = '\ufeff';
  private static final int LONGEST_HEADER = 1 << 20; // characters

  /** Takes one row after the other. */
  interface Rows {

    /**
     * One row.
     *
     * @param line of the file where it ends, from 1
     * @param values of the columns that were asked for, without blanks around them
     */
    void row(long line, List<String> values);
  }

  private final Path file;

  private TableFile(Path file) {
    this.file = file;
  }

  /**
   * Reads some columns of a file row by row.
   *
   * @param columns as the header names them
   * @throws IllegalArgumentException if the file cannot be read, is no table, has no row, or not
   *     each of the columns once; in one line
   */
  static void read(Path file, List<String> columns, Rows rows) {
    var table = new TableFile(file);
    try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      table.read(reader, columns, rows);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("Table '%s' does not exist".formatted(file), e);
    } catch (UncheckedIOException e) {
      throw table.unreadable(Objects.requireNonNullElse(e.getCause(), e));
    } catch (IOException e) {
      throw table.unreadable(e);
    }
  }

  private IllegalArgumentException unreadable(Throwable e) {
    String why =
        switch (e) {
          case CharacterCodingException _ -> "is not UTF-8 text";
          case CSVException broken -> "is no CSV file: " + broken.getMessage();
          default -> "cannot be read: " + e.getMessage();
        };
    return new IllegalArgumentException("Table '%s' %s".formatted(file, why), e);
  }

  private void read(BufferedReader reader, List<String> columns, Rows rows) throws IOException {
    reader.mark(1);
    if (reader.read() != BYTE_ORDER_MARK) {
      reader.reset();
    }
    reader.mark(LONGEST_HEADER);
    String first = Stream.ofNullable(reader.readLine()).findFirst().orElse("");
    if (first.isBlank()) {
      throw new IllegalArgumentException("Table '%s' has no header line".formatted(file));
    }
    reader.reset();
    CSVFormat format =
        CSVFormat.DEFAULT
            .builder()
            .setDelimiter(separator(first))
            .setIgnoreSurroundingSpaces(true)
            .get();
    try (CSVParser parser = format.parse(reader)) {
      Iterator<CSVRecord> records = parser.iterator();
      List<String> header = records.next().stream().map(String::strip).toList();
      List<Integer> places = columns.stream().map(name -> place(name, header)).toList();
      boolean any = false;
      while (records.hasNext()) {
        CSVRecord row = records.next();
        if (row.size() == 1 && row.get(0).isBlank()) {
          continue;
        }
        long line = parser.getCurrentLineNumber();
        if (row.size() != header.size()) {
          throw new IllegalArgumentException(
              "Table '%s', line %d: %d fields, the header has %d"
                  .formatted(file, line, row.size(), header.size()));
        }
        rows.row(line, places.stream().map(place -> row.get(place).strip()).toList());
        any = true;
      }
      if (!any) {
        throw new IllegalArgumentException("Table '%s' has no rows".formatted(file));
      }
    }
  }

  /** Where a column is; others may have the same name. */
  private int place(String name, List<String> header) {
    int place = header.indexOf(name);
    if (place < 0) {
      throw new IllegalArgumentException(
          "Table '%s' has no column '%s'; it has %s".formatted(file, name, header));
    }
    if (Collections.frequency(header, name) > 1) {
      throw new IllegalArgumentException(
          "Table '%s' names a column twice: '%s'".formatted(file, name));
    }
    return place;
  }

  /** What stands most often between the names of a header; the comma if none does. */
  private static char separator(String header) {
    String unquoted = header.replaceAll("\"[^\"]*\"", "");
    return Collections.max(
        SEPARATORS.reversed(),
        Comparator.comparing(separator -> unquoted.chars().filter(c -> c == separator).count()));
  }
}
