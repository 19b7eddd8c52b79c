package blockfront.search.worker;

import blockfront.search.trial.Epoch;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Provenance;
import blockfront.search.trial.TrialRunner;
import blockfront.search.trial.TrialSpec;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The runner's end of the pipes of one slot: a child process, replaced when it dies.
 *
 * <p>All fields are guarded by this object's lock; futures complete outside of it.
 */
final class WorkerProcess {

  private static final Logger LOG = LoggerFactory.getLogger(WorkerProcess.class);

  /** How long a cancelled training may go on before its process is killed. */
  private static final Duration GRACE = Duration.ofSeconds(10);

  /** How often a worker's silence is looked at. */
  private static final Duration WATCH = Duration.ofMillis(500);

  private static final int KEPT_LINES = 20;

  /** What a process ends with that somebody ended by a signal: HUP, INT, KILL or TERM. */
  private static final Set<Integer> ENDED_BY_SIGNAL = Set.of(129, 130, 137, 143);

  private final WorkerCommand command;
  private final String name;
  private final Duration silence;
  private final Deque<String> complaints = new ArrayDeque<>();
  private Child child;
  private @Nullable Assignment assignment;
  private boolean closed;

  /** One process; a slot has one after the other. */
  private static final class Child {
    final Process process;
    final PrintStream to;
    boolean ready;
    boolean gone;
    boolean killed;
    Instant heard = Instant.now();

    Child(Process process) {
      this.process = process;
      this.to = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    }
  }

  WorkerProcess(WorkerCommand command, String name, Duration silence) {
    this.command = command;
    this.name = name;
    this.silence = silence;
    this.child = launch();
    Thread.ofVirtual().name(name + " watch").start(this::watch);
  }

  /** Begins a training; empty if one is under way. */
  synchronized Optional<TrialRunner.Run> start(TrialSpec spec, Consumer<Epoch> progress) {
    if (assignment != null) {
      return Optional.empty();
    }
    // a process may be seen to live for a moment after its last word
    if (child.gone || !child.process.isAlive()) {
      child = launch();
    }
    var begun = new Assignment(spec, progress, child);
    assignment = begun;
    child.heard = Instant.now();
    child.to.println(new Message.Train(spec).line());
    return Optional.of(begun);
  }

