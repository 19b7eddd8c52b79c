package blockfront.search.export;

import blockfront.blocks.cost.Cost;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.network.Network;
import blockfront.search.data.DataSet;
import blockfront.search.export.onnx.OnnxExport;
import blockfront.search.space.ArchitectureJson;
import blockfront.search.study.Leaderboard;
import blockfront.search.trial.Deployment;
import blockfront.search.trial.FinalRun;
import blockfront.search.trial.FinalTraining;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Metric;
import blockfront.search.trial.Version;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What goes along with an exported network for people and programs: what it is, what it was trained
 * on, how it scores, what it costs, where it comes from and how it is made again (Mitchell et al.,
 * https://arxiv.org/abs/1810.03993).
 */
final class ModelCard {

  static final String JSON_FILE = "card.json";
  static final String MARKDOWN_FILE = "README.md";
  static final String PICTURE_FILE = "picture.svg";

  /** What the cost columns mean. */
  private static final String CONVENTION =
      "of one example, forward, in inference; 2 FLOPs are one multiply-add of a matrix product or"
          + " convolution; Fourier transforms, elementwise work and softmax are counted apart";

  private static final JsonMapper JSON = new JsonMapper();

  private final Trained trained;
  private final DataSet data;
  private final Cost cost;
  private final boolean spiking;
  private final SequencedMap<String, String> files;

  /**
   * Of a network.
   *
   * @param files that the card goes along with: SHA-256 by name
   */
  ModelCard(Trained trained, DataSet data, Network network, SequencedMap<String, String> files) {
    this.trained = trained;
    this.data = data;
    this.cost = Cost.of(network.logits());
    this.spiking = network.spiking();
    this.files = files;
  }

  /**
   * The command that trains the network again, in the folder of the card: number for number, if
   * these weights were trained from scratch and to the end.
   */
  String command() {
    String words =
        "blockfront train architecture.json --data %s --plan plan.json --seed=%d"
            .formatted(quoted(trained.plan().data()), trained.provenance().seed());
    return trained.run().isEmpty()
        ? words
        : words
            + " --epochs %d --patience %d"
                .formatted(trained.recipe().epochs(), trained.recipe().patience());
  }

  // ---- for programs

  String json() {
    Measurement measurement = trained.measurement();
    ObjectNode root = JSON.createObjectNode();
    root.put("blockfront", Version.CURRENT);
    root.put("architectureId", trained.id());
    root.put("study", trained.plan().name());
    root.put("trial", trained.number());
    trained.run().ifPresent(run -> root.put("finalRun", run));
    ObjectNode set = root.putObject("data");
    set.put("name", data.name());
    set.put("sha256", data.hash());
    set.put("licence", data.licence());
    set.put("source", data.source());
    set.put("task", data.task().text());
    set.put("shape", data.shape().text());
    strings(set.putArray("classes"), data.classes());
    set.put("trainExamples", data.train().size());
    set.put("validationExamples", data.validation().size());
    set.put("testExamples", data.test().size());
    numbers(set.putArray("mean"), data.normalisation().mean());
    numbers(set.putArray("deviation"), data.normalisation().deviation());
    if (spiking) {
      root.put(OnnxExport.SPIKING, true);
    }
    ObjectNode validation = root.putObject("validation");
    root.put("metric", measurement.metric().title());
    validation.put("score", measurement.validationScore());
    validation.put("loss", measurement.validationLoss());
    root.putObject("test").put("score", measurement.testScore());
    ObjectNode search = root.putObject("search");
    search.put("validationScore", trained.searched().validationScore());
    search.put("testScore", trained.searched().testScore());
    finals(root);
    trained.deployment().ifPresent(measured -> deployment(root, measured));
    ObjectNode costs = root.putObject("cost");
    costs.put("flops", cost.flops());
    costs.put("multiplyAdds", cost.multiplyAdds());
    costs.put("parameters", cost.parameters());
    costs.put("fourier", cost.fourier());
    costs.put("elementwise", cost.elementwise());
    costs.put("softmax", cost.softmax());
    costs.put("peakActivations", cost.peakActivations());
    costs.put("rules", Cost.RULES_VERSION);
    costs.put("convention", CONVENTION);
    ObjectNode provenance = root.putObject("provenance");
    provenance.put("seed", trained.provenance().seed());
    trained.provenance().parent().ifPresent(parent -> provenance.put("parent", parent));
    provenance.put("epochs", measurement.epochs());
    provenance.put("recipeEpochs", trained.recipe().epochs());
    provenance.put("seconds", measurement.seconds());
    provenance.put("dataSha256", trained.provenance().dataHash());
    provenance.put("version", trained.provenance().version());
    provenance.put("machine", trained.provenance().machine());
    root.put("command", command());
    root.set("architecture", ArchitectureJson.node(trained.architecture()));
    ObjectNode hashes = root.putObject("files");
    files.forEach(hashes::put);
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
  }

  private void finals(ObjectNode root) {
    FinalTraining finals = trained.finals();
    if (finals.trained().isEmpty()) {
      return;
    }
    ObjectNode node = root.putObject("finalTraining");
    finals.validation().ifPresent(spread -> spread(node.putObject("validation"), spread));
    finals.test().ifPresent(spread -> spread(node.putObject("test"), spread));
    ArrayNode runs = node.putArray("runs");
    for (FinalRun run : finals.trained()) {
      Measurement measurement = run.measurement().orElseThrow();
      ObjectNode line = runs.addObject();
      line.put("seed", run.seed());
      line.put("epochs", measurement.epochs());
      line.put("validationScore", measurement.validationScore());
      line.put("testScore", measurement.testScore());
    }
  }

  private static void spread(ObjectNode node, FinalTraining.Spread spread) {
    node.put("mean", spread.mean());
    node.put("deviation", spread.deviation());
  }

  private static void deployment(ObjectNode root, Deployment measured) {
    ObjectNode node = root.putObject("onnxRuntime");
    model(node.putObject("float32"), measured.float32());
    model(node.putObject("int8"), measured.int8());
    node.put("int8Drop", measured.drop());
  }

  private static void model(ObjectNode node, Deployment.Model model) {
    node.put("testScore", model.testScore());
    node.put("milliseconds", model.milliseconds());
    node.put("bytes", model.bytes());
  }

  private static void strings(ArrayNode array, List<String> values) {
    values.forEach(array::add);
  }

  private static void numbers(ArrayNode array, List<Double> values) {
    values.forEach(array::add);
  }

  // ---- for people

  String markdown() {
    Measurement measurement = trained.measurement();
    var text = new StringBuilder();
    text.append("# %s\n\n".formatted(title(trained)));
    text.append("![The network](%s)\n\n".formatted(PICTURE_FILE));
    text.append(
        "Found by the study \"%s\" of Blockfront %s for %s.\n"
            .formatted(
                trained.plan().name().replace('\n', ' '),
                trained.provenance().version(),
                data.task().text()));
    text.append(
        "It takes float32 `[batch, %s]`%s and answers `[batch, %s]`.\n"
            .formatted(
                sizes(data.task().input()),
                data.train().images()
                    ? " of values 0 to 255, channels last (the normalisation is part of it),"
                    : "",
                sizes(data.task().output())));
    text.append("It was tested on the data below only.\n");

    text.append(
        "\n## How it scores\n\n| | examples | %s |\n| --- | ---: | ---: |\n"
            .formatted(measurement.metric().title()));
    score(text, "Validation", data.validation().size(), measurement.validationScore());
    score(text, "Test, which no choice ever saw", data.test().size(), measurement.testScore());
    if (trained.run().isPresent()) {
      Measurement searched = trained.searched();
      score(text, "Search's own, validation", data.validation().size(), searched.validationScore());
      score(text, "Search's own, test", data.test().size(), searched.testScore());
    }
    trained
        .deployment()
        .ifPresent(
            measured ->
                score(text, "Test, in 8 bits", data.test().size(), measured.int8().testScore()));
    seeds(text);

    text.append("\n## What it costs\n\n| | |\n| --- | ---: |\n");
    row(text, "FLOPs", cost.flops());
    row(text, "Multiply-adds", cost.multiplyAdds());
    row(text, "Parameters", cost.parameters());
    row(text, "Fourier, multiply-adds", cost.fourier());
    row(text, "Elementwise operations", cost.elementwise());
    row(text, "Softmax elements", cost.softmax());
    row(text, "Peak activations", cost.peakActivations());
    text.append("\nCounted %s (rules, version %d).\n".formatted(CONVENTION, Cost.RULES_VERSION));
    trained.deployment().ifPresent(measured -> runtime(text, measured));

    text.append("\n## What it was trained on\n\n");
    text.append("`%s`: %s.\n\n".formatted(data.name(), data.source()));
    text.append("- Licence of the data: %s\n".formatted(data.licence()));
    text.append(
        "- Split: %d training, %d validation, %d test examples\n"
            .formatted(data.train().size(), data.validation().size(), data.test().size()));
    text.append("- SHA-256 of all examples and the split: `%s`\n".formatted(data.hash()));
    if (!data.classes().isEmpty()) {
      text.append("- Classes: %s\n".formatted(String.join(", ", data.classes())));
    }

    text.append("\n## Where it comes from\n\n");
    text.append(
        "Network %d of the study, architecture `%s`, %s.\n"
            .formatted(
                trained.number(),
                trained.id(),
                trained
                    .run()
                    .map("weights of final training %d"::formatted)
                    .orElse("weights of the search")));
    text.append(
        "%s, seed %d, %s.\n"
            .formatted(
                stopped()
                    ? "Stopped after %d of %d epochs"
                        .formatted(measurement.epochs(), trained.recipe().epochs())
                    : "%d epochs".formatted(measurement.epochs()),
                trained.provenance().seed(),
                trained.provenance().machine().isEmpty()
                    ? "machine not known"
                    : trained.provenance().machine()));
    text.append("%s, in this folder:\n\n```sh\n%s\n```\n".formatted(again(), command()));
    return text.toString();
  }

  /** Whether it was trained for less than its recipe says, and not because it got no better. */
  private boolean stopped() {
    return trained.recipe().patience() == 0
        && trained.measurement().epochs() < trained.recipe().epochs();
  }

  /** What the command does. */
  private String again() {
    return trained
        .provenance()
        .parent()
        .map("It began with the weights of network %d; from scratch"::formatted)
        .map(words -> stopped() ? words + " to the end" : words)
        .orElse(stopped() ? "Trained to the end" : "The same numbers again");
  }

  /** What a network is, in one line. */
  static String title(Trained trained) {
    String mixers = Leaderboard.mixers(trained.architecture());
    return "%s (%s)"
        .formatted(mixers.isEmpty() ? "Without token mixer" : mixers, trained.id().substring(0, 8));
  }

  private void score(StringBuilder text, String what, int examples, double score) {
    text.append(
        "| %s | %d | %s |\n".formatted(what, examples, trained.measurement().metric().text(score)));
  }

  private static String sizes(Shape shape) {
    return shape.text().replace("x", ", ");
  }

  private void seeds(StringBuilder text) {
    FinalTraining finals = trained.finals();
    if (finals.trained().isEmpty()) {
      return;
    }
    text.append(
        "\nTrained to the end with %d seeds, mean and standard deviation: validation %s, test %s.\n"
            .formatted(
                finals.trained().size(),
                spread(finals.validation().orElseThrow()),
                spread(finals.test().orElseThrow())));
  }

  private String spread(FinalTraining.Spread spread) {
    Metric metric = trained.measurement().metric();
    return metric.text(spread.mean()) + " ± " + metric.text(spread.deviation());
  }

  private static void row(StringBuilder text, String what, long value) {
    text.append(String.format(Locale.ROOT, "| %s | %,d |\n", what, value));
  }

  private static void runtime(StringBuilder text, Deployment measured) {
    text.append("\n| ONNX Runtime, one thread, one example | milliseconds | bytes |");
    text.append("\n| --- | ---: | ---: |\n");
    runtime(text, "float32", measured.float32());
    runtime(text, "int8", measured.int8());
  }

  private static void runtime(StringBuilder text, String what, Deployment.Model model) {
    text.append(
        String.format(
            Locale.ROOT, "| %s | %.3f | %,d |\n", what, model.milliseconds(), model.bytes()));
  }

  /** As a shell takes it for one word. */
  private static String quoted(String word) {
    return word.matches("[\\w./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
