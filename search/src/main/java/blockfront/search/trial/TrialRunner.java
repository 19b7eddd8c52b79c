package blockfront.search.trial;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Trains networks somewhere: in child processes, in this process, on a cluster. */
public interface TrialRunner extends AutoCloseable {

  /** How many trials it trains at a time; more are refused. */
  int slots();

  /**
   * Begins a training.
   *
   * @param progress told of each epoch, on a thread of the runner's
   */
  Run start(TrialSpec spec, Consumer<Epoch> progress);

  /** A training under way. */
  interface Run {

    /** The worker that has it, for people. */
    String worker();

    /** Always completes normally. */
    CompletableFuture<Ended> ended();

    /** Ends the training as soon as it can; it then ends as {@link Outcome.Cancelled}. */
    void cancel();
  }

  /** How a run ended. */
  sealed interface Ended {

    record With(Outcome outcome, Provenance provenance) implements Ended {}

    /**
     * The worker died or fell silent; the trial may be tried again.
     *
     * @param detail for people
     */
    record WorkerLost(String detail) implements Ended {}
  }

  @Override
  void close();
}
