package blockfront.web.cli;

import static org.assertj.core.api.Assertions.assertThat;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.cost.Cost;
import blockfront.search.export.StudyFiles;
import blockfront.search.study.ExamplePlans;
import blockfront.search.study.MemoryStudyStore;
import blockfront.search.study.StudyPlan;
import blockfront.search.trial.Epoch;
import blockfront.search.trial.FinalRun;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Metric;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Provenance;
import blockfront.search.trial.TrialId;
import blockfront.search.trial.TrialRunner;
import blockfront.search.trial.TrialSpec;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FinalRunsTest {

  private static final Instant NOW = Instant.parse("2026-11-01T10:00:00Z");
  private static final Measurement MEASUREMENT =
      new Measurement(Metric.ACCURACY, 0.75, 0.4, 0.7, 2, 1, List.of());
  private static final Provenance PROVENANCE =
      new Provenance(7, "da7a", 1, "0.1.0", "a machine", "worker 1");

  @TempDir private Path folder;

  private final List<Integer> told = new ArrayList<>();

  @BeforeEach
  void search() {
    StudyPlan plan = ExamplePlans.DIGITS.plan();
    var store = new MemoryStudyStore();
    long study = store.create(plan, NOW).id();
    TrialId trial =
        store
            .enqueue(
                study,
                "net",
                plan.start().getFirst(),
                new Cost(2_000, 1_000, 0, 0, 0, 0),
                0,
                List.of(),
                NOW)
            .id();
    store.start(trial, 1, "worker 1", NOW);
    store.finish(trial, 1, new Outcome.Trained(MEASUREMENT), Optional.of(PROVENANCE), NOW);
    StudyFiles.write(folder, plan, store.trials(study));
  }

  @Test
  void theyAreTrainedOnTheDataOfTheSearch() {
    var runner = new Losing(0);
    train(runner, List.of(1L, 2L));

    assertThat(runner.specs)
        .hasSize(2)
        .allSatisfy(spec -> assertThat(spec.dataHash()).contains("da7a"));
    assertThat(told).containsExactly(1, 2);
  }

  @Test
  void aLostWorkerCostsAnAttempt() {
    var runner = new Losing(2);

    assertThat(train(runner, List.of(1L, 2L)))
        .allSatisfy(run -> assertThat(run.outcome()).contains(new Outcome.Trained(MEASUREMENT)));
    assertThat(runner.specs).extracting(TrialSpec::attempt).containsExactly(1, 2, 3, 1);
    assertThat(told).containsExactly(1, 2);
  }

  @Test
  void aTrainingWhoseWorkersAreAllLostHasFailed() {
    var runner = new Losing(3);

    assertThat(train(runner, List.of(1L)).getFirst().outcome())
        .contains(new Outcome.Failed(Outcome.Reason.WORKER_LOST, "worker 3 died"));
    assertThat(runner.specs).hasSize(3);
  }

  private List<FinalRun> train(TrialRunner runner, List<Long> seeds) {
    try (KeptStudy study = StudyInFolder.open(folder, Catalogue.load())) {
      List<FinalRun> runs = study.addFinals(1, seeds, study.plan().recipe());
      new FinalRuns(study, study.trained(1), runner, told::add).train(runs);
      return study.finals(1).runs();
    }
  }

  /** Loses some workers, then trains at once. */
  private static final class Losing implements TrialRunner {
    private final int losses;
    final List<TrialSpec> specs = new ArrayList<>();

    Losing(int losses) {
      this.losses = losses;
    }

    @Override
    public int slots() {
      return 1;
    }

    @Override
    public Run start(TrialSpec spec, Consumer<Epoch> progress) {
      specs.add(spec);
      Ended how =
          specs.size() <= losses
              ? new Ended.WorkerLost("worker %d died".formatted(specs.size()))
              : new Ended.With(new Outcome.Trained(MEASUREMENT), PROVENANCE);
      return new Run() {
        @Override
        public String worker() {
          return "worker";
        }

        @Override
        public CompletableFuture<Ended> ended() {
          return CompletableFuture.completedFuture(how);
        }

        @Override
        public void cancel() {}
      };
    }

    @Override
    public void close() {}
  }
}
