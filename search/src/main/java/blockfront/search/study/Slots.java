package blockfront.search.study;

import blockfront.search.trial.Epoch;
import blockfront.search.trial.TrialRunner;
import blockfront.search.trial.TrialRunner.Ended;
import blockfront.search.trial.TrialRunner.Run;
import blockfront.search.trial.TrialSpec;
import java.util.function.Consumer;

/** Who of a runner's slots is busy. Belongs to the studies' thread. */
final class Slots {

  private final TrialRunner runner;
  private final StudyThread thread;
  private final Runnable freed;
  private int busy;
  private boolean closed;

  /**
   * All of them free.
   *
   * @param freed told when a slot is free again, on the studies' thread
   */
  Slots(TrialRunner runner, StudyThread thread, Runnable freed) {
    this.runner = runner;
    this.thread = thread;
    this.freed = freed;
  }

  boolean free() {
    return busy < runner.slots();
  }

  /**
   * Begins a training; what comes of it is told on the studies' thread, and so not before this
   * method has returned.
   *
   * @param ended told once, unless the slots are closed before
   */
  Run start(TrialSpec spec, Consumer<Epoch> progress, Consumer<Ended> ended) {
    Run run = runner.start(spec, epoch -> thread.run(() -> progress.accept(epoch)));
    busy++;
    var _ = run.ended().thenAccept(how -> thread.run(() -> free(ended, how)));
    return run;
  }

  private void free(Consumer<Ended> ended, Ended how) {
    if (closed) {
      return;
    }
    busy--;
    ended.accept(how);
    freed.run();
  }

  /** Hears of no end any more. */
  void close() {
    closed = true;
  }
}
