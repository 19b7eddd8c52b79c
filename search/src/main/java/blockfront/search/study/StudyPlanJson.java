package blockfront.search.study;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Start;
import blockfront.blocks.network.Architecture;
import blockfront.search.space.ArchitectureJson;
import blockfront.search.space.JsonReader;
import blockfront.search.space.MacroGenes;
import blockfront.search.space.SearchSpace;
import blockfront.search.strategy.SuccessiveHalving;
import blockfront.search.trial.Recipe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Plans as JSON: all of them written, and what a person left out read as its standard. */
public final class StudyPlanJson {

  private static final JsonMapper JSON = new JsonMapper();

  private StudyPlanJson() {}

  /** The text, on several lines. */
  public static String write(StudyPlan plan) {
    ObjectNode root = JSON.createObjectNode();
    root.put("name", plan.name());
    root.put("data", plan.data());
    root.put("strategy", plan.strategy());
    root.put("seed", plan.seed());
    SearchSpace space = plan.space();
    ObjectNode spaceNode = root.putObject("space");
    strings(spaceNode, "layouts", space.layouts());
    strings(spaceNode, "mixers", space.mixers());
    strings(spaceNode, "channelMixers", space.channelMixers());
    strings(spaceNode, "norms", space.norms());
    strings(spaceNode, "positions", space.positions());
    numbers(spaceNode, "patches", space.patches());
    numbers(spaceNode, "widths", space.widths());
    spaceNode.put("minDepth", space.minDepth());
    spaceNode.put("maxDepth", space.maxDepth());
    if (!space.macro().equals(MacroGenes.NONE)) {
      writeMacro(spaceNode.putObject("macro"), space.macro());
    }
    Recipe recipe = plan.recipe();
    ObjectNode recipeNode = root.putObject("recipe");
    recipeNode.put("epochs", recipe.epochs());
    recipeNode.put("batch", recipe.batch());
    recipeNode.put("learningRate", recipe.learningRate());
    recipeNode.put("weightDecay", recipe.weightDecay());
    recipeNode.put("warmupEpochs", recipe.warmupEpochs());
    recipeNode.put("labelSmoothing", recipe.labelSmoothing());
    recipeNode.put("clipNorm", recipe.clipNorm());
    recipeNode.put("dropPath", recipe.dropPath());
    recipeNode.put("shift", recipe.shift());
    recipeNode.put("flip", recipe.flip());
    if (recipe.patience() > 0) {
      recipeNode.put("patience", recipe.patience());
    }
    recipeNode.put("start", recipe.start().text());
    ObjectNode budget = root.putObject("budget");
    plan.budget().trials().ifPresent(trials -> budget.put("trials", trials));
    plan.budget().time().ifPresent(time -> budget.put("minutes", time.toMillis() / 60_000.0));
    ObjectNode limits = root.putObject("limits");
    plan.limits().multiplyAdds().ifPresent(most -> limits.put("multiplyAdds", most));
    plan.limits().parameters().ifPresent(most -> limits.put("parameters", most));
    if (!plan.aims().equals(Aims.STANDARD)) {
      ArrayNode objectives = root.putArray("objectives");
      plan.aims().objectives().forEach(objective -> objectives.add(objective.text()));
      ObjectNode constraints = root.putObject("constraints");
      plan.aims()
          .constraints()
          .forEach(each -> constraints.put(each.objective().text(), each.most()));
    }
    plan.halving()
        .ifPresent(
            halving -> {
              ObjectNode node = root.putObject("halving");
              node.put("firstEpochs", halving.firstEpochs());
              node.put("growth", halving.growth());
              node.put("kept", halving.kept());
            });
    if (plan.initialWeights() == InitialWeights.INHERITED) {
      root.put("inheritWeights", true);
    }
    if (!plan.start().isEmpty()) {
      ArrayNode start = root.putArray("start");
      plan.start().forEach(architecture -> start.add(ArchitectureJson.node(architecture)));
    }
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root);
  }

  /**
   * Reads a plan. {@code name}, {@code data}, {@code space.mixers} and {@code budget} must be
   * there.
   *
   * @throws IllegalArgumentException if it is no plan, saying where and why
   */
  public static StudyPlan read(String text) {
    JsonReader root = JsonReader.of(text);
    root.only(
        "name",
        "data",
        "strategy",
        "seed",
        "space",
        "recipe",
        "budget",
        "limits",
        "objectives",
        "constraints",
        "halving",
        "inheritWeights",
        "start");
    return root.checked(
        () -> {
          Recipe recipe = root.find("recipe").map(StudyPlanJson::recipe).orElse(Recipe.STANDARD);
          return new StudyPlan(
              root.at("name").string(),
              root.at("data").string(),
              space(root.at("space")),
              recipe,
              budget(root.at("budget")),
              root.find("limits").map(StudyPlanJson::limits).orElse(Limits.NONE),
              root.find("strategy").map(JsonReader::string).orElse("auto"),
              root.find("seed").map(JsonReader::longInteger).orElse(1L),
              aims(root),
              root.find("halving").map(node -> halving(node, recipe)),
              list(root, "start", StudyPlanJson::architecture, List.of()),
              root.find("inheritWeights")
                  .filter(JsonReader::flag)
                  .map(_ -> InitialWeights.INHERITED)
                  .orElse(InitialWeights.DRAWN));
        });
  }

  private static Architecture architecture(JsonReader node) {
    return node.checked(() -> ArchitectureJson.read(node, Blocks.CATALOGUE));
  }

  /** Loaded when a plan first names networks. */
  private static final class Blocks {
    private static final Catalogue CATALOGUE = Catalogue.load();
  }

  private static Aims aims(JsonReader root) {
    var constraints = new ArrayList<Aims.Constraint>();
    root.find("constraints")
        .ifPresent(
            node -> {
              node.only(Objective.names().toArray(new String[0]));
              for (Objective objective : Objective.values()) {
                node.find(objective.text())
                    .ifPresent(
                        most -> constraints.add(new Aims.Constraint(objective, most.number())));
              }
            });
    return root.checked(
        () ->
            new Aims(
                list(
                    root,
                    "objectives",
                    node -> node.checked(() -> Objective.named(node.string())),
                    Aims.STANDARD.objectives()),
                constraints));
  }

  private static SuccessiveHalving halving(JsonReader node, Recipe recipe) {
    node.only("firstEpochs", "growth", "kept");
    SuccessiveHalving standard = SuccessiveHalving.standard(recipe.epochs());
    return node.checked(
        () ->
            new SuccessiveHalving(
                node.find("firstEpochs").map(JsonReader::integer).orElse(standard.firstEpochs()),
                node.find("growth").map(JsonReader::integer).orElse(standard.growth()),
                number(node, "kept", standard.kept())));
  }

  private static SearchSpace space(JsonReader space) {
    space.only(
        "layouts",
        "mixers",
        "channelMixers",
        "norms",
        "positions",
        "patches",
        "widths",
        "minDepth",
        "maxDepth",
        "macro");
    return space.checked(
        () ->
            new SearchSpace(
                list(space, "layouts", JsonReader::string, List.of("isotropic")),
                space.at("mixers").elements().stream().map(JsonReader::string).toList(),
                list(space, "channelMixers", JsonReader::string, List.of("mlp")),
                list(space, "norms", JsonReader::string, List.of("layer_norm")),
                list(space, "positions", JsonReader::string, List.of("learned_position")),
                list(space, "patches", JsonReader::integer, List.of(2, 4)),
                list(space, "widths", JsonReader::integer, List.of(32, 64)),
                space.find("minDepth").map(JsonReader::integer).orElse(2),
                space.find("maxDepth").map(JsonReader::integer).orElse(4),
                space.find("macro").map(StudyPlanJson::macro).orElse(MacroGenes.NONE)));
  }

  private static void writeMacro(ObjectNode node, MacroGenes macro) {
    strings(node, "stems", macro.stems());
    strings(node, "multipliers", macro.multipliers());
    strings(node, "heads", macro.heads());
    strings(node, "ratios", macro.ratios());
    strings(node, "placements", macro.placements());
    numbers(node, "prefixes", macro.prefixes());
    strings(node, "prefixMixers", macro.prefixMixers());
    numbers(node, "loops", macro.loops());
    numbers(node, "recursions", macro.recursions());
    strings(node, "reductions", macro.reductions());
    strings(node, "gates", macro.gates());
    ArrayNode scales = node.putArray("layerScales");
    macro.layerScales().forEach(scales::add);
    node.put("priors", macro.priors());
  }

  private static MacroGenes macro(JsonReader macro) {
    macro.only(
        "stems",
        "multipliers",
        "heads",
        "ratios",
        "placements",
        "prefixes",
        "prefixMixers",
        "loops",
        "recursions",
        "reductions",
        "gates",
        "layerScales",
        "priors");
    MacroGenes none = MacroGenes.NONE;
    return macro.checked(
        () ->
            new MacroGenes(
                list(macro, "stems", JsonReader::string, none.stems()),
                list(macro, "multipliers", JsonReader::string, none.multipliers()),
                list(macro, "heads", JsonReader::string, none.heads()),
                list(macro, "ratios", JsonReader::string, none.ratios()),
                list(macro, "placements", JsonReader::string, none.placements()),
                list(macro, "prefixes", JsonReader::integer, none.prefixes()),
                list(macro, "prefixMixers", JsonReader::string, none.prefixMixers()),
                list(macro, "loops", JsonReader::integer, none.loops()),
                list(macro, "recursions", JsonReader::integer, none.recursions()),
                list(macro, "reductions", JsonReader::string, none.reductions()),
                list(macro, "gates", JsonReader::string, none.gates()),
                list(macro, "layerScales", JsonReader::number, none.layerScales()),
                macro.find("priors").map(JsonReader::flag).orElse(none.priors())));
  }

  private static Recipe recipe(JsonReader recipe) {
    recipe.only(
        "epochs",
        "batch",
        "learningRate",
        "weightDecay",
        "warmupEpochs",
        "labelSmoothing",
        "clipNorm",
        "dropPath",
        "shift",
        "flip",
        "patience",
        "start");
    Recipe standard = Recipe.STANDARD;
    int epochs = recipe.find("epochs").map(JsonReader::integer).orElse(standard.epochs());
    return recipe.checked(
        () ->
            new Recipe(
                epochs,
                recipe.find("batch").map(JsonReader::integer).orElse(standard.batch()),
                number(recipe, "learningRate", standard.learningRate()),
                number(recipe, "weightDecay", standard.weightDecay()),
                number(recipe, "warmupEpochs", Math.min(epochs, standard.warmupEpochs())),
                number(recipe, "labelSmoothing", standard.labelSmoothing()),
                number(recipe, "clipNorm", standard.clipNorm()),
                number(recipe, "dropPath", standard.dropPath()),
                recipe.find("shift").map(JsonReader::integer).orElse(standard.shift()),
                recipe.find("flip").map(JsonReader::flag).orElse(standard.flip()),
                recipe.find("patience").map(JsonReader::integer).orElse(standard.patience()),
                recipe
                    .find("start")
                    .map(each -> each.checked(() -> Start.named(each.string())))
                    .orElse(standard.start())));
  }

  private static Budget budget(JsonReader budget) {
    budget.only("trials", "minutes");
    return budget.checked(
        () ->
            new Budget(
                budget.find("trials").map(JsonReader::integer),
                budget
                    .find("minutes")
                    .map(minutes -> Duration.ofMillis(Math.round(minutes.number() * 60_000)))));
  }

  private static Limits limits(JsonReader limits) {
    limits.only("multiplyAdds", "parameters");
    return limits.checked(
        () ->
            new Limits(
                limits.find("multiplyAdds").map(JsonReader::longInteger),
                limits.find("parameters").map(JsonReader::longInteger)));
  }

  private static double number(JsonReader node, String key, double standard) {
    return node.find(key).map(JsonReader::number).orElse(standard);
  }

  private static <T> List<T> list(
      JsonReader node, String key, Function<JsonReader, T> element, List<T> standard) {
    Optional<List<T>> given =
        node.find(key).map(list -> list.elements().stream().map(element).toList());
    return given.orElse(standard);
  }

  private static void strings(ObjectNode node, String key, List<String> values) {
    ArrayNode array = node.putArray(key);
    values.forEach(array::add);
  }

  private static void numbers(ObjectNode node, String key, List<Integer> values) {
    ArrayNode array = node.putArray(key);
    values.forEach(array::add);
  }
}
