package blockfront.search.space;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.network.Sequence;
import blockfront.blocks.network.Stage;
import blockfront.blocks.network.Task;
import blockfront.blocks.spi.Block;
import blockfront.blocks.spi.Choice;
import blockfront.blocks.spi.Role;
import blockfront.blocks.spi.Setting;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Networks as JSON, in one form only: what has its standard is left out, equal layers in a row are
 * written once with {@code repeat}, keys have a fixed order.
 *
 * <p>A block is written as its id, or, where something is set, as an object of the id and the
 * knobs.
 */
public final class ArchitectureJson {

  private static final JsonMapper JSON = new JsonMapper();
  private static final int VERSION = 1;
  private static final int ID_BYTES = 8;
  private static final String SEQUENCE_CLASSIFICATION = "sequence_classification";
  private static final String TOKEN_PREDICTION = "token_prediction";
  private static final String IN_CONTEXT_REGRESSION = "in_context_regression";

  private ArchitectureJson() {}

  /** The canonical text, on one line. */
  public static String write(Architecture architecture) {
    return JSON.writeValueAsString(node(architecture));
  }

  /** The canonical form, to be part of another document. */
  public static ObjectNode node(Architecture architecture) {
    ObjectNode root = JSON.createObjectNode();
    root.put("version", VERSION);
    writeTask(root, architecture.task());
    put(root, "stem", architecture.stem());
    put(root, "position", architecture.position());
    ArrayNode stages = root.putArray("stages");
    for (Stage stage : architecture.stages()) {
      ObjectNode node = stages.addObject();
      stage.downsampling().ifPresent(choice -> put(node, "downsampling", choice));
      node.put("width", stage.width());
      if (!stage.layout().equals(Stage.STACKED)) {
        put(node, "layout", stage.layout());
      }
      writeLayers(node.putArray("layers"), stage.layers());
    }
    put(root, "norm", architecture.norm());
    put(root, "head", architecture.head());
    return root;
  }

