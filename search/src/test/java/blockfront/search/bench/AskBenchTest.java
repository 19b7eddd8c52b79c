package blockfront.search.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blockfront.search.strategy.Strategies;
import org.junit.jupiter.api.Test;

class AskBenchTest {

  @Test
  void theLastQuestionsAreTimed() {
    AskBench.Report report = new AskBench(120, 4).run(Strategies.NSGA2_ASYNC);
    assertThat(report.strategy()).isEqualTo("nsga2-async");
    assertThat(report.trials()).isEqualTo(120);
    assertThat(report.median()).isPositive().isLessThanOrEqualTo(report.p95());
    assertThat(report.p95()).isLessThanOrEqualTo(report.longest());
    assertThat(report.processor()).isPositive().isLessThanOrEqualTo(report.longest());
  }

  @Test
  void fewTrialsAreRefused() {
    assertThatThrownBy(() -> new AskBench(99, 4))
        .hasMessage("Ask bench needs at least 100 trials, got 99");
  }
}
