package blockfront.web.cli;

import blockfront.search.data.DataSet;
import blockfront.search.data.DataSets;
import blockfront.search.export.ExportedModel;
import blockfront.search.trial.Metric;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/** Scores an exported network again. */
@Command(
    name = "verify",
    description =
        "Scores an exported ONNX or SameDiff file on the test set and compares with its card.",
    mixinStandardHelpOptions = true)
final class VerifyCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "What 'export' wrote: .onnx or .fb.")
  private Path file = Path.of("");

  @Option(
      names = "--data",
      paramLabel = "NAME|DIR",
      required = true,
      description = "A built-in data set or a folder.")
  private String data = "";

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  @Override
  public Integer call() {
    ExportedModel.Verified verified;
    DataSet set;
    try (ExportedModel model = ExportedModel.open(file)) {
      set = DataSets.load(data);
      verified = model.verify(set);
    }
    PrintWriter printer = spec.commandLine().getOut();
    if (json) {
      printer.println(Json.text(node(verified)));
    } else {
      printer.println(
          line(verified.metric(), "Test", verified.score(), verified.samples())
              + recorded(verified));
      printer.println(
          line(
                  verified.metric(),
                  "Validation",
                  verified.validationScore(),
                  verified.validationSamples())
              + verified.recorded().validation().map(VerifyCommand::recorded).orElse(""));
      printer.println(
          !verified.sameData()
              ? "Data '%s' is not what it was trained on: nothing to compare".formatted(set.name())
              : verified.holds() ? "As its card says" : "Not as its card says");
    }
    printer.flush();
    return verified.holds() ? 0 : Blockfront.REFUSED;
  }

  private static ObjectNode node(ExportedModel.Verified verified) {
    ObjectNode node = Json.object();
    boolean accuracy = verified.metric() == Metric.ACCURACY;
    node.put("metric", verified.metric().title());
    node.put(accuracy ? "accuracy" : "score", verified.score());
    node.put("recorded", verified.recorded().test());
    node.put("samples", verified.samples());
    node.put(accuracy ? "validationAccuracy" : "validationScore", verified.validationScore());
    verified.recorded().validation().ifPresent(said -> node.put("validationRecorded", said));
    node.put("validationSamples", verified.validationSamples());
    node.put("sameData", verified.sameData());
    node.put("holds", verified.holds());
    return node;
  }

  private static String line(Metric metric, String part, double score, int samples) {
    String text = "%s %s %.4f".formatted(part, metric.title(), score);
    return metric == Metric.ACCURACY
        ? text + " on %d examples".formatted(samples)
        : text + ", %d examples".formatted(samples);
  }

  private static String recorded(ExportedModel.Verified verified) {
    return recorded(verified.recorded().test());
  }

  private static String recorded(double said) {
    return ", recorded %.4f".formatted(said);
  }
}
