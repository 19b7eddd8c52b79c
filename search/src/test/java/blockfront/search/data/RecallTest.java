package blockfront.search.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.network.Sequence;
import blockfront.blocks.network.Task;
import blockfront.search.trial.Metric;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Multi-query associative recall, generated. */
class RecallTest {

  private static final DataSet DATA =
      DataSets.load("mqar:vocabulary=64,length=32,pairs=4,train=500,test=100");

  @Test
  void theNameSaysTheTask() {
    assertThat(DATA.name()).isEqualTo("mqar:length=32,pairs=4,test=100,train=500,vocabulary=64");
    assertThat(DATA.task()).isEqualTo(new Task.TokenPrediction(new Sequence.Tokens(32, 64)));
    assertThat(DATA.metric()).isEqualTo(Metric.ACCURACY);
    assertThat(DATA.classes()).isEmpty();
    assertThat(DATA.train().size()).isEqualTo(500);
    assertThat(DATA.validation().size()).isEqualTo(100);
    assertThat(DATA.test().size()).isEqualTo(100);
  }

  @Test
  void aTableOfThePairsAnswersEveryQuery() {
    for (int example = 0; example < DATA.train().size(); example++) {
      Map<Integer, Integer> table = new HashMap<>();
      for (int pair = 0; pair < 4; pair++) {
        table.put(token(example, 2 * pair), token(example, 2 * pair + 1));
      }
      var asked = new HashSet<Integer>();
      for (int place = 0; place < 32; place++) {
        int label = DATA.train().label(example, place);
        if (place < 8 || place % 2 == 1 || token(example, place) == 0) {
          assertThat(label).isEqualTo(Examples.IGNORED);
        } else {
          assertThat(label).isEqualTo(table.get(token(example, place)));
          asked.add(token(example, place));
        }
      }
      assertThat(table.keySet()).hasSize(4).allMatch(key -> key >= 1 && key < 32);
      assertThat(new HashSet<>(table.values())).hasSize(4).allMatch(v -> v >= 32 && v < 64);
      assertThat(asked).isEqualTo(table.keySet());
    }
  }

  private static int token(int example, int place) {
    return (int) DATA.train().number(example, place);
  }

  @Test
  void placesOfQueriesAreLikelyAsTheirWeights() {
    // one pair: place i of 4 is taken with a probability of (i + 1)^(a - 1) over their sum
    var set = DataSets.load("mqar:vocabulary=16,length=10,pairs=1,a=0.5,train=20000,test=1");
    var counts = new int[4];
    for (int example = 0; example < set.train().size(); example++) {
      for (int slot = 0; slot < 4; slot++) {
        counts[slot] += set.train().label(example, 2 + 2 * slot) == Examples.IGNORED ? 0 : 1;
      }
    }
    double all = 1 + 1 / Math.sqrt(2) + 1 / Math.sqrt(3) + 0.5;
    for (int slot = 0; slot < 4; slot++) {
      assertThat(counts[slot] / 20_000.0)
          .as("place %d", slot)
          .isEqualTo(1 / Math.sqrt(slot + 1.0) / all, within(0.01));
    }
  }

  @Test
  void aGapKeepsQuestionsFromThePairs() {
    var set = DataSets.load("mqar:vocabulary=32,length=24,pairs=2,gap=10,train=500,test=1");

    var asked = new HashSet<Integer>();
    for (int example = 0; example < set.train().size(); example++) {
      int answers = 0;
      for (int place = 0; place < 24; place++) {
        if (set.train().label(example, place) != Examples.IGNORED) {
          asked.add(place);
          answers++;
        }
      }
      assertThat(answers).isEqualTo(2);
    }
    assertThat(asked).containsExactlyInAnyOrder(14, 16, 18, 20, 22);
  }

  @Test
  void whatIsNoPairAndNoQueryCanBeRandom() {
    var set = DataSets.load("mqar:random=true,train=100,test=1");
    var seen = new HashSet<Float>();
    for (int example = 0; example < 100; example++) {
      seen.add(set.train().number(example, 31));
    }
    assertThat(seen).hasSizeGreaterThan(20);
  }

  @Test
  void theSeedDecidesAll() {
    String name = "mqar:train=50,test=10";
    assertThat(DataSets.load(name).hash()).isEqualTo(DataSets.load(name).hash());
    assertThat(DataSets.load(name + ",seed=2").hash()).isNotEqualTo(DataSets.load(name).hash());
    assertThat(DATA.validation()).isNotEqualTo(DATA.test());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "mqar:length=31 | mqar: wanted an even length, got 31",
        "mqar:pairs=9 | mqar: wanted a length of at least four times the pairs, got 32",
        "mqar:vocabulary=32 | mqar: wanted a vocabulary greater than the length, got 32",
        "mqar:length=x | mqar: wanted a whole number from 4 to 65536 as length, got 'x'",
        "mqar:a=-1 | mqar: wanted a number from 0.0 to 10.0 as a, got '-1'",
        "mqar:random=1 | mqar: wanted true or false as random, got '1'",
        "mqar:gap=3 | mqar: wanted an even gap, got 3",
        "mqar:gap=26 | mqar: wanted a length of at least four times the pairs and the gap, got 32",
        "mqar:vocabulary=4096,length=1024,train=10000000 | mqar: wanted at most 2147483639 numbers,"
            + " got 10000000 sequences of 1024, which are 10240000000",
        "mqar:pairs=2,pairs=2 | mqar: 'pairs' is set twice",
        "mqar:pears=2 | mqar: wanted settings like vocabulary=..., got 'pears=2'; known are"
            + " [vocabulary, length, pairs, gap, a, random, train, test, seed]"
      })
  void whatCannotBeIsNamed(String name, String message) {
    assertThatExceptionOfType(DataException.class)
        .isThrownBy(() -> DataSets.load(name))
        .withMessage(message);
  }
}
