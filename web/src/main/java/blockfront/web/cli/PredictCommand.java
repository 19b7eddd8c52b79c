package blockfront.web.cli;

import blockfront.search.data.ImageFile;
import blockfront.search.export.ExportedModel;
import blockfront.search.train.Evaluator;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Asks an exported network about images. */
@Command(
    name = "predict",
    description = "Says what images show, by an exported ONNX or SameDiff file.",
    mixinStandardHelpOptions = true)
final class PredictCommand implements Callable<Integer> {

  private static final int SHOWN = 3;

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "FILE", description = "What 'export' wrote: .onnx or .fb.")
  private Path file = Path.of("");

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "IMAGE",
      description = "PNG or JPEG images of any size.")
  private List<Path> images = List.of();

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  /** A class and how sure the network is of it. */
  private record Guess(String name, double probability) {}

  @Override
  public Integer call() {
    PrintWriter printer = spec.commandLine().getOut();
    ArrayNode list = Json.list();
    try (ExportedModel model = ExportedModel.open(file)) {
      if (model.shape().rank() != 3 || model.card().classes().isEmpty()) {
        throw new IllegalArgumentException(
            "'%s' takes %s and not images of classes".formatted(file, model.shape().text()));
      }
      for (Path image : images) {
        List<Guess> guesses = guesses(model, image);
        if (json) {
          ObjectNode node = list.addObject();
          node.put("image", image.toString());
          node.put("class", guesses.getFirst().name());
          ObjectNode all = node.putObject("probabilities");
          guesses.forEach(guess -> all.put(guess.name(), guess.probability()));
        } else {
          printer.printf(
              "%s: %s%n",
              image,
              guesses.stream()
                  .limit(SHOWN)
                  .map(guess -> "%s %.1f %%".formatted(guess.name(), 100 * guess.probability()))
                  .collect(Collectors.joining(", ")));
        }
      }
    }
    if (json) {
      printer.println(Json.text(list));
    }
    printer.flush();
    return 0;
  }

  /** All classes, the most probable first. */
  private static List<Guess> guesses(ExportedModel model, Path image) {
    float[] logits = model.answers(ImageFile.read(image, model.shape())).getFirst();
    double most = logits[Evaluator.greatest(logits)];
    double sum =
        IntStream.range(0, logits.length).mapToDouble(i -> Math.exp(logits[i] - most)).sum();
    List<String> classes = model.card().classes();
    return IntStream.range(0, logits.length)
        .mapToObj(i -> new Guess(classes.get(i), Math.exp(logits[i] - most) / sum))
        .sorted(Comparator.comparingDouble(Guess::probability).reversed())
        .toList();
  }
}
