package blockfront.search.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DominatedVolumeTest {

  @Test
  void volumeOfTwoBoxesCountsTheirOverlapOnce() {
    assertThat(
            DominatedVolume.of(
                List.of(new double[] {0, 1}, new double[] {1, 0}), new double[] {2, 2}))
        .isEqualTo(3);
    assertThat(
            DominatedVolume.of(
                List.of(new double[] {0, 1, 0}, new double[] {1, 0, 1}), new double[] {2, 2, 2}))
        .isEqualTo(4 + 2 - 1);
  }

  @Test
  void pointsBeyondTheReferenceCountNothing() {
    assertThat(DominatedVolume.of(List.of(new double[] {-5, 3}), new double[] {2, 2})).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void volumeIsTheShareOfRandomPointsThatAreDominated(long seed) {
    var random = new SplittableRandom(seed);
    for (int objectives = 1; objectives <= 4; objectives++) {
      int axes = objectives;
      var points = new ArrayList<double[]>();
      for (int i = 0; i < 8; i++) {
        points.add(random.doubles(axes).toArray());
      }
      double[] reference = new double[axes];
      Arrays.fill(reference, 1);
      int inside = 0;
      int draws = 40_000;
      for (int i = 0; i < draws; i++) {
        double[] draw = random.doubles(axes).toArray();
        inside += points.stream().anyMatch(point -> Dominance.dominates(point, draw)) ? 1 : 0;
      }
      assertThat(DominatedVolume.of(points, reference))
          .as("%d objectives, seed %d", axes, seed)
          .isCloseTo((double) inside / draws, within(0.012));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void gainIsTheDifferenceOfVolumes(long seed) {
    var random = new SplittableRandom(seed);
    var points = new ArrayList<double[]>();
    double[] reference = {0.9, 0.9, 0.9};
    for (int i = 0; i < 10; i++) {
      double[] point = random.doubles(3).toArray();
      double before = DominatedVolume.of(points, reference);
      double gain = DominatedVolume.gain(points, point, reference);
      points.add(point);
      assertThat(before + gain)
          .as("seed %d, point %d", seed, i)
          .isCloseTo(DominatedVolume.of(points, reference), within(1e-12));
    }
  }
}
