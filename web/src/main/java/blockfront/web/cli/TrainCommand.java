package blockfront.web.cli;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.cost.Cost;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Network;
import blockfront.search.data.DataSet;
import blockfront.search.data.DataSets;
import blockfront.search.space.ArchitectureJson;
import blockfront.search.study.StudyPlanJson;
import blockfront.search.train.Trainer;
import blockfront.search.trial.Epoch;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Metric;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Recipe;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/** Trains one network. */
@Command(
    name = "train",
    description = "Trains one network and reports it on the test set.",
    mixinStandardHelpOptions = true)
final class TrainCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Mixin private Networks networks = new Networks();

  @Option(
      names = "--data",
      paramLabel = "NAME|DIR",
      required = true,
      description =
          "A built-in data set, a folder, or a name like mqar:pairs=4; see 'data --help'.")
  private String data = "";

  @Option(
      names = "--plan",
      paramLabel = "PLAN.json",
      description = "Train as the networks of this study are (default: the standard recipe).")
  private Optional<Path> plan = Optional.empty();

  @Option(
      names = "--epochs",
      description = "Passes over the training examples (default: as planned, or 20).")
  private Optional<Integer> epochs = Optional.empty();

  @Option(
      names = "--patience",
      paramLabel = "N",
      description =
          "End after so many epochs without a better validation score, and keep the weights of"
              + " the best (default: train to the end).")
  private Optional<Integer> patience = Optional.empty();

  @Option(names = "--seed", description = "Of weights and order of examples (default: 1).")
  private long seed = 1;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Write architecture.json and weights.safetensors here.")
  private Optional<Path> out = Optional.empty();

  @Option(names = "--json", description = "Print one JSON document, no progress.")
  private boolean json;

  @Override
  public Integer call() {
    PrintWriter printer = spec.commandLine().getOut();
    Catalogue catalogue = Catalogue.load();
    Networks.Named named = networks.named(catalogue);
    DataSet set = DataSets.load(data);
    Architecture architecture = named.architecture().forTask(set.task());
    Cost cost = Cost.of(Network.of(architecture, catalogue).logits());
    out.ifPresent(folder -> describe(folder, architecture));
    if (!json) {
      printer.printf(
          "%s on %s: %,d parameters, %,d FLOPs an example%n",
          named.name(), set.name(), cost.parameters(), cost.flops());
      printer.flush();
    }
    Recipe recipe = recipe(set);
    Outcome outcome =
        new Trainer(catalogue)
            .train(
                architecture,
                set,
                recipe,
                seed,
                epoch -> progress(printer, set.metric(), epoch, recipe.epochs()),
                () -> false,
                out.map(folder -> folder.resolve("weights.safetensors")));
    return report(printer, architecture, cost, outcome);
  }

  private int report(PrintWriter printer, Architecture architecture, Cost cost, Outcome outcome) {
    return switch (outcome) {
      case Outcome.Trained(Measurement measurement) ->
          measured(printer, architecture, cost, measurement);
      case Outcome.StoppedEarly(Measurement measurement, String _) ->
          measured(printer, architecture, cost, measurement);
      case Outcome.Cancelled() -> throw new IllegalStateException("Nobody can cancel this");
      case Outcome.Failed(Outcome.Reason reason, String detail) ->
          throw new IllegalArgumentException(
              "Training failed (%s): %s".formatted(reason.name().toLowerCase(Locale.ROOT), detail));
    };
  }

  private int measured(
      PrintWriter printer, Architecture architecture, Cost cost, Measurement measurement) {
    if (json) {
      ObjectNode node = Json.object();
      node.put("architectureId", ArchitectureJson.id(architecture));
      node.put("data", data);
      node.put("seed", seed);
      node.put("epochs", measurement.epochs());
      node.put(measurement.metric().column("validation"), measurement.validationScore());
      node.put("validationLoss", measurement.validationLoss());
      node.put(measurement.metric().column("test"), measurement.testScore());
      node.put("seconds", measurement.seconds());
      Json.put(node, cost);
      printer.println(Json.text(node));
    } else {
      printer.printf(
          "validation %s %.4f, test %s %.4f, %.1f s%n",
          measurement.metric().title(),
          measurement.validationScore(),
          measurement.metric().title(),
          measurement.testScore(),
          measurement.seconds());
    }
    printer.flush();
    return 0;
  }

  private Recipe recipe(DataSet set) {
    // smoothed targets would cost bits
    Recipe usual =
        set.classes().isEmpty() ? Recipe.STANDARD.withLabelSmoothing(0) : Recipe.STANDARD;
    Recipe planned =
        plan.map(file -> StudyPlanJson.read(TextFile.read(file)).recipe()).orElse(usual);
    return planned
        .withEpochs(epochs.orElse(planned.epochs()))
        .withPatience(patience.orElse(planned.patience()));
  }

  private void progress(PrintWriter printer, Metric metric, Epoch epoch, int epochs) {
    if (!json) {
      printer.printf(
          "epoch %3d/%d  train loss %.4f  validation loss %.4f  %s %.4f  %.1f s%n",
          epoch.number(),
          epochs,
          epoch.trainLoss(),
          epoch.validationLoss(),
          metric.title(),
          epoch.validationScore(),
          epoch.seconds());
      printer.flush();
    }
  }

  private static void describe(Path folder, Architecture architecture) {
    try {
      Files.createDirectories(folder);
      Files.writeString(
          folder.resolve("architecture.json"), ArchitectureJson.write(architecture) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write to '%s'".formatted(folder), e);
    }
  }
}
