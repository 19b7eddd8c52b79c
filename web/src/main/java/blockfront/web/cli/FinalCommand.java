package blockfront.web.cli;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.search.export.Trained;
import blockfront.search.study.FinalPlan;
import blockfront.search.trial.FinalRun;
import blockfront.search.trial.FinalTraining;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Recipe;
import blockfront.search.worker.LocalWorkers;
import blockfront.search.worker.WorkerCommand;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Trains the winner. */
@Command(
    name = "final",
    description =
        "Trains a network that a search found to the end: longer, with several seeds, stopped"
            + " early by validation, reported on the test set once.",
    mixinStandardHelpOptions = true)
final class FinalCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Mixin private KeptStudy.Chosen chosen = new KeptStudy.Chosen();

  @Option(
      names = "--trial",
      paramLabel = "ID",
      required = true,
      description = "Number of the trial in its study.")
  private int trial;

  @Option(names = "--seeds", paramLabel = "N", description = "Trainings (default: 3).")
  private Optional<Integer> seeds = Optional.empty();

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "The most epochs (default: three times the search's).")
  private Optional<Integer> epochs = Optional.empty();

  @Option(
      names = "--patience",
      paramLabel = "N",
      description =
          "Epochs without a better validation score after which a training ends (default: as"
              + " many as the search trained).")
  private Optional<Integer> patience = Optional.empty();

  @Option(
      names = "--slots",
      paramLabel = "K",
      description = "Trainings at a time (default: one a core).",
      defaultValue = "0")
  private int slots;

  @Option(names = "--json", description = "Print one JSON document, no progress.")
  private boolean json;

  @Override
  public Integer call() {
    PrintWriter printer = spec.commandLine().getOut();
    int workers = Slots.orCores(slots);
    try (KeptStudy study = chosen.open(Catalogue.load())) {
      Trained trained = study.trained(trial);
      Recipe searched = study.plan().recipe();
      FinalPlan standard = FinalPlan.after(searched);
      var plan =
          new FinalPlan(
              seeds.orElse(standard.seeds()),
              epochs.orElse(standard.epochs()),
              patience.orElse(standard.patience()));
      List<FinalRun> runs =
          study.addFinals(
              trial, plan.seedsAfter(study.finals(trial).runs().size()), plan.recipe(searched));
      try (var runner =
              new LocalWorkers(WorkerCommand.ofThisProgram(), Math.min(workers, runs.size()));
          var _ = OnSignal.does(runner::close)) {
        new FinalRuns(study, trained, runner, ended -> print(study, ended, printer)).train(runs);
      }
      report(printer, trained, study.finals(trial));
      return study.finals(trial).best().isPresent() ? 0 : Blockfront.REFUSED;
    }
  }

  private void print(KeptStudy study, int ended, PrintWriter printer) {
    if (!json) {
      study.finals(trial).runs().stream()
          .filter(known -> known.number() == ended)
          .forEach(known -> printer.println(line(known)));
      printer.flush();
    }
  }

  private static String line(FinalRun run) {
    return run.measurement()
        .map(
            measurement ->
                "seed %d: %d epochs, validation %.4f, test %.4f, %.1f s"
                    .formatted(
                        run.seed(),
                        measurement.epochs(),
                        measurement.validationScore(),
                        measurement.testScore(),
                        measurement.seconds()))
        .orElseGet(
            () ->
                "seed %d: %s"
                    .formatted(
                        run.seed(),
                        run.outcome()
                            .map(
                                outcome ->
                                    outcome instanceof Outcome.Failed failed
                                        ? failed.detail()
                                        : "cancelled")
                            .orElse("not over")));
  }

  private void report(PrintWriter printer, Trained trained, FinalTraining finals) {
    Measurement searched = trained.searched();
    if (json) {
      ObjectNode node = Json.object();
      node.put("trial", trial);
      node.put("metric", searched.metric().title());
      node.put("searchValidation", searched.validationScore());
      node.put("searchTest", searched.testScore());
      finals.validation().ifPresent(spread -> put(node.putObject("validation"), spread));
      finals.test().ifPresent(spread -> put(node.putObject("test"), spread));
      ArrayNode list = node.putArray("runs");
      for (FinalRun run : finals.trained()) {
        Measurement measurement = run.measurement().orElseThrow();
        ObjectNode line = list.addObject();
        line.put("seed", run.seed());
        line.put("epochs", measurement.epochs());
        line.put(measurement.metric().column("validation"), measurement.validationScore());
        line.put(measurement.metric().column("test"), measurement.testScore());
      }
      printer.println(Json.text(node));
    } else {
      printer.printf(
          "search: validation %.4f, test %.4f%n", searched.validationScore(), searched.testScore());
      finals
          .validation()
          .ifPresent(
              validation ->
                  printer.printf(
                      "final, %d seeds: validation %s, test %s%n",
                      finals.trained().size(),
                      text(validation),
                      text(finals.test().orElseThrow())));
    }
    printer.flush();
  }

  private static void put(ObjectNode node, FinalTraining.Spread spread) {
    node.put("mean", spread.mean());
    node.put("deviation", spread.deviation());
  }

  private static String text(FinalTraining.Spread spread) {
    return "%.4f ± %.4f".formatted(spread.mean(), spread.deviation());
  }
}
