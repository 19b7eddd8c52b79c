package blockfront.search.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuccessiveHalvingTest {

  private static final SuccessiveHalving HALF = new SuccessiveHalving(2, 3, 0.5);

  @Test
  void rungsGrowUntilTheWholeTraining() {
    assertThat(HALF.rungs(20)).containsExactly(2, 6, 18, 20);
    assertThat(HALF.rungs(18)).containsExactly(2, 6, 18);
    assertThat(HALF.rungs(1)).containsExactly(1);
    assertThat(SuccessiveHalving.standard(20).rungs(20)).containsExactly(2, 4, 8, 16, 20);
  }

  @Test
  void ofTheFirstToComeNoneGoesOn() {
    assertThat(HALF.promoted(List.of(new double[] {1, 1}))).isEmpty();
  }

  @Test
  void whatNothingDominatesGoesOnBeforeWhatIsMoreAccurateThanMost() {
    List<double[]> points =
        List.of(
            new double[] {0.1, 9}, // accurate and dear
            new double[] {0.2, 9.5}, // dominated by the one before
            new double[] {0.9, 1}, // cheap, and less accurate than all
            new double[] {0.3, 9.9});
    assertThat(HALF.promoted(points)).containsExactlyInAnyOrder(0, 2);
    assertThat(HALF.ranks(points)).containsEntry(1, 3).containsEntry(3, 4);
  }

  @Test
  void withinAFrontTheCrowdedStay() {
    List<double[]> points =
        List.of(
            new double[] {0, 10},
            new double[] {4.9, 5.1},
            new double[] {5, 5},
            new double[] {5.1, 4.9},
            new double[] {8, 2},
            new double[] {10, 0});
    assertThat(HALF.promoted(points)).contains(0, 5).doesNotContain(2);
  }

  @ParameterizedTest
  @CsvSource({"2, 1", "2, 2", "3, 3", "3, 4"})
  void frontsAreThoseOfTheirDefinition(int objectives, long seed) {
    var random = new SplittableRandom(seed);
    var points = new ArrayList<double[]>();
    for (int i = 0; i < 120; i++) {
      // coarse, so that some are equal in one objective or in all
      points.add(random.doubles(objectives).map(value -> Math.floor(8 * value)).toArray());
    }
    List<List<Integer>> fronts = Dominance.fronts(points);
    var left = new TreeSet<Integer>();
    fronts.forEach(left::addAll);
    assertThat(left).hasSize(120);
    for (List<Integer> front : fronts) {
      var undominated =
          left.stream()
              .filter(
                  one ->
                      left.stream()
                          .noneMatch(
                              other -> Dominance.dominates(points.get(other), points.get(one))))
              .toList();
      assertThat(front).isEqualTo(undominated);
      left.removeAll(front);
    }
  }

  @Test
  void sharesAndRungsAreChecked() {
    assertThatThrownBy(() -> new SuccessiveHalving(0, 2, 0.5))
        .hasMessage("Successive halving needs a first rung at 1 to 10000 epochs, got 0");
    assertThatThrownBy(() -> new SuccessiveHalving(1, 1, 0.5))
        .hasMessage("Successive halving needs rungs that grow 2 to 100 times, got 1");
    assertThatThrownBy(() -> new SuccessiveHalving(1, 2, 1))
        .hasMessage("Successive halving needs to keep a share in (0, 1), got 1.0");
  }
}
