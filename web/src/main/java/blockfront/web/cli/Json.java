package blockfront.web.cli;

import blockfront.blocks.cost.Cost;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Documents for {@code --json}. */
final class Json {

  private static final JsonMapper MAPPER = new JsonMapper();

  private Json() {}

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  static ArrayNode list() {
    return MAPPER.createArrayNode();
  }

  static String text(JsonNode document) {
    return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(document);
  }

  /** Adds every column of a cost. */
  static void put(ObjectNode node, Cost cost) {
    node.put("parameters", cost.parameters());
    node.put("multiplyAdds", cost.multiplyAdds());
    node.put("flops", cost.flops());
    node.put("fourier", cost.fourier());
    node.put("elementwise", cost.elementwise());
    node.put("softmax", cost.softmax());
    node.put("peakActivations", cost.peakActivations());
  }
}
