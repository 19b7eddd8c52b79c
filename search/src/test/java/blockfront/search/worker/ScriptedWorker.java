package blockfront.search.worker;

import blockfront.search.trial.Epoch;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Metric;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Provenance;
import blockfront.search.trial.TrialSpec;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** A worker process whose trainings do what the name of the data says. */
final class ScriptedWorker implements Training {

  private ScriptedWorker() {}

  public static void main(String[] arguments) throws InterruptedException {
    if (List.of(arguments).contains("stillborn")) {
      System.err.println("no licence to train");
      Runtime.getRuntime().halt(3);
    }
    System.out.println("a library says hello on standard output");
    new WorkerLoop(
            new ScriptedWorker(),
            System.in,
            new PrintStream(System.out, true, StandardCharsets.UTF_8))
        .run();
  }

  @Override
  public Outcome train(TrialSpec spec, Consumer<Epoch> progress, BooleanSupplier cancelled) {
    progress.accept(new Epoch(1, 2.0, 1.5, 0.5, 1e-3, 0.1));
    return switch (spec.data()) {
      case "crash" -> {
        Runtime.getRuntime().halt(9);
        yield new Outcome.Cancelled();
      }
      case "until cancelled" -> {
        while (!cancelled.getAsBoolean()) {
          Thread.onSpinWait();
        }
        yield new Outcome.Cancelled();
      }
      default ->
          new Outcome.Trained(
              new Measurement(
                  Metric.ACCURACY, 0.75, 0.9, 0.7, 1, 0.1, List.of(List.of(3, 1), List.of(0, 4))));
    };
  }

  /** For ever, were it not for a trial. */
  @Override
  public void warmUp(BooleanSupplier enough) {
    while (!enough.getAsBoolean()) {
      Thread.onSpinWait();
    }
  }

  @Override
  public Provenance provenance(TrialSpec spec, String worker) {
    return new Provenance(spec.seed(), "hash", 1, "test", "machine", worker);
  }
}
