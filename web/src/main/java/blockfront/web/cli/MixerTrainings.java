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
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options of commands that train token mixers in the same network, and what they do. */
final class MixerTrainings {

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "Passes over the training examples (default: of each table).")
  private Optional<Integer> epochs = Optional.empty();

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Of each training (default: ${DEFAULT-VALUE}).",
      defaultValue = "1")
  private long seed;

  @Option(
      names = "--learning-rate",
      paramLabel = "R",
      description = "The greatest (default: of each table).")
  private Optional<Double> learningRate = Optional.empty();

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

  /**
   * What a table is of.
   *
   * @param recipe where the command says nothing else
   */
  record Asked(String data, MixerBench.Body body, Recipe recipe) {}

  /** A table of each, in their order. */
  List<MixerTable> tables(List<Asked> list, PrintWriter progress) throws InterruptedException {
    var tables = new ArrayList<MixerTable>();
    try (var workers = new LocalWorkers(WorkerCommand.ofThisProgram(), Slots.orCores(slots));
        var _ = OnSignal.does(workers::close)) {
      for (Asked asked : list) {
        Recipe recipe = recipe(asked.recipe());
        var bench = new MixerBench(asked.data(), asked.body(), recipe, seed, Catalogue.load());
        List<MixerBench.Row> rows =
            bench.run(
                workers,
                mixers,
                row -> {
                  progress.printf("%s: %s%n", row.name(), MixerTable.result(row));
                  progress.flush();
                });
        String text =
            "%s; %d epochs, batches of %d, learning rate %s, weight decay %s, seed %d"
                .formatted(
                    asked.body().text(),
                    recipe.epochs(),
                    recipe.batch(),
                    recipe.learningRate(),
                    recipe.weightDecay(),
                    seed);
        tables.add(new MixerTable(bench.data(), text, DataSets.baselines(asked.data()), rows));
      }
    }
    return tables;
  }

  private Recipe recipe(Recipe standard) {
    return standard
        .withEpochs(epochs.orElse(standard.epochs()))
        .withLearningRate(learningRate.orElse(standard.learningRate()));
  }
}
