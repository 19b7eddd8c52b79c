package blockfront.search.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.network.Task;
import blockfront.search.space.GenomeCodec;
import blockfront.search.study.ExamplePlans;
import org.junit.jupiter.api.Test;

class ImportanceBenchTest {

  private static final GenomeCodec SPACE =
      new GenomeCodec(
          ExamplePlans.DIGITS.plan().space(),
          new Task.ImageClassification(Shape.of(8, 8, 1), 10),
          Catalogue.load());

  @Test
  void allNetworksAreLookedAt() {
    ImportanceBench.Report report = new ImportanceBench(60, SPACE).run();
    assertThat(report.trials()).isEqualTo(60);
    assertThat(report.choices()).isGreaterThan(5);
    assertThat(report.median()).isPositive().isLessThanOrEqualTo(report.longest());
  }

  @Test
  void oneNetworkIsRefused() {
    assertThatThrownBy(() -> new ImportanceBench(1, SPACE))
        .hasMessage("Importance bench needs at least 2 trials, got 1");
  }
}