  /** Hash of the canonical text: the same network has the same id in every study. */
  public static String id(Architecture architecture) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(write(architecture).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, ID_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  /**
   * Reads what {@link #write} wrote, or what a person did.
   *
   * @throws IllegalArgumentException if it is no network of the catalogue, saying where and why
   */
  public static Architecture read(String text, Catalogue catalogue) {
    return read(JsonReader.of(text), catalogue);
  }

  /** Reads a network that is part of another document. */
  public static Architecture read(JsonReader root, Catalogue catalogue) {
    root.only("version", "input", "classes", "task", "stem", "position", "stages", "norm", "head");
    int version = root.at("version").integer();
    if (version != VERSION) {
      throw root.at("version").error("must be %d, got %d".formatted(VERSION, version));
    }
    Task task = readTask(root);
    var stages = new ArrayList<Stage>();
    for (JsonReader stage : root.at("stages").elements()) {
      stages.add(readStage(stage, catalogue));
    }
    return root.checked(
        () ->
            new Architecture(
                task,
                choice(root.at("stem"), catalogue, Role.STEM),
                choice(root.at("position"), catalogue, Role.POSITION),
                stages,
                choice(root.at("norm"), catalogue, Role.NORM),
                choice(root.at("head"), catalogue, Role.HEAD)));
  }

  /** Of images, their size and the classes; else an object of what it is called and its sizes. */
  private static void writeTask(ObjectNode root, Task task) {
    if (task instanceof Task.ImageClassification(Shape input, int classes)) {
      root.put("input", input.text());
      root.put("classes", classes);
      return;
    }
    ObjectNode node = root.putObject("task");
    switch (task) {
      case Task.ImageClassification _ -> {}
      case Task.SequenceClassification(Sequence.Tokens(int length, int vocabulary), int classes) ->
          node.put("id", SEQUENCE_CLASSIFICATION)
              .put("length", length)
              .put("vocabulary", vocabulary)
              .put("classes", classes);
      case Task.SequenceClassification(Sequence.Vectors(int length, int channels), int classes) ->
          node.put("id", SEQUENCE_CLASSIFICATION)
              .put("length", length)
              .put("channels", channels)
              .put("classes", classes);
      case Task.TokenPrediction(Sequence.Tokens(int length, int vocabulary)) ->
          node.put("id", TOKEN_PREDICTION).put("length", length).put("vocabulary", vocabulary);
      case Task.InContextRegression(int examples, int dimensions) ->
          node.put("id", IN_CONTEXT_REGRESSION)
              .put("examples", examples)
              .put("dimensions", dimensions);
    }
  }

  private static Task readTask(JsonReader root) {
    Optional<JsonReader> found = root.find("task");
    if (found.isEmpty()) {
      JsonReader input = root.at("input");
      Shape shape = input.checked(() -> Shape.parse(input.string()));
      int classes = root.at("classes").integer();
      return root.checked(() -> new Task.ImageClassification(shape, classes));
    }
    JsonReader task = found.get();
    String id = task.at("id").string();
    return task.checked(
        () ->
            switch (id) {
              case SEQUENCE_CLASSIFICATION -> {
                task.only("id", "length", "vocabulary", "channels", "classes");
                int length = task.at("length").integer();
                Sequence sequence =
                    task.find("channels").isPresent()
                        ? new Sequence.Vectors(length, task.at("channels").integer())
                        : new Sequence.Tokens(length, task.at("vocabulary").integer());
                yield new Task.SequenceClassification(sequence, task.at("classes").integer());
              }
              case TOKEN_PREDICTION -> {
                task.only("id", "length", "vocabulary");
                yield new Task.TokenPrediction(
                    new Sequence.Tokens(
                        task.at("length").integer(), task.at("vocabulary").integer()));
              }
              case IN_CONTEXT_REGRESSION -> {
                task.only("id", "examples", "dimensions");
                yield new Task.InContextRegression(
                    task.at("examples").integer(), task.at("dimensions").integer());
              }
              default ->
                  throw task.at("id")
                      .error(
                          "names no task: '%s'; known are %s"
                              .formatted(
                                  id,
                                  List.of(
                                      SEQUENCE_CLASSIFICATION,
                                      TOKEN_PREDICTION,
                                      IN_CONTEXT_REGRESSION)));
            });
  }

  private static void writeLayers(ArrayNode to, List<Layer> layers) {
    for (int i = 0; i < layers.size(); ) {
      Layer layer = layers.get(i);
      int end = i;
      while (end < layers.size() && layers.get(end).equals(layer)) {
        end++;
      }
      ObjectNode node = to.addObject();
      if (end - i > 1) {
        node.put("repeat", end - i);
      }
      put(node, "wrapper", layer.wrapper());
      put(node, "norm", layer.norm());
      layer.mixer().ifPresent(choice -> put(node, "mixer", choice));
      layer.channel().ifPresent(choice -> put(node, "channel", choice));
      if (layer.layerScale() != 0) {
        node.put("layer_scale", layer.layerScale());
      }
      i = end;
    }
  }

  private static Stage readStage(JsonReader stage, Catalogue catalogue) {
    stage.only("downsampling", "width", "layout", "layers");
    var layers = new ArrayList<Layer>();
    for (JsonReader layer : stage.at("layers").elements()) {
      layer.only("repeat", "wrapper", "norm", "mixer", "channel", "layer_scale");
      int repeat = layer.find("repeat").map(JsonReader::integer).orElse(1);
      if (repeat < 1 || repeat > 1000) {
        throw layer.at("repeat").error("must be from 1 to 1000, got " + repeat);
      }
      Layer read =
          layer.checked(
              () ->
                  new Layer(
                      choice(layer.at("wrapper"), catalogue, Role.WRAPPER),
                      choice(layer.at("norm"), catalogue, Role.NORM),
                      find(layer, "mixer", catalogue, Role.TOKEN_MIXER),
                      find(layer, "channel", catalogue, Role.CHANNEL_MIXER),
                      layer.find("layer_scale").map(JsonReader::number).orElse(0.0)));
      for (int i = 0; i < repeat; i++) {
        layers.add(read);
      }
    }
    return stage.checked(
        () ->
            new Stage(
                stage.at("width").integer(),
                find(stage, "downsampling", catalogue, Role.DOWNSAMPLING),
                layers,
                find(stage, "layout", catalogue, Role.LAYOUT).orElse(Stage.STACKED)));
  }

  private static Optional<Choice> find(
      JsonReader node, String key, Catalogue catalogue, Role role) {
    return node.find(key).map(found -> choice(found, catalogue, role));
  }

  private static Choice choice(JsonReader node, Catalogue catalogue, Role role) {
    if (node.isString()) {
      return Choice.of(block(node, catalogue, role).id());
    }
    Block block = block(node.at("id"), catalogue, role);
    var values = new TreeMap<String, Object>();
    for (Map.Entry<String, JsonReader> entry : node.entries().entrySet()) {
      if (!entry.getKey().equals("id")) {
        values.put(entry.getKey(), entry.getValue().scalar());
      }
    }
    return node.checked(() -> new Choice(block.id(), Setting.of(block.knobs(), values)));
  }

  private static Block block(JsonReader node, Catalogue catalogue, Role role) {
    String id = node.string();
    List<Block> parts = catalogue.all(role).stream().toList();
    return parts.stream()
        .filter(block -> block.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                node.error(
                    "names no %s: '%s'; known are %s"
                        .formatted(role.text(), id, parts.stream().map(Block::id).toList())));
  }

  private static void put(ObjectNode node, String key, Choice choice) {
    if (choice.setting().values().isEmpty()) {
      node.put(key, choice.id());
      return;
    }
    ObjectNode object = node.putObject(key);
    object.put("id", choice.id());
    choice
        .setting()
        .values()
        .forEach(
            (name, value) -> {
              switch (value) {
                case Integer whole -> object.put(name, whole);
                case Double number -> object.put(name, number);
                case Boolean flag -> object.put(name, flag);
                default -> object.put(name, value.toString());
              }
            });
  }
}
