package blockfront.search.study;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.search.space.ArchitectureJson;
import blockfront.search.trial.Measurement;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What another search measured as JSON, as stores keep it. */
public final class ImportedJson {

  private static final JsonMapper JSON = new JsonMapper();

  private ImportedJson() {}

  public static String write(Imported imported) {
    ObjectNode node = JSON.createObjectNode();
    node.set("architecture", JSON.readTree(ArchitectureJson.write(imported.architecture())));
    node.set("measurement", JSON.valueToTree(imported.measurement()));
    return JSON.writeValueAsString(node);
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IllegalArgumentException if it is something else, or names a block that there is not
   */
  public static Imported read(String text, Catalogue catalogue) {
    try {
      JsonNode node = JSON.readTree(text);
      return new Imported(
          ArchitectureJson.read(JSON.writeValueAsString(node.path("architecture")), catalogue),
          JSON.treeToValue(node.path("measurement"), Measurement.class));
    } catch (JacksonException e) {
      throw new IllegalArgumentException("It holds no imported network, or is damaged", e);
    }
  }
}
