package blockfront.search.worker;

import blockfront.search.trial.Outcome;
import blockfront.search.trial.TrialSpec;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The worker's end of the pipes: trains what it is told, one trial after the other, on the thread
 * that runs it.
 *
 * <p>The end of its input ends it: a worker does not outlive the process that started it.
 */
final class WorkerLoop {

  /** How often a worker says that it lives. */
  static final Duration PULSE = Duration.ofSeconds(2);

  private final Training training;
  private final BufferedReader in;
  private final PrintStream out;
  private final AtomicBoolean cancelled = new AtomicBoolean();
  private final BlockingQueue<Optional<TrialSpec>> told = new LinkedBlockingQueue<>();

  WorkerLoop(Training training, InputStream in, PrintStream out) {
    this.training = training;
    this.in = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    this.out = out;
  }

  /** Runs until the input ends. */
  void run() throws InterruptedException {
    long process = ProcessHandle.current().pid();
    Thread listener = Thread.ofPlatform().daemon().name("listener").start(this::listen);
    Thread pulse = Thread.ofPlatform().daemon().name("pulse").start(this::pulse);
    say(new Message.Ready(process));
    training.warmUp(() -> !told.isEmpty());
    for (Optional<TrialSpec> next = told.take(); next.isPresent(); next = told.take()) {
      TrialSpec spec = next.get();
      Outcome outcome =
          training.train(spec, epoch -> say(new Message.EpochFinished(epoch)), cancelled::get);
      say(new Message.Ended(outcome, training.provenance(spec, "process " + process)));
    }
    pulse.interrupt();
    listener.join();
  }

  private void listen() {
    try {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        switch (Message.of(line)) {
          case Message.Train(TrialSpec spec) -> {
            cancelled.set(false);
            told.add(Optional.of(spec));
          }
          case Message.Cancel() -> cancelled.set(true);
          case Message.Ready _, Message.Alive _, Message.EpochFinished _, Message.Ended _ ->
              throw new IllegalArgumentException("A worker cannot be told '%s'".formatted(line));
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      System.err.println("Worker stops listening: " + e.getMessage());
    } finally {
      cancelled.set(true);
      told.add(Optional.empty());
    }
  }

  private void pulse() {
    try {
      while (true) {
        Thread.sleep(PULSE);
        say(new Message.Alive());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the loop has ended
    }
  }

  private synchronized void say(Message message) {
    out.println(message.line());
    out.flush();
  }
}
