package blockfront.search.trial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FinalTrainingTest {

  @Test
  void spreadIsThatOfASampleOfSeeds() {
    // 2, 4, 4, 4, 5, 5, 7, 9 have mean 5 and, as a sample, variance 32 / 7
    var runs =
        new FinalTraining(
            List.of(
                run(1, 0.2, 0),
                run(2, 0.4, 0),
                run(3, 0.4, 0),
                run(4, 0.4, 0),
                run(5, 0.5, 0),
                run(6, 0.5, 0),
                run(7, 0.7, 0),
                run(8, 0.9, 0)));
    FinalTraining.Spread spread = runs.validation().orElseThrow();
    assertThat(spread.mean()).isCloseTo(0.5, within(1e-12));
    assertThat(spread.deviation()).isCloseTo(Math.sqrt(0.32 / 7), within(1e-12));
  }

  @Test
  void oneSeedHasNoDeviation() {
    assertThat(new FinalTraining(List.of(run(1, 0.5, 0.25))).test())
        .contains(new FinalTraining.Spread(0.25, 0));
  }

  @Test
  void theBestIsThatOfTheValidationAndTheTestHasNoSay() {
    var runs = new FinalTraining(List.of(run(1, 0.5, 0.9), run(2, 0.8, 0.1), run(3, 0.8, 0.7)));
    assertThat(runs.best().map(FinalRun::number)).contains(2);
  }

  @Test
  void ofLossesTheLeastIsTheBest() {
    var runs =
        new FinalTraining(
            List.of(run(1, Metric.BITS_PER_BYTE, 3.5, 3), run(2, Metric.BITS_PER_BYTE, 2.5, 4)));
    assertThat(runs.best().map(FinalRun::number)).contains(2);
  }

  @Test
  void whatFailedOrWaitsHasNoPartInIt() {
    FinalRun waits = FinalRun.queued(2, 2, Recipe.STANDARD);
    FinalRun failed =
        FinalRun.queued(3, 3, Recipe.STANDARD)
            .ended(new Outcome.Failed(Outcome.Reason.DIVERGED, "Loss is NaN"), Optional.empty());
    var runs = new FinalTraining(List.of(run(1, 0.5, 0.25), waits, failed));
    assertThat(runs.test()).contains(new FinalTraining.Spread(0.25, 0));
    assertThat(runs.trained()).hasSize(1);
    assertThat(runs.ended()).isFalse();
    assertThat(new FinalTraining(List.of(failed)).ended()).isTrue();
    assertThat(new FinalTraining(List.of(failed)).best()).isEmpty();
  }

  private static FinalRun run(int number, double validation, double test) {
    return run(number, Metric.ACCURACY, validation, test);
  }

  private static FinalRun run(int number, Metric metric, double validation, double test) {
    return FinalRun.queued(number, number, Recipe.STANDARD)
        .ended(
            new Outcome.Trained(new Measurement(metric, validation, 1, test, 1, 1, List.of())),
            Optional.empty());
  }
}
