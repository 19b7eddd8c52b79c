package blockfront.search.study;

import static org.assertj.core.api.Assertions.assertThat;

import blockfront.search.strategy.SuccessiveHalving;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Rung;
import blockfront.search.trial.TrialId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LadderTest {

  private final Ladder ladder = new Ladder(new SuccessiveHalving(2, 3, 0.5), 20, 2);
  private int trials;

  @Test
  void whatViolatesConstraintsForGoodGoesOnAfterAllOthersByHowMuch() {
    came(0.1, 1, 2.0);
    came(0.2, 2, 0.5);
    came(0.9, 9, 0);
    came(0.8, 9, 0);
    came(0.1, 1, 1.0);
    came(0.1, 1, 0.75);

    assertThat(wentOn()).containsExactly(4, 3, 2);
    assertThat(ladder.reason(trial(1), 2)).contains("rank 6 of 6 there, and the best 3 go on");
  }

  @Test
  void whatCouldNotBeMeasuredIsTheLast() {
    ladder.came(trial(++trials), new Rung(2, Instant.EPOCH, List.of(), 0, 0));
    came(0.1, 1, 7.0);

    assertThat(wentOn()).containsExactly(2);
  }

  @Test
  void onlyWhatTrainingDoesNotMendIsAViolationForGood() {
    var aims =
        new Aims(
            List.of(Objective.ERROR, Objective.PARAMETERS),
            List.of(
                new Aims.Constraint(Objective.ERROR, 0.25),
                new Aims.Constraint(Objective.INT8_DROP, 0.25),
                new Aims.Constraint(Objective.FLOPS, 1_000_000)));
    Measurement measured = ScriptedRunner.measurement(0.5).withInt8Drop(0.5);

    assertThat(aims.violation(measured, StudyStoreContract.COST)).isEqualTo(3);
    assertThat(aims.lastingViolation(measured, StudyStoreContract.COST)).isEqualTo(1);
  }

  private void came(double error, double cost, double lastingViolation) {
    ladder.came(
        trial(++trials),
        new Rung(2, Instant.EPOCH, List.of(error, cost), lastingViolation, lastingViolation));
  }

  private static TrialId trial(int number) {
    return new TrialId(1, number);
  }

  private List<Integer> wentOn() {
    var numbers = new ArrayList<Integer>();
    for (var next = ladder.promoted(); next.isPresent(); next = ladder.promoted()) {
      numbers.add(next.get().number());
      ladder.settled(next.get());
    }
    return numbers;
  }
}
