package blockfront.search.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import blockfront.blocks.graph.Shape;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.network.Stage;
import blockfront.blocks.spi.Choice;
import blockfront.blocks.spi.Knob;
import blockfront.search.trial.Epoch;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Recipe;
import blockfront.search.trial.TrialId;
import blockfront.search.trial.TrialRunner;
import blockfront.search.trial.TrialSpec;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class LocalWorkersTest {

  @TempDir private Path folder;

  @Test
  void aTrialIsTrainedInAChildAndToldOf() throws Exception {
    try (var workers = new LocalWorkers(scripted(), 1)) {
      List<Epoch> epochs = new ArrayList<>();
      TrialRunner.Run run = workers.start(spec(1, "fine"), epochs::add);
      var ended = (TrialRunner.Ended.With) run.ended().get();
      assertThat(ended.outcome()).isInstanceOf(Outcome.Trained.class);
      assertThat(((Outcome.Trained) ended.outcome()).measurement().confusion())
          .containsExactly(List.of(3, 1), List.of(0, 4));
      assertThat(ended.provenance().seed()).isEqualTo(42);
      assertThat(epochs).containsExactly(new Epoch(1, 2.0, 1.5, 0.5, 1e-3, 0.1));
      assertThat(run.worker()).startsWith("worker 1 (process ");
    }
  }

  @Test
  void aWorkerThatDiesIsReplaced() throws Exception {
    try (var workers = new LocalWorkers(scripted(), 1)) {
      var lost = workers.start(spec(1, "crash"), epoch -> {}).ended().get();
      assertThat(lost).isInstanceOf(TrialRunner.Ended.WorkerLost.class);
      assertThat(((TrialRunner.Ended.WorkerLost) lost).detail())
          .matches("worker 1 \\(process \\d+\\) died");
      var next = workers.start(spec(1, "fine"), epoch -> {}).ended().get();
      assertThat(next).isInstanceOf(TrialRunner.Ended.With.class);
    }
  }

  @Test
  void aWorkerKilledFromOutsideIsLost() throws Exception {
    try (var workers = new LocalWorkers(scripted(), 1)) {
      var begun = new CountDownLatch(1);
      TrialRunner.Run run = workers.start(spec(1, "until cancelled"), epoch -> begun.countDown());
      assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
      long process = Long.parseLong(run.worker().replaceAll(".*process (\\d+)\\)", "$1"));
      ProcessHandle.of(process).orElseThrow().destroyForcibly();
      assertThat(run.ended().get()).isInstanceOf(TrialRunner.Ended.WorkerLost.class);
    }
  }

  @Test
  void aWorkerIsNotReachedByTheSignalsOfATerminal() throws Exception {
    assumeThat(WorkerCommand.undisturbed()).as("this system has a shell").isNotEmpty();
    var words = new ArrayList<>(WorkerCommand.undisturbed());
    words.addAll(scripted().words());
    try (var workers = new LocalWorkers(new WorkerCommand(words), 1)) {
      var begun = new CountDownLatch(1);
      TrialRunner.Run run = workers.start(spec(1, "until cancelled"), _ -> begun.countDown());
      assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
      String process = run.worker().replaceAll(".*process (\\d+)\\)", "$1");
      for (String signal : List.of("-INT", "-HUP")) {
        assertThat(new ProcessBuilder("kill", signal, process).start().waitFor()).isZero();
      }
      run.cancel();
      assertThat(((TrialRunner.Ended.With) run.ended().get()).outcome())
          .isEqualTo(new Outcome.Cancelled());
      TrialRunner.Run next = workers.start(spec(2, "fine"), _ -> {});
      assertThat(next.worker()).isEqualTo(run.worker());
      assertThat(next.ended().get()).isInstanceOf(TrialRunner.Ended.With.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "KILL"})
  void aWorkerThatASignalEndsBeforeItIsReadyIsLost(String signal) throws Exception {
    var dying = new WorkerCommand(List.of("/bin/sh", "-c", "kill -%s $$".formatted(signal)));
    try (var workers = new LocalWorkers(dying, 1)) {
      assertThat(workers.start(spec(1, "fine"), _ -> {}).ended().get())
          .isInstanceOf(TrialRunner.Ended.WorkerLost.class);
    }
  }

  @Test
  void cancelEndsOneTrialAndKeepsTheWorker() throws Exception {
    try (var workers = new LocalWorkers(scripted(), 2)) {
      TrialRunner.Run cancelled = workers.start(spec(1, "until cancelled"), epoch -> {});
      TrialRunner.Run other = workers.start(spec(2, "until cancelled"), epoch -> {});
      cancelled.cancel();
      assertThat(((TrialRunner.Ended.With) cancelled.ended().get()).outcome())
          .isEqualTo(new Outcome.Cancelled());
      assertThat(other.ended()).isNotDone();
      var again = workers.start(spec(3, "fine"), epoch -> {});
      assertThat(again.worker()).isEqualTo(cancelled.worker());
      again.ended().get();
    }
  }

  @Test
  void aWorkerThatCannotStartSaysWhy() throws Exception {
    var words = new ArrayList<>(scripted().words());
    words.add("stillborn");
    try (var workers = new LocalWorkers(new WorkerCommand(words), 1)) {
      var ended = (TrialRunner.Ended.With) workers.start(spec(1, "fine"), e -> {}).ended().get();
      assertThat(((Outcome.Failed) ended.outcome()).reason()).isEqualTo(Outcome.Reason.ERROR);
      assertThat(((Outcome.Failed) ended.outcome()).detail())
          .startsWith("Worker did not start: ")
          .contains("no licence to train");
    }
  }

  @Test
  void aTrialEndsThoughItsWorkerCannotBeReplaced() throws Exception {
    Path program = program();
    var words = new ArrayList<>(scripted().words());
    words.set(0, program.toString());
    try (var workers = new LocalWorkers(new WorkerCommand(words), 1)) {
      workers.start(spec(1, "fine"), epoch -> {}).ended().get(30, TimeUnit.SECONDS);
      Files.delete(program);

      var lost = workers.start(spec(2, "crash"), epoch -> {}).ended();
      assertThat(lost.get(30, TimeUnit.SECONDS)).isInstanceOf(TrialRunner.Ended.WorkerLost.class);
      assertThatThrownBy(() -> workers.start(spec(3, "fine"), epoch -> {}))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageStartingWith("Cannot start a worker with '%s".formatted(program));

      assertThat(program()).isEqualTo(program);
      var again = workers.start(spec(4, "fine"), epoch -> {}).ended();
      assertThat(again.get(30, TimeUnit.SECONDS)).isInstanceOf(TrialRunner.Ended.With.class);
      Files.delete(program);
    }
  }

  /** A program that is Java under another name. */
  private Path program() throws Exception {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    return Files.createSymbolicLink(folder.resolve("java"), java);
  }

  @Test
  void everyTrialEndsThoughNoWorkerStarts() throws Exception {
    var words = new ArrayList<>(scripted().words());
    words.add("stillborn");
    try (var workers = new LocalWorkers(new WorkerCommand(words), 1)) {
      // each begins in the very moment in which the one before it ends
      var last =
          workers
              .start(spec(1, "fine"), epoch -> {})
              .ended()
              .thenCompose(_ -> workers.start(spec(2, "fine"), epoch -> {}).ended())
              .thenCompose(_ -> workers.start(spec(3, "fine"), epoch -> {}).ended());
      assertThat(last.get(30, TimeUnit.SECONDS)).isInstanceOf(TrialRunner.Ended.With.class);
    }
  }

  @Test
  void aMachineThatSleptDoesNotCountAsSilence() {
    Instant looked = Instant.parse("2026-11-01T12:00:00Z");
    assertThat(WorkerProcess.asleep(looked, looked.plusMillis(600))).isFalse();
    assertThat(WorkerProcess.asleep(looked, looked.plusSeconds(3600))).isTrue();
  }

  @Test
  void moreTrialsThanSlotsAreRefused() {
    try (var workers = new LocalWorkers(scripted(), 1)) {
      workers.start(spec(1, "until cancelled"), epoch -> {});
      assertThatThrownBy(() -> workers.start(spec(2, "fine"), epoch -> {}))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("All 1 workers are busy");
    }
  }

  @Test
  void closingEndsTheChildren() throws Exception {
    TrialRunner.Run run;
    try (var workers = new LocalWorkers(scripted(), 1)) {
      run = workers.start(spec(1, "until cancelled"), epoch -> {});
    }
    assertThat(run.ended().get()).isInstanceOf(TrialRunner.Ended.WorkerLost.class);
  }

  @Test
  void specificationsSurviveThePipe() {
    Message.Train train = new Message.Train(spec(7, "fine"));
    assertThat(Message.of(train.line())).isEqualTo(train);
    assertThatThrownBy(() -> Message.of("{\"say\":\"Sing\"}"))
        .hasMessage("Not a message between worker and runner: '{\"say\":\"Sing\"}'");
  }

  private static WorkerCommand scripted() {
    return new WorkerCommand(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            ScriptedWorker.class.getName()));
  }

  private static TrialSpec spec(int number, String data) {
    Knob<Integer> window = Knob.integer("window", "side", 3, 1, 31, 3, 5);
    Layer layer =
        new Layer(
            Choice.of("metaformer_block"),
            Choice.of("layer_norm"),
            Optional.of(Choice.of("pool_mixer").with(window, 5)),
            Optional.empty(),
            0);
    Architecture architecture =
        new Architecture(
            Shape.of(8, 8, 1),
            10,
            Choice.of("patch_embed"),
            Choice.of("learned_position"),
            List.of(new Stage(16, Optional.empty(), List.of(layer))),
            Choice.of("layer_norm"),
            Choice.of("mean_pool"));
    return new TrialSpec(
            new TrialId(1, number),
            1,
            architecture,
            data,
            Recipe.STANDARD,
            42,
            Optional.of(Path.of("weights", "1.safetensors").toAbsolutePath()))
        .on(Optional.of("hash"));
  }
}
