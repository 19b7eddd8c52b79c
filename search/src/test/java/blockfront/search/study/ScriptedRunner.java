package blockfront.search.study;

import blockfront.search.trial.Epoch;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Metric;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Provenance;
import blockfront.search.trial.TrialRunner;
import blockfront.search.trial.TrialSpec;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Trains nothing: runs begin, and end when and as a test says. */
final class ScriptedRunner implements TrialRunner {

  private final int slots;
  private final Consumer<ScriptedRun> script;
  private final List<ScriptedRun> all = new CopyOnWriteArrayList<>();
  private final BlockingQueue<ScriptedRun> begun = new LinkedBlockingQueue<>();
  private volatile boolean closed;

  /**
   * Of so many slots.
   *
   * @param script done before {@link #start} returns
   */
  ScriptedRunner(int slots, Consumer<ScriptedRun> script) {
    this.slots = slots;
    this.script = script;
  }

  /** Every run ends when the test ends it. */
  static ScriptedRunner byHand(int slots) {
    return new ScriptedRunner(slots, run -> {});
  }

  /** Every run ends as soon as it has begun. */
  static ScriptedRunner atOnce() {
    return new ScriptedRunner(1, ScriptedRun::train);
  }

  @Override
  public int slots() {
    return slots;
  }

  @Override
  public Run start(TrialSpec spec, Consumer<Epoch> progress) {
    var run = new ScriptedRun(spec, progress, all.size() + 1);
    script.accept(run);
    all.add(run);
    begun.add(run);
    return run;
  }

  /** All runs so far, in the order they began. */
  List<ScriptedRun> runs() {
    return List.copyOf(all);
  }

  /** The next run to begin; waits for it. */
  ScriptedRun next() throws InterruptedException {
    ScriptedRun run = begun.poll(30, TimeUnit.SECONDS);
    if (run == null) {
      throw new AssertionError("No further trial began");
    }
    return run;
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    closed = true;
  }

  /** A training that a test plays. */
  static final class ScriptedRun implements Run {
    private final TrialSpec spec;
    private final Consumer<Epoch> progress;
    private final int number;
    private final CompletableFuture<Ended> ended = new CompletableFuture<>();
    private final CompletableFuture<Boolean> cancelled = new CompletableFuture<>();

    private ScriptedRun(TrialSpec spec, Consumer<Epoch> progress, int number) {
      this.spec = spec;
      this.progress = progress;
      this.number = number;
    }

    TrialSpec spec() {
      return spec;
    }

    void epoch(int epoch) {
      progress.accept(new Epoch(epoch, 2.0 / epoch, 1.5 / epoch, 0.5, 1e-3, 0.25));
    }

    /** Ends trained, with an accuracy that depends on the seed, and so on the network, alone. */
    void train() {
      end(new Outcome.Trained(measurement(Math.floorMod(spec.seed(), 1009) / 1009.0)));
    }

    /** Ends at the rung it was asked to come to, or trained if that is the end. */
    void trainTo(double accuracy) {
      Measurement reached = measurement(accuracy, spec.until());
      end(
          spec.until() == spec.recipe().epochs()
              ? new Outcome.Trained(reached)
              : new Outcome.StoppedEarly(reached, "Paused"));
    }

    /** As {@link #trainTo}, with an accuracy that follows from the seed and the epochs. */
    void trainTo() {
      double skill = Math.floorMod(spec.seed(), 1009) / 1009.0;
      trainTo(skill * spec.until() / (spec.until() + 3.0));
    }

    void end(Outcome outcome) {
      endOn(spec.dataHash().orElse("data"), outcome);
    }

    void endOn(String dataHash, Outcome outcome) {
      ended.complete(
          new Ended.With(
              outcome,
              new Provenance(spec.seed(), dataHash, 1, "test", "machine", "process " + number)));
    }

    void lose() {
      ended.complete(new Ended.WorkerLost("worker %d died".formatted(number)));
    }

    /** Whether it was told to end; waits for it. */
    boolean awaitCancel() throws Exception {
      return cancelled.get(30, TimeUnit.SECONDS);
    }

    boolean isCancelled() {
      return cancelled.isDone();
    }

    @Override
    public String worker() {
      return "worker " + number;
    }

    @Override
    public CompletableFuture<Ended> ended() {
      return ended;
    }

    @Override
    public void cancel() {
      cancelled.complete(true);
    }
  }

  static Measurement measurement(double accuracy) {
    return measurement(accuracy, 1);
  }

  static Measurement measurement(double accuracy, int epochs) {
    return new Measurement(
        Metric.ACCURACY,
        accuracy,
        1.5,
        accuracy,
        epochs,
        0.25,
        List.of(List.of(3, 1), List.of(0, 4)));
  }
}
