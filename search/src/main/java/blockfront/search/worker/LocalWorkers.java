package blockfront.search.worker;

import blockfront.search.trial.Epoch;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Provenance;
import blockfront.search.trial.TrialRunner;
import blockfront.search.trial.TrialSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Trains in child processes of this machine, one thread each.
 *
 * <p>A child that dies is replaced; its trial ends as {@link Ended.WorkerLost}. Children are
 * started at once, so that the first trial need not wait for them.
 */
public final class LocalWorkers implements TrialRunner {

  /** A worker that says nothing for so long is taken for dead. */
  private static final Duration SILENCE = Duration.ofSeconds(60);

  private final List<WorkerProcess> workers;
  private boolean closed;

  /**
   * Starts the workers.
   *
   * @param slots how many, from 1 to 256
   */
  public LocalWorkers(WorkerCommand command, int slots) {
    this(command, slots, SILENCE);
  }

  LocalWorkers(WorkerCommand command, int slots, Duration silence) {
    if (slots < 1 || slots > 256) {
      throw new IllegalArgumentException("Workers need 1 to 256 slots, got " + slots);
    }
    workers =
        IntStream.rangeClosed(1, slots)
            .mapToObj(number -> new WorkerProcess(command, "worker " + number, silence))
            .toList();
  }

  @Override
  public int slots() {
    return workers.size();
  }

  @Override
  public synchronized Run start(TrialSpec spec, Consumer<Epoch> progress) {
    if (closed) {
      throw new IllegalStateException("The workers are closed");
    }
    for (WorkerProcess worker : workers) {
      var run = worker.start(spec, progress);
      if (run.isPresent()) {
        return run.get();
      }
    }
    throw new IllegalStateException("All %d workers are busy".formatted(workers.size()));
  }

  @Override
  public synchronized void close() {
    closed = true;
    var closing = new ArrayList<>(workers);
    closing.forEach(WorkerProcess::close);
  }

  /** An end with an outcome that no worker had a part in. */
  static Ended without(Outcome outcome, TrialSpec spec, String worker) {
    return new Ended.With(outcome, new Provenance(spec.seed(), "", 0, "", "", worker));
  }
}
