package blockfront.web.cli;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.preset.Presets;
import blockfront.search.data.DataSets;
import blockfront.search.export.StudyFiles;
import blockfront.search.strategy.SuccessiveHalving;
import blockfront.search.study.Budget;
import blockfront.search.study.ExamplePlans;
import blockfront.search.study.Imported;
import blockfront.search.study.InitialWeights;
import blockfront.search.study.Leaderboard;
import blockfront.search.study.LocalStudyService;
import blockfront.search.study.MemoryStudyStore;
import blockfront.search.study.ParetoFront;
import blockfront.search.study.Progress;
import blockfront.search.study.Study;
import blockfront.search.study.StudyEvent;
import blockfront.search.study.StudyPlan;
import blockfront.search.study.StudyPlanJson;
import blockfront.search.study.StudyService;
import blockfront.search.study.StudyState;
import blockfront.search.study.StudyStore;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Trial;
import blockfront.search.worker.LocalWorkers;
import blockfront.search.worker.WorkerCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/** Searches without a browser. */
@Command(
    name = "search",
    description = "Searches for networks and prints the front of scores against FLOPs.",
    mixinStandardHelpOptions = true)
final class SearchCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @ArgGroup(multiplicity = "1")
  private Asked asked = new Asked();

  @Option(names = "--trials", paramLabel = "N", description = "Networks to train.")
  private Optional<Integer> trials = Optional.empty();

  @Option(names = "--minutes", paramLabel = "M", description = "Longest time of searching.")
  private Optional<Double> minutes = Optional.empty();

  @Option(names = "--seed", paramLabel = "S", description = "Of all random choices.")
  private Optional<Long> seed = Optional.empty();

  @Option(names = "--strategy", paramLabel = "NAME", description = "What proposes networks.")
  private Optional<String> strategy = Optional.empty();

  @Option(
      names = "--halving",
      negatable = true,
      description = "Stop poor trainings early, by successive halving; --no-halving: train all.")
  private Optional<Boolean> halving = Optional.empty();

  @Option(
      names = "--inherit",
      negatable = true,
      description =
          "Begin each training with the weights of the likest network trained before;"
              + " --no-inherit: from scratch.")
  private Optional<Boolean> inherit = Optional.empty();

  @Option(
      names = "--start",
      paramLabel = "NETWORKS",
      split = ",",
      description =
          "Begin with what is likest to these: names of published networks, or files as"
              + " front.json.")
  private List<String> start = List.of();

  @Option(
      names = "--import",
      paramLabel = "trials.csv",
      description = "What another search measured on the same data; it is not trained again.")
  private Optional<Path> known = Optional.empty();

  @Option(
      names = "--slots",
      paramLabel = "K",
      description = "Trainings at a time (default: one a core). With 1, a seed repeats a search.",
      defaultValue = "0")
  private int slots;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description =
          "Write plan.json, trials.csv, front.csv, front.json and the weights here, where no other"
              + " search has; they are brought up to date after each network.")
  private Optional<Path> out = Optional.empty();

  @Option(names = "--json", description = "Print one JSON document, no progress.")
  private boolean json;

  /** A plan or an example. */
  static final class Asked {
    @Parameters(
        paramLabel = "PLAN.json",
        arity = "0..1",
        description = "A plan, as the page shows it and --out writes it.")
    private Optional<Path> plan = Optional.empty();

    @Option(
        names = "--example",
        paramLabel = "NAME",
        description = "A built-in plan: digits, fashion, mqar.")
    private Optional<String> example = Optional.empty();
  }

  @Override
  public Integer call() throws InterruptedException {
    Catalogue catalogue = Catalogue.load();
    StudyPlan said = plan();
    List<Imported> imported =
        known
            .map(file -> StudyFiles.imported(file, DataSets.load(said.data()), catalogue))
            .orElse(List.of());
    StudyPlan plan = begun(said, imported, catalogue);
    int workers = Slots.orCores(slots);
    Path folder = out.map(SearchCommand::writable).orElseGet(SearchCommand::temporary);
    var store = new MemoryStudyStore();
    try (var service =
            new LocalStudyService(
                store,
                new LocalWorkers(WorkerCommand.ofThisProgram(), workers),
                Catalogue.load(),
                folder.resolve("weights"),
                Clock.systemUTC());
        var _ = OnSignal.does(() -> abandon(service, folder))) {
      var bar = new ProgressBar(spec.commandLine().getErr(), json);
      Study study = search(plan, imported, store, service, bar);
      List<Trial> all = store.trials(study.id());
      bar.end(study.message());
      report(study, all);
      return exit(study, all);
    } finally {
      if (out.isEmpty()) {
        delete(folder);
      }
    }
  }

  /** What the command answers: whether the search went through and found anything. */
  static int exit(Study study, List<Trial> all) {
    boolean found = !ParetoFront.of(all, study.plan().aims()).points().isEmpty();
    return found && study.state() != StudyState.FAILED ? 0 : Blockfront.REFUSED;
  }

  /** With what was said on the command line to begin with. */
  private StudyPlan begun(StudyPlan plan, List<Imported> imported, Catalogue catalogue) {
    var networks = new ArrayList<>(plan.start());
    for (String each : start) {
      Path file = Path.of(each);
      if (Presets.names().contains(each) || !Files.exists(file)) {
        networks.add(Presets.byName(each));
        continue;
      }
      try {
        networks.addAll(StudyFiles.networks(TextFile.read(file), catalogue));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("%s: %s".formatted(file, e.getMessage()), e);
      }
    }
    imported.forEach(each -> networks.add(each.architecture()));
    return plan.withStart(networks)
        .withStrategy(strategy.orElse(plan.strategy()))
        .withInitialWeights(
            inherit
                .map(wanted -> wanted ? InitialWeights.INHERITED : InitialWeights.DRAWN)
                .orElse(plan.initialWeights()))
        .withHalving(
            halving
                .map(
                    wanted ->
                        wanted
                            ? plan.halving()
                                .or(
                                    () ->
                                        Optional.of(
                                            SuccessiveHalving.standard(plan.recipe().epochs())))
                            : Optional.<SuccessiveHalving>empty())
                .orElse(plan.halving()));
  }

  private Study search(
      StudyPlan plan,
      List<Imported> imported,
      StudyStore store,
      StudyService service,
      ProgressBar bar)
      throws InterruptedException {
    var ended = new CountDownLatch(1);
    try (var _ =
        service.subscribe(
            event -> {
              Study now = store.study(event.study()).orElseThrow();
              try {
                if (!(event instanceof StudyEvent.EpochFinished)) {
                  List<Trial> known = store.trials(now.id());
                  bar.show(Progress.of(now, known), ParetoFront.of(known, now.plan().aims()));
                  out.ifPresent(folder -> StudyFiles.write(folder, now.plan(), known));
                }
              } finally {
                if (now.state().ended()) {
                  ended.countDown();
                }
              }
            })) {
      Study study = service.start(plan, imported);
      ended.await();
      // once more: a folder that cannot be written to must not go unnoticed
      out.ifPresent(folder -> StudyFiles.write(folder, plan, store.trials(study.id())));
      return store.study(study.id()).orElseThrow();
    }
  }

  private StudyPlan plan() {
    StudyPlan plan =
        asked.example.map(name -> ExamplePlans.named(name).plan()).orElseGet(() -> read(file()));
    Budget budget =
        new Budget(
            trials.or(() -> plan.budget().trials()),
            minutes
                .map(given -> Duration.ofMillis(Math.round(given * 60_000)))
                .or(() -> plan.budget().time()));
    return plan.withBudget(budget).withSeed(seed.orElse(plan.seed()));
  }

  private Path file() {
    return asked.plan.orElseThrow(
        () ->
            new IllegalArgumentException(
                "Which search? Name a file that holds a plan, or one of %s by --example"
                    .formatted(ExamplePlans.names())));
  }

  private static StudyPlan read(Path file) {
    String text = TextFile.read(file);
    try {
      return StudyPlanJson.read(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("%s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private void report(Study study, List<Trial> all) {
    PrintWriter printer = spec.commandLine().getOut();
    if (json) {
      printer.println(Json.text(document(study, all)));
    } else {
      ParetoFront front = ParetoFront.of(all, study.plan().aims());
      printer.printf(
          "%6s %10s %14s %12s  %s%n",
          "trial", DataSets.metric(study.plan().data()).title(), "FLOPs", "parameters", "mixers");
      for (Trial trial : front.points()) {
        printer.printf(
            "%6d %10s %,14d %,12d  %s%n",
            trial.id().number(),
            score(trial.measurement().orElseThrow()),
            trial.cost().flops(),
            trial.cost().parameters(),
            Leaderboard.mixers(trial.architecture()));
      }
      out.ifPresent(folder -> printer.printf("Written to %s%n", folder));
    }
    printer.flush();
  }

  static ObjectNode document(Study study, List<Trial> all) {
    ParetoFront front = ParetoFront.of(all, study.plan().aims());
    Progress progress = Progress.of(study, all);
    ObjectNode node = Json.object();
    node.put("name", study.plan().name());
    node.put("data", study.plan().data());
    node.put("strategy", study.plan().strategy());
    node.put("seed", study.plan().seed());
    node.put("state", study.state().name().toLowerCase(Locale.ROOT));
    node.put("message", study.message());
    node.put("seconds", study.searched().toMillis() / 1000.0);
    node.put("measured", progress.measured());
    node.put("failed", progress.failed());
    node.put("refused", progress.refused());
    node.put("duplicates", study.duplicates());
    node.put("hypervolume", front.hypervolume());
    node.set("front", StudyFiles.frontNode(front));
    return node;
  }

  private static String score(Measurement measurement) {
    return measurement.metric().text(measurement.validationScore()).replace(" %", "%");
  }

  private static Path writable(Path folder) {
    if (Files.exists(folder.resolve("plan.json"))) {
      throw new IllegalArgumentException(
          "'%s' holds a search already (plan.json): name another folder by --out"
              .formatted(folder));
    }
    try {
      Files.createDirectories(folder);
      Files.delete(Files.createTempFile(folder, "write", ".check"));
      return folder;
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "Cannot write to '%s': %s".formatted(folder, e.toString()), e);
    }
  }

  private static Path temporary() {
    try {
      return Files.createTempDirectory("blockfront");
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot make a temporary folder", e);
    }
  }

  /** Ends the workers, which would go on writing, and leaves nothing that nobody asked for. */
  private void abandon(StudyService service, Path folder) {
    service.close();
    if (out.isEmpty()) {
      delete(folder);
    }
  }

  private static void delete(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot delete the temporary '%s'".formatted(folder), e);
    }
  }
}
