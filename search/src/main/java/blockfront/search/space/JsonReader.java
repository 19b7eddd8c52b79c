package blockfront.search.space;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A place in a JSON document that somebody wrote: whatever does not fit is told with its path.
 *
 * <p>Every method throws {@link IllegalArgumentException} if the place does not hold what is asked.
 */
public final class JsonReader {

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private final String path;
  private final JsonNode node;

  private JsonReader(String path, JsonNode node) {
    this.path = path;
    this.node = node;
  }

  /** The root of a document. */
  public static JsonReader of(String text) {
    try {
      return new JsonReader("", JSON.readTree(text));
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "Not JSON: %s (line %d, column %d)"
              .formatted(said(e), e.getLocation().getLineNr(), e.getLocation().getColumnNr()),
          e);
    }
  }

  /** What is wrong, without the parser's own words for where: a line and a column follow. */
  private static String said(JacksonException e) {
    String message = String.valueOf(e.getOriginalMessage());
    int source = message.indexOf("[Source:");
    int parenthesis = source < 0 ? -1 : message.lastIndexOf('(', source);
    return (parenthesis < 0 ? message : message.substring(0, parenthesis)).strip();
  }

  /** Refuses an object with other keys than these. */
  public void only(String... keys) {
    List<String> known = List.of(keys);
    for (String key : entries().keySet()) {
      if (!known.contains(key)) {
        throw error("has an unknown key '%s'; known are %s".formatted(key, known));
      }
    }
  }

  public JsonReader at(String key) {
    return find(key).orElseThrow(() -> error("lacks '%s'".formatted(key)));
  }

  /** What is at a key, if it is there and not null. */
  public Optional<JsonReader> find(String key) {
    requireObject();
    JsonNode child = node.path(key);
    return child.isMissingNode() || child.isNull()
        ? Optional.empty()
        : Optional.of(new JsonReader(path.isEmpty() ? key : path + "." + key, child));
  }

  public Map<String, JsonReader> entries() {
    requireObject();
    var entries = new LinkedHashMap<String, JsonReader>();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      find(entry.getKey()).ifPresent(child -> entries.put(entry.getKey(), child));
    }
    return entries;
  }

  public List<JsonReader> elements() {
    if (!node.isArray()) {
      throw error("must be a list, got " + kind());
    }
    var elements = new ArrayList<JsonReader>();
    for (int i = 0; i < node.size(); i++) {
      elements.add(new JsonReader("%s[%d]".formatted(path, i), node.path(i)));
    }
    return elements;
  }

  public boolean isList() {
    return node.isArray();
  }

  public boolean isString() {
    return node.isString();
  }

  public String string() {
    if (!node.isString()) {
      throw error("must be a text, got " + kind());
    }
    return node.stringValue();
  }

  public int integer() {
    if (!node.isIntegralNumber() || !node.canConvertToInt()) {
      throw error("must be a whole number, got " + kind());
    }
    return node.intValue();
  }

  public long longInteger() {
    if (!node.isIntegralNumber() || !node.canConvertToLong()) {
      throw error("must be a whole number, got " + kind());
    }
    return node.longValue();
  }

  public double number() {
    if (!node.isNumber()) {
      throw error("must be a number, got " + kind());
    }
    return node.doubleValue();
  }

  public boolean flag() {
    if (!node.isBoolean()) {
      throw error("must be true or false, got " + kind());
    }
    return node.booleanValue();
  }

  /** A whole number, a number, a switch or a text, as Integer, Double, Boolean or String. */
  public Object scalar() {
    if (node.isBoolean()) {
      return flag();
    }
    if (node.isIntegralNumber()) {
      return integer();
    }
    return node.isNumber() ? (Object) number() : string();
  }

  /** Runs what may refuse a value, and adds the path to its words. */
  public <T> T checked(Supplier<T> reading) {
    try {
      return reading.get();
    } catch (PlacedException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw error("is refused: " + e.getMessage());
    }
  }

  public IllegalArgumentException error(String problem) {
    return new PlacedException(
        (path.isEmpty() ? "The document" : "'" + path + "'") + " " + problem);
  }

  private void requireObject() {
    if (!node.isObject()) {
      throw error("must be an object, got " + kind());
    }
  }

  private String kind() {
    String text = node.toString();
    return text.length() > 60 ? text.substring(0, 60) + "…" : text;
  }

  /** Already says where. */
  private static final class PlacedException extends IllegalArgumentException {
    PlacedException(String message) {
      super(message);
    }
  }
}
