package blockfront.search.bench;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * A CSV file with a header: comma or semicolon, fields in quotes where they need to be.
 *
 * @param rows as many fields as the header in each
 */
record TableFile(Path file, List<String> header, List<List<String>> rows) {

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException if it cannot be read or is no table, in one line
   */
  static TableFile read(Path file) {
    List<String> lines;
    try {
      lines = Files.readAllLines(file, StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("Table '%s' does not exist".formatted(file), e);
    } catch (MalformedInputException e) {
      throw new IllegalArgumentException("Table '%s' is not UTF-8 text".formatted(file), e);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "Table '%s' cannot be read: %s".formatted(file, e.getMessage()), e);
    }
    if (lines.isEmpty() || lines.getFirst().isBlank()) {
      throw new IllegalArgumentException("Table '%s' has no header line".formatted(file));
    }
    String first =
        lines.getFirst().startsWith("\ufeff") ? lines.getFirst().substring(1) : lines.getFirst();
    char separator = first.contains(",") ? ',' : ';';
    List<String> header = fields(first, separator);
    if (new HashSet<>(header).size() < header.size()) {
      throw new IllegalArgumentException(
          "Table '%s' names a column twice: %s".formatted(file, header));
    }
    var rows = new ArrayList<List<String>>();
    for (int i = 1; i < lines.size(); i++) {
      if (lines.get(i).isBlank()) {
        continue;
      }
      List<String> row = fields(lines.get(i), separator);
      if (row.size() != header.size()) {
        throw new IllegalArgumentException(
            "Table '%s', line %d: %d fields, the header has %d"
                .formatted(file, i + 1, row.size(), header.size()));
      }
      rows.add(row);
    }
    if (rows.isEmpty()) {
      throw new IllegalArgumentException("Table '%s' has no rows".formatted(file));
    }
    return new TableFile(file, header, List.copyOf(rows));
  }

  /**
   * Where a column is.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  int column(String name) {
    int index = header.indexOf(name);
    if (index < 0) {
      throw new IllegalArgumentException(
          "Table '%s' has no column '%s'; it has %s".formatted(file, name, header));
    }
    return index;
  }

  private static List<String> fields(String line, char separator) {
    var fields = new ArrayList<String>();
    var field = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '"') {
        boolean doubled = quoted && i + 1 < line.length() && line.charAt(i + 1) == '"';
        if (doubled) {
          field.append('"');
          i++;
        } else {
          quoted = !quoted;
        }
      } else if (c == separator && !quoted) {
        fields.add(field.toString().strip());
        field.setLength(0);
      } else {
        field.append(c);
      }
    }
    fields.add(field.toString().strip());
    return List.copyOf(fields);
  }
}
