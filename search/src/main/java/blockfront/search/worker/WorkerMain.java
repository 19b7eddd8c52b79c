package blockfront.search.worker;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.cost.Cost;
import blockfront.blocks.network.Architecture;
import blockfront.search.data.DataException;
import blockfront.search.data.DataSet;
import blockfront.search.data.DataSets;
import blockfront.search.export.onnx.OnnxExport;
import blockfront.search.space.GenomeCodec;
import blockfront.search.study.ExamplePlans;
import blockfront.search.study.StudyPlan;
import blockfront.search.train.TrainedNetwork;
import blockfront.search.train.Trainer;
import blockfront.search.trial.Epoch;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Parent;
import blockfront.search.trial.Provenance;
import blockfront.search.trial.Recipe;
import blockfront.search.trial.TrialSpec;
import blockfront.search.trial.Version;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToDoubleBiFunction;

/** A worker process: reads trials from standard input, answers on standard output. */
public final class WorkerMain implements Training {

  /** Networks of the example search that are trained for an epoch before anybody asks. */
  private static final int WARM_UP = 12;

  private final Catalogue catalogue = Catalogue.load();
  private final Trainer trainer = new Trainer(catalogue);
  private final Map<String, DataSet> loaded = new HashMap<>();
  private final String machine;
  private final ToDoubleBiFunction<TrainedNetwork, DataSet> int8Drop;

  WorkerMain(String machine) {
    this(machine, OnnxExport::int8Drop);
  }

  /** With another way to measure what 8 bits cost. */
  WorkerMain(String machine, ToDoubleBiFunction<TrainedNetwork, DataSet> int8Drop) {
    this.machine = machine;
    this.int8Drop = int8Drop;
  }

  /** Runs until standard input ends. */
  public static void main(String[] arguments) throws InterruptedException {
    // what libraries print must not get between the messages
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    String machine = machine(Trainer.ready());
    System.err.println("Worker " + ProcessHandle.current().pid() + " trains on " + machine);
    new WorkerLoop(new WorkerMain(machine), System.in, out).run();
    // native threads of the libraries would keep the process
    Runtime.getRuntime().halt(0);
  }

  /** Does once what a worker does: readies the libraries and trains a network for an epoch. */
  public static void rehearse() {
    var worker = new WorkerMain(machine(Trainer.ready()));
    worker.warmUp(1, () -> false);
  }

  @Override
  public Outcome train(TrialSpec spec, Consumer<Epoch> progress, BooleanSupplier cancelled) {
    try {
      DataSet data = data(spec);
      Outcome outcome =
          trainer.train(
              spec.architecture(),
              data,
              spec.recipe(),
              spec.seed(),
              spec.until(),
              spec.checkpoint(),
              spec.parent().map(Parent::weights),
              progress,
              cancelled,
              spec.weights());
      return spec.measuresInt8() ? quantised(spec, data, outcome) : outcome;
    } catch (DataException e) {
      return new Outcome.Failed(Outcome.Reason.ERROR, String.valueOf(e.getMessage()));
    } catch (OutOfMemoryError e) {
      return new Outcome.Failed(
          Outcome.Reason.OUT_OF_MEMORY,
          "Not enough memory for '%s': %s".formatted(spec.data(), e.getMessage()));
    } catch (RuntimeException e) {
      // a fault of ours must cost this trial only, and be told
      return new Outcome.Failed(Outcome.Reason.ERROR, e.toString());
    }
  }

  private Outcome quantised(TrialSpec spec, DataSet data, Outcome outcome) {
    return switch (outcome) {
      case Outcome.Trained(Measurement measured) ->
          drop(spec, data, measured, Outcome.Trained::new);
      case Outcome.StoppedEarly(Measurement measured, String reason) ->
          drop(spec, data, measured, with -> new Outcome.StoppedEarly(with, reason));
      case Outcome.Cancelled _, Outcome.Failed _ -> outcome;
    };
  }

  private Outcome drop(
      TrialSpec spec, DataSet data, Measurement measured, Function<Measurement, Outcome> with) {
    try (var network =
        TrainedNetwork.load(spec.architecture(), catalogue, spec.weights().orElseThrow())) {
      return with.apply(measured.withInt8Drop(int8Drop.applyAsDouble(network, data)));
    } catch (RuntimeException | OutOfMemoryError e) {
      return new Outcome.Failed(
          Outcome.Reason.ERROR,
          "Trained to a %s of %s, but its INT8 drop cannot be measured: %s"
              .formatted(
                  measured.metric().title(),
                  measured.metric().text(measured.validationScore()),
                  e.getMessage()));
    }
  }

  @Override
  public void warmUp(BooleanSupplier enough) {
    warmUp(WARM_UP, enough);
  }

  private void warmUp(int networks, BooleanSupplier enough) {
    StudyPlan example = ExamplePlans.DIGITS.plan();
    try {
      DataSet data = data(example.data());
      new GenomeCodec(example.space(), data.task(), catalogue)
          .draws(example.seed())
          .limit(networks)
          .takeWhile(_ -> !enough.getAsBoolean())
          .forEach(network -> warmUp(network, data, example.recipe(), enough));
    } catch (RuntimeException | OutOfMemoryError e) {
      // trials will tell what is wrong, if it matters to them
      System.err.println("Warm-up ends: " + e);
    }
  }

  /** For one epoch; what comes of it does not matter. */
  private void warmUp(Architecture network, DataSet data, Recipe recipe, BooleanSupplier enough) {
    var _ =
        trainer.train(
            network,
            data,
            recipe,
            1,
            1,
            Optional.empty(),
            Optional.empty(),
            _ -> {},
            enough,
            Optional.empty());
  }

  @Override
  public Provenance provenance(TrialSpec spec, String worker) {
    DataSet data = loaded.get(spec.data());
    return new Provenance(
        spec.seed(),
        data == null ? "" : data.hash(),
        Cost.RULES_VERSION,
        Version.CURRENT,
        machine,
        worker,
        spec.parent().map(Parent::trial));
  }

  /** The data of a trial; read again if what is loaded is not that. */
  private DataSet data(TrialSpec spec) {
    if (!isOf(spec, data(spec.data()))) {
      loaded.clear(); // its files may have changed since they were read
    }
    DataSet data = data(spec.data());
    if (!isOf(spec, data)) {
      throw new DataException(
          "%s: wanted the data that the study began with (SHA-256 %s), got other data (%s)"
              .formatted(spec.data(), spec.dataHash().orElse("any"), data.hash()));
    }
    return data;
  }

  private static boolean isOf(TrialSpec spec, DataSet data) {
    return spec.dataHash().map(data.hash()::equals).orElse(true);
  }

  private DataSet data(String name) {
    DataSet known = loaded.get(name);
    if (known == null) {
      loaded.clear(); // one at a time: sets may be large
      known = DataSets.load(name);
      loaded.put(name, known);
    }
    return known;
  }

  private static String machine(String blas) {
    return "%s · %d cores · %s %s · Java %s · %s"
        .formatted(
            processor(),
            Runtime.getRuntime().availableProcessors(),
            System.getProperty("os.name"),
            System.getProperty("os.version"),
            System.getProperty("java.version"),
            blas);
  }

  private static String processor() {
    try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .findFirst()
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .orElse(System.getProperty("os.arch"));
    } catch (IOException e) {
      return System.getProperty("os.arch"); // not a Linux
    }
  }
}
