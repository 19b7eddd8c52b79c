package blockfront.search.export;

import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Parameters;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.network.Network;
import blockfront.blocks.network.Sequence;
import blockfront.blocks.network.Task;
import blockfront.search.data.DataSet;
import blockfront.search.data.Normalisation;
import blockfront.search.train.Safetensors;
import blockfront.search.train.TrainedNetwork;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.json.JsonMapper;

/** A trained network as {@code model.py} and {@code model.safetensors}, for PyTorch. */
final class PytorchFiles {

  static final String SOURCE = "model.py";
  static final String WEIGHTS = "model.safetensors";

  private static final JsonMapper JSON = new JsonMapper();

  private PytorchFiles() {}

  /**
   * Writes both files.
   *
   * @param title what the network is, in one line
   */
  static List<Path> write(Path folder, String title, TrainedNetwork network, DataSet data) {
    var source = new PytorchSource(network.network(), network.values());
    Path weights = folder.resolve(WEIGHTS);
    Safetensors.write(weights, source.tensors());
    Path file = folder.resolve(SOURCE);
    try {
      Files.writeString(file, text(title, source, network, data));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write the network to '%s'".formatted(folder), e);
    }
    return List.of(file, weights);
  }

  private static String text(
      String title, PytorchSource source, TrainedNetwork network, DataSet data) {
    Map<String, String> parts =
        Map.ofEntries(
            Map.entry("TITLE", title.replace("\\", "/").replace("\"", "'")),
            Map.entry("INPUT", network.network().inputName()),
            Map.entry("SIZES", sizes(data.task().input())),
            Map.entry("VALUES", values(data.task())),
            Map.entry("OUTPUT", "[batch, %s]".formatted(sizes(data.task().output()))),
            // a list of strings reads alike in JSON and in Python
            Map.entry("NAMES", JSON.writeValueAsString(data.classes())),
            Map.entry("USE", use(data, network.network())),
            Map.entry("NORMALISED", normalised(data.normalisation(), network.network())),
            Map.entry("CONSTANTS", constants(data.normalisation(), network.network())),
            Map.entry("FORWARD", source.forward()),
            Map.entry("METHODS", source.methods()),
            Map.entry("GATHERED", gathered(network)));
    String text = template();
    for (Map.Entry<String, String> part : parts.entrySet()) {
      text = text.replace("%" + part.getKey() + "%", part.getValue());
    }
    return text;
  }

  private static String sizes(Shape shape) {
    return shape.sizes().stream().map(String::valueOf).collect(Collectors.joining(", "));
  }

  private static String values(Task task) {
    return task.sequence()
        .map(
            sequence ->
                switch (sequence) {
                  case Sequence.Tokens(int _, int vocabulary) ->
                      "whole numbers 0 to " + (vocabulary - 1);
                  case Sequence.Vectors _ -> "as in the data";
                })
        .orElse("values 0 to 255");
  }

  private static String use(DataSet data, Network network) {
    String call = "network(%s)".formatted(network.inputName());
    return data.classes().isEmpty()
        ? "print(%s)".formatted(call)
        : "print(CLASSES[%s.argmax()])".formatted(call);
  }

  private static String normalised(Normalisation by, Network network) {
    String input = network.inputName();
    if (by.none()) {
      return input;
    }
    // scaled first, vectors far from 0 would lose what makes them differ
    return vectors(network)
        ? "(%s - %s.new_tensor(MEAN) - %s.new_tensor(REST)) / %s.new_tensor(DEVIATION)"
            .formatted(input, input, input, input)
        : "(%s / 255 - %s.new_tensor(MEAN)) / %s.new_tensor(DEVIATION)"
            .formatted(input, input, input);
  }

  private static String constants(Normalisation by, Network network) {
    if (by.none()) {
      return "";
    }
    if (vectors(network)) {
      List<Integer> channels = IntStream.range(0, by.mean().size()).boxed().toList();
      return """

      # of each channel; what float32 cannot hold of a mean is its rest
      MEAN = %s
      REST = %s
      DEVIATION = %s
      """
          .formatted(
              channels.stream().map(i -> (double) by.centre(i)).toList(),
              channels.stream().map(by::rest).toList(),
              channels.stream().map(i -> 255 * by.deviation().get(i)).toList());
    }
    return """

    # of each channel, of values scaled to 0..1
    MEAN = %s
    DEVIATION = %s
    """
        .formatted(by.mean(), by.deviation());
  }

  private static boolean vectors(Network network) {
    return network.inputName().equals(Network.VECTORS);
  }

  private static String gathered(TrainedNetwork network) {
    return Parameters.of(List.of(network.network().logits())).byName().entrySet().stream()
        .filter(entry -> entry.getValue().op() instanceof Op.Statistic)
        .map(entry -> "\"" + entry.getKey() + "\"")
        .collect(Collectors.joining(", ", "{", "}"))
        .replace("{}", "set()");
  }

  private static String template() {
    try (var in = PytorchFiles.class.getResourceAsStream(SOURCE)) {
      if (in == null) {
        throw new IllegalStateException("This build of Blockfront lacks its " + SOURCE);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
