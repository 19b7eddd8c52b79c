package blockfront.db;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.network.Architecture;
import blockfront.search.space.ArchitectureJson;
import blockfront.search.study.FinalRunJson;
import blockfront.search.study.Imported;
import blockfront.search.study.ImportedJson;
import blockfront.search.study.InspectionJson;
import blockfront.search.study.StudyPlan;
import blockfront.search.study.StudyPlanJson;
import blockfront.search.trial.FinalRun;
import blockfront.search.trial.Inspection;
import blockfront.search.trial.Rung;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Values that are kept whole, as JSON. */
final class Documents {

  private static final JsonMapper JSON = new JsonMapper();
  private static final Catalogue CATALOGUE = Catalogue.load();

  private Documents() {}

  static String write(StudyPlan plan) {
    return StudyPlanJson.write(plan);
  }

  static StudyPlan plan(String text) {
    return stored("plan", () -> StudyPlanJson.read(text));
  }

  static String write(Architecture architecture) {
    return ArchitectureJson.write(architecture);
  }

  static Architecture architecture(String text) {
    return stored("network", () -> ArchitectureJson.read(text, CATALOGUE));
  }

  static String write(Imported imported) {
    return ImportedJson.write(imported);
  }

  static Imported imported(String text) {
    return stored("imported network", () -> ImportedJson.read(text, CATALOGUE));
  }

  static String write(FinalRun run) {
    return FinalRunJson.write(run);
  }

  static FinalRun finalRun(String text) {
    return stored("final training", () -> FinalRunJson.read(text));
  }

  static String write(Inspection inspection) {
    return InspectionJson.write(inspection);
  }

  static Inspection inspection(String text) {
    return stored("inspection", () -> InspectionJson.read(text));
  }

  static String write(List<?> values) {
    return JSON.writeValueAsString(values);
  }

  static List<String> texts(String text) {
    return JSON.readValue(text, new TypeReference<>() {});
  }

  static String writeRungs(List<Rung> rungs) {
    ArrayNode list = JSON.createArrayNode();
    for (Rung rung : rungs) {
      ObjectNode node = list.addObject();
      node.put("epochs", rung.epochs());
      node.put("at", rung.at().toString());
      rung.objectives().forEach(node.putArray("objectives")::add);
      node.put("violation", rung.violation());
      node.put("lastingViolation", rung.lastingViolation());
    }
    return JSON.writeValueAsString(list);
  }

  static List<Rung> rungs(String text) {
    var rungs = new ArrayList<Rung>();
    for (JsonNode node : JSON.readTree(text)) {
      var objectives = new ArrayList<Double>();
      node.path("objectives").forEach(value -> objectives.add(value.asDouble()));
      rungs.add(
          new Rung(
              node.path("epochs").asInt(),
              Instant.parse(node.path("at").asString()),
              objectives,
              node.path("violation").asDouble(),
              node.path("lastingViolation").asDouble(0))); // not told apart at first
    }
    return rungs;
  }

  static List<List<Integer>> matrix(String text) {
    return JSON.readValue(text, new TypeReference<>() {});
  }

  /** What was written by us can be unreadable only to a Blockfront with other blocks. */
  private static <T> T stored(String what, Supplier<T> read) {
    try {
      return read.get();
    } catch (IllegalArgumentException e) {
      throw new StoreException("Cannot read a stored %s: %s".formatted(what, e.getMessage()), e);
    }
  }
}
