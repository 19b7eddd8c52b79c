package blockfront.search.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import blockfront.search.space.Genome.Gene;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ImportanceTest {

  private static final List<Gene> GENES =
      List.of(
          new Gene("kind", 3, false),
          new Gene("width", 5, true),
          new Gene("idle", 4, false),
          new Gene("switch", 2, false));

  /** Each gene adds; variances are those of its choices, all equally likely. */
  @Test
  void sharesOfAnAdditiveFunctionAreThoseOfItsVariances() {
    double[] kind = {0, 3, -1};
    double[] width = {0, 0.5, 1, 1.5, 2};
    double[] on = {0, 1};
    List<int[]> examples = draw(4_000);
    Importance found =
        Importance.of(
            GENES,
            examples,
            examples.stream().map(x -> kind[x[0]] + width[x[1]] + on[x[3]]).toList());
    double all = variance(kind) + variance(width) + variance(on);
    assertThat(found.shares().get(0)).isCloseTo(variance(kind) / all, within(0.03));
    assertThat(found.shares().get(1)).isCloseTo(variance(width) / all, within(0.03));
    assertThat(found.shares().get(2)).isCloseTo(0, within(0.01));
    assertThat(found.shares().get(3)).isCloseTo(variance(on) / all, within(0.03));
  }

  @Test
  void effectsAreTheMeansOfChoicesLessTheMeanOfAll() {
    double[] kind = {0, 3, -1};
    List<int[]> examples = draw(2_000);
    Importance found =
        Importance.of(
            GENES, examples, examples.stream().map(x -> kind[x[0]] + 0.1 * x[1]).toList());
    double mean = (0 + 3 - 1) / 3.0;
    for (int choice = 0; choice < 3; choice++) {
      assertThat(found.effects().getFirst().get(choice))
          .isCloseTo(kind[choice] - mean, within(0.1));
    }
  }

  @Test
  void whatGenesDoOnlyTogetherIsInNoShare() {
    List<int[]> examples = draw(4_000);
    Importance found =
        Importance.of(
            GENES, examples, examples.stream().map(x -> x[3] == x[2] % 2 ? 1.0 : 0.0).toList());
    assertThat(found.shares()).allSatisfy(share -> assertThat(share).isLessThan(0.05));
  }

  @Test
  void choicesThatNeverOccurHaveNoEffect() {
    List<int[]> examples = draw(200).stream().filter(x -> x[0] != 1).toList();
    Importance found =
        Importance.of(GENES, examples, examples.stream().map(x -> (double) x[1]).toList());
    assertThat(found.effects().getFirst().get(1)).isNaN();
  }

  @Test
  void nothingIsKnownOfEqualValuesOrOfNone() {
    List<int[]> examples = draw(50);
    assertThat(Importance.of(GENES, examples, examples.stream().map(_ -> 1.0).toList()).shares())
        .containsOnly(0.0);
    assertThat(Importance.of(GENES, List.of(), List.of()).shares()).containsOnly(0.0);
  }

  @Test
  void everyExampleNeedsAValue() {
    assertThatThrownBy(() -> Importance.of(GENES, draw(2), List.of(1.0)))
        .hasMessage("Importance needs a value for each example, got 1 for 2");
  }

  private static double variance(double[] values) {
    double mean = 0;
    double square = 0;
    for (double value : values) {
      mean += value / values.length;
      square += value * value / values.length;
    }
    return square - mean * mean;
  }

  private static List<int[]> draw(int count) {
    var random = new SplittableRandom(1);
    var drawn = new ArrayList<int[]>();
    for (int i = 0; i < count; i++) {
      drawn.add(GENES.stream().mapToInt(gene -> random.nextInt(gene.choices())).toArray());
    }
    return drawn;
  }
}
