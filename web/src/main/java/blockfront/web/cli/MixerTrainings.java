package blockfront.web.cli;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.search.bench.MixerBench;
import blockfront.search.data.DataSets;
import blockfront.search.trial.Recipe;
import blockfront.search.worker.LocalWorkers;
import blockfront.search.worker.WorkerCommand;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** The options of commands that train token mixers in the same network, and what they do. */
final class MixerTrainings {

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "Passes over the training examples (default: ${DEFAULT-VALUE}).",
      defaultValue = "10")
  private int epochs;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Of each training (default: ${DEFAULT-VALUE}).",
      defaultValue = "1")
  private long seed;

  @Option(
      names = "--learning-rate",
      paramLabel = "R",
      description = "The greatest (default: ${DEFAULT-VALUE}).",
      defaultValue = "0.002")
  private double learningRate;

  @Option(
      names = "--mixers",
      paramLabel = "ID",
      split = ",",
      description = "Only these, separated by commas (default: all that the data admits).")
  private List<String> mixers = List.of();

  @Option(
      names = "--slots",
      paramLabel = "K",
      description = "Trainings at a time (default: one a core).",
      defaultValue = "0")
  private int slots;

  /** A table of each data set, in their order. */
  List<MixerTable> tables(List<String> sets, PrintWriter progress) throws InterruptedException {
    var tables = new ArrayList<MixerTable>();
    try (var workers = new LocalWorkers(WorkerCommand.ofThisProgram(), Slots.orCores(slots))) {
      for (String name : sets) {
        var bench = new MixerBench(name, recipe(), seed, Catalogue.load());
        List<MixerBench.Row> rows =
            bench.run(
                workers,
                mixers,
                row -> {
                  progress.printf("%s: %s%n", row.name(), MixerTable.result(row));
                  progress.flush();
                });
        tables.add(new MixerTable(bench.data(), DataSets.baselines(name), rows));
      }
    }
    return tables;
  }

  /** In one line, for people. */
  String text() {
    return "%d epochs, seed %d, learning rate %s".formatted(epochs, seed, learningRate);
  }

  private Recipe recipe() {
    Recipe standard = Recipe.STANDARD.withEpochs(epochs);
    return new Recipe(
        epochs,
        standard.batch(),
        learningRate,
        standard.weightDecay(),
        Math.min(1, epochs),
        0,
        standard.clipNorm(),
        standard.dropPath(),
        standard.shift(),
        standard.flip());
  }
}
