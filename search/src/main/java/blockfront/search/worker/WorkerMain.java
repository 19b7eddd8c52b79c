package blockfront.search.worker;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.cost.Cost;
import blockfront.search.data.DataException;
import blockfront.search.data.DataSet;
import blockfront.search.data.DataSets;
import blockfront.search.train.Trainer;
import blockfront.search.trial.Epoch;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Provenance;
import blockfront.search.trial.TrialSpec;
import blockfront.search.trial.Version;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** A worker process: reads trials from standard input, answers on standard output. */
public final class WorkerMain implements Training {

  private final Trainer trainer = new Trainer(Catalogue.load());
  private final Map<String, DataSet> loaded = new HashMap<>();
  private final String machine;

  private WorkerMain(String machine) {
    this.machine = machine;
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

  @Override
  public Outcome train(TrialSpec spec, Consumer<Epoch> progress, BooleanSupplier cancelled) {
    try {
      DataSet data = data(spec.data());
      return trainer.train(
          spec.architecture(),
          data,
          spec.recipe(),
          spec.seed(),
          spec.until(),
          spec.checkpoint(),
          progress,
          cancelled,
          spec.weights());
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

  @Override
  public Provenance provenance(TrialSpec spec, String worker) {
    DataSet data = loaded.get(spec.data());
    return new Provenance(
        spec.seed(),
        data == null ? "" : data.hash(),
        Cost.RULES_VERSION,
        Version.CURRENT,
        machine,
        worker);
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