  void close() {
    Child last;
    synchronized (this) {
      closed = true;
      last = child;
    }
    last.to.close();
    last.process.destroy();
    try {
      if (!last.process.waitFor(2, TimeUnit.SECONDS)) {
        last.process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      last.process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /** Launches another at once; if there can be none now, the next training tries and tells. */
  private void replace() {
    try {
      child = launch();
    } catch (UncheckedIOException e) {
      LOG.warn("{} is not replaced before it is needed: {}", name, String.valueOf(e.getCause()));
    }
  }

  private Child launch() {
    var builder = new ProcessBuilder(command.words());
    WorkerEnvironment.ofThisMachine().applyTo(builder.environment());
    try {
      var launched = new Child(builder.start());
      Thread.ofPlatform().daemon().name(name + " out").start(() -> listen(launched));
      Thread.ofPlatform().daemon().name(name + " err").start(() -> complain(launched));
      return launched;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot start a worker with '%s'".formatted(String.join(" ", command.words())), e);
    }
  }

  private void listen(Child from) {
    try (var lines = from.process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        // native libraries print to standard output too
        if (line.startsWith("{")) {
          hear(from, Message.of(line));
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      synchronized (this) {
        if (!closed && !from.killed) {
          LOG.warn("{} is no longer understood: {}", name, e.getMessage());
        }
      }
      from.process.destroyForcibly();
    }
    died(from);
  }

  private void complain(Child from) {
    try (var lines =
        new BufferedReader(
            new InputStreamReader(from.process.getErrorStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        LOG.debug("{}: {}", name, line);
        synchronized (this) {
          complaints.addLast(line);
          if (complaints.size() > KEPT_LINES) {
            complaints.removeFirst();
          }
        }
      }
    } catch (IOException e) {
      LOG.debug("{} has closed its error stream", name);
    }
  }

  private void hear(Child from, Message message) {
    @Nullable Assignment current;
    synchronized (this) {
      from.heard = Instant.now();
      current = assignment != null && assignment.child == from ? assignment : null;
    }
    switch (message) {
      case Message.Ready _ -> {
        synchronized (this) {
          from.ready = true;
        }
      }
      case Message.Alive() -> {}
      case Message.EpochFinished(Epoch epoch) -> {
        if (current != null) {
          current.progress.accept(epoch);
        }
      }
      case Message.Ended(Outcome outcome, Provenance provenance) -> {
        if (current != null) {
          end(current, new TrialRunner.Ended.With(outcome, provenance));
        }
      }
      case Message.Train _, Message.Cancel _ ->
          throw new IllegalArgumentException("A worker cannot say " + message);
    }
  }

  private void died(Child dead) {
    boolean bySignal = endedBySignal(dead.process);
    TrialRunner.Ended how;
    @Nullable Assignment current;
    synchronized (this) {
      dead.gone = true;
      current = assignment != null && assignment.child == dead ? assignment : null;
      if (!closed && child == dead && dead.ready) {
        replace(); // a worker that never became ready is tried again when it is needed
      }
      if (current == null) {
        return;
      }
      if (current.cancelled) {
        how = LocalWorkers.without(new Outcome.Cancelled(), current.spec, name);
      } else if (dead.ready || dead.killed || bySignal || closed) {
        String unready = " before it was ready: " + String.join(" | ", complaints);
        how =
            new TrialRunner.Ended.WorkerLost(
                "%s (process %d) died%s"
                    .formatted(name, dead.process.pid(), dead.ready ? "" : unready));
      } else {
        how =
            LocalWorkers.without(
                new Outcome.Failed(
                    Outcome.Reason.ERROR,
                    "Worker did not start: " + String.join(" | ", complaints)),
                current.spec,
                name);
      }
    }
    end(current, how);
  }

  /** Of a process that has said its last word. */
  private static boolean endedBySignal(Process process) {
    try {
      return process.waitFor(2, TimeUnit.SECONDS) && ENDED_BY_SIGNAL.contains(process.exitValue());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void end(Assignment ended, TrialRunner.Ended how) {
    synchronized (this) {
      if (assignment == ended) {
        assignment = null;
      }
    }
    ended.ended.complete(how);
  }

  /** Kills a process that fell silent, or does not heed a cancel. */
  private void watch() {
    Instant looked = Instant.now();
    while (true) {
      try {
        Thread.sleep(WATCH);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      Instant now = Instant.now();
      synchronized (this) {
        if (closed) {
          return;
        }
        if (asleep(looked, now)) {
          child.heard = now;
        }
        looked = now;
        @Nullable Assignment current = assignment;
        if (current != null && current.overdue(now)) {
          LOG.warn("{} is killed: silent, or deaf to a cancel", name);
          current.child.killed = true;
          current.child.process.destroyForcibly();
        }
      }
    }
  }

  /** Whether the whole machine, and the worker with it, stood still since the last look. */
  static boolean asleep(Instant looked, Instant now) {
    return Duration.between(looked, now).compareTo(WATCH.multipliedBy(10)) > 0;
  }

  /** A trial in this slot. */
  private final class Assignment implements TrialRunner.Run {
    final TrialSpec spec;
    final Consumer<Epoch> progress;
    final Child child;
    final CompletableFuture<TrialRunner.Ended> ended = new CompletableFuture<>();
    boolean cancelled;
    Instant killAt = Instant.MAX;

    Assignment(TrialSpec spec, Consumer<Epoch> progress, Child child) {
      this.spec = spec;
      this.progress = progress;
      this.child = child;
    }

    @Override
    public String worker() {
      return "%s (process %d)".formatted(name, child.process.pid());
    }

    @Override
    public CompletableFuture<TrialRunner.Ended> ended() {
      return ended;
    }

    @Override
    public void cancel() {
      synchronized (WorkerProcess.this) {
        if (assignment == this && !cancelled) {
          cancelled = true;
          killAt = Instant.now().plus(GRACE);
          child.to.println(new Message.Cancel().line());
        }
      }
    }

    boolean overdue(Instant now) {
      return now.isAfter(killAt) || now.isAfter(child.heard.plus(silence));
    }
  }
}
