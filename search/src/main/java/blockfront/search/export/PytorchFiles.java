package blockfront.search.export;

import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Parameters;
import blockfront.blocks.graph.Shape;
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
    Shape image = data.shape();
    Normalisation normalisation = data.normalisation();
    Map<String, String> parts =
        Map.ofEntries(
            Map.entry("TITLE", title.replace("\\", "/").replace("\"", "'")),
            Map.entry("HEIGHT", String.valueOf(image.size(0))),
            Map.entry("WIDTH", String.valueOf(image.size(1))),
            Map.entry("CHANNELS", String.valueOf(image.size(2))),
            Map.entry("CLASSES", String.valueOf(data.classes().size())),
            // a list of strings reads alike in JSON and in Python
            Map.entry("NAMES", JSON.writeValueAsString(data.classes())),
            Map.entry("MEAN", normalisation.mean().toString()),
            Map.entry("DEVIATION", normalisation.deviation().toString()),
            Map.entry("FORWARD", source.forward()),
            Map.entry("METHODS", source.methods()),
            Map.entry("GATHERED", gathered(network)));
    String text = template();
    for (Map.Entry<String, String> part : parts.entrySet()) {
      text = text.replace("%" + part.getKey() + "%", part.getValue());
    }
    return text;
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
