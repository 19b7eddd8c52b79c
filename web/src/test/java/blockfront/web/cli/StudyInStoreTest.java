package blockfront.web.cli;

import static org.assertj.core.api.Assertions.assertThat;

import blockfront.blocks.cost.Cost;
import blockfront.blocks.network.Architecture;
import blockfront.db.H2StudyStore;
import blockfront.search.study.Aims;
import blockfront.search.study.ExamplePlans;
import blockfront.search.study.Objective;
import blockfront.search.study.StudyPlan;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Metric;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.TrialId;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StudyInStoreTest {

  private static final Instant NOW = Instant.parse("2026-11-01T10:00:00Z");

  @TempDir private Path data;

  @Test
  void theFrontIsOfWhatTheStudyAimsAt() {
    StudyPlan plan =
        ExamplePlans.DIGITS
            .plan()
            .withAims(
                new Aims(
                    List.of(Objective.ERROR, Objective.PARAMETERS),
                    List.of(new Aims.Constraint(Objective.FLOPS, 5_000_000))));
    try (H2StudyStore store = H2StudyStore.open(data)) {
      long study = store.create(plan, NOW).id();
      // small but slow, large but fast, beyond the bound
      trained(store, study, 0.8, new Cost(2_000_000, 1_000, 0, 0, 0, 0));
      trained(store, study, 0.7, new Cost(1_000_000, 9_000, 0, 0, 0, 0));
      trained(store, study, 0.9, new Cost(9_000_000, 8_000, 0, 0, 0, 0));
    }
    try (StudyInStore study = StudyInStore.open(data, 1)) {
      assertThat(study.front()).containsExactly(1);
    }
  }

  private static void trained(H2StudyStore store, long study, double score, Cost cost) {
    Architecture network = ExamplePlans.DIGITS.plan().start().getFirst();
    TrialId trial = store.enqueue(study, "net" + score, network, cost, 0, List.of(), NOW).id();
    store.start(trial, 1, "worker 1", NOW);
    store.finish(
        trial,
        1,
        new Outcome.Trained(new Measurement(Metric.ACCURACY, score, 0.4, score, 2, 1, List.of())),
        Optional.empty(),
        NOW);
  }
}
