package blockfront.search.data;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The name of a set that is made by a rule: {@code kind}, or {@code kind:knob=value,knob=value}, or
 * {@code kind:knob=value,FILE}.
 *
 * <p>Whatever is wrong with it is a {@link DataException} that begins with the kind.
 *
 * @param knobs what is set, by name
 * @param rest what comes after the knobs, empty if nothing does
 */
record SetName(String kind, Map<String, String> knobs, String rest) {

  SetName {
    knobs = Map.copyOf(knobs);
  }

  /**
   * Reads a name.
   *
   * @param known names of the knobs of the kind; what is none of them begins the rest
   * @param file whether a file or another name is to follow
   */
  static SetName parse(String name, List<String> known, boolean file) {
    int colon = name.indexOf(':');
    String kind = colon < 0 ? name : name.substring(0, colon);
    String left = colon < 0 ? "" : name.substring(colon + 1);
    var knobs = new LinkedHashMap<String, String>();
    while (!left.isEmpty()) {
      int comma = left.indexOf(',');
      String part = comma < 0 ? left : left.substring(0, comma);
      int equals = part.indexOf('=');
      String knob = equals < 0 ? part : part.substring(0, equals);
      if (equals < 0 || !known.contains(knob)) {
        if (file) {
          break;
        }
        throw new DataException(
            "%s: wanted settings like %s=..., got '%s'; known are %s"
                .formatted(kind, known.getFirst(), part, known));
      }
      if (knobs.put(knob, part.substring(equals + 1)) != null) {
        throw new DataException("%s: '%s' is set twice".formatted(kind, knob));
      }
      left = comma < 0 ? "" : left.substring(comma + 1);
    }
    if (file && left.isBlank()) {
      throw new DataException("%s: wanted what to read after '%s:'".formatted(kind, kind));
    }
    return new SetName(kind, knobs, left);
  }

  int whole(String knob, int standard, int least, int greatest) {
    return read(knob)
        .map(
            text -> {
              try {
                int value = Integer.parseInt(text);
                if (value >= least && value <= greatest) {
                  return value;
                }
              } catch (NumberFormatException e) {
                // told below, with all that does not fit
              }
              throw wrong(knob, "a whole number from %d to %d".formatted(least, greatest), text);
            })
        .orElse(standard);
  }

  double decimal(String knob, double standard, double least, double greatest) {
    return read(knob)
        .map(
            text -> {
              try {
                double value = Double.parseDouble(text);
                if (value >= least && value <= greatest) {
                  return value;
                }
              } catch (NumberFormatException e) {
                // told below, with all that does not fit
              }
              throw wrong(knob, "a number from %s to %s".formatted(least, greatest), text);
            })
        .orElse(standard);
  }

  boolean flag(String knob) {
    return read(knob)
        .map(
            text ->
                switch (text) {
                  case "true" -> true;
                  case "false" -> false;
                  default -> throw wrong(knob, "true or false", text);
                })
        .orElse(false);
  }

  private Optional<String> read(String knob) {
    return Optional.ofNullable(knobs.get(knob));
  }

  private DataException wrong(String knob, String wanted, String came) {
    return new DataException("%s: wanted %s as %s, got '%s'".formatted(kind, wanted, knob, came));
  }

  /** The canonical text: what is set in alphabetical order. */
  String text() {
    var parts = new TreeSet<String>();
    knobs.forEach((knob, value) -> parts.add(knob + "=" + value));
    if (!rest.isEmpty()) {
      return "%s:%s%s"
          .formatted(kind, String.join("", parts.stream().map(p -> p + ",").toList()), rest);
    }
    return parts.isEmpty() ? kind : kind + ":" + String.join(",", parts);
  }
}
