package blockfront.search.data;

import blockfront.blocks.graph.Shape;
import blockfront.blocks.network.Sequence;
import blockfront.blocks.network.Task;
import blockfront.search.trial.Metric;
import java.util.List;

/**
 * Multi-query associative recall: pairs of a key and a value, then each key once again, at which
 * the network must say its value.
 *
 * <p>Keys are 1 to V/2 - 1, values V/2 to V - 1, all different within an example. The pairs come
 * first. Then the keys are asked for at every second place at most: place i of these is taken with
 * a probability proportional to {@code (i + 1)^(a - 1)}, without replacement, so a small a prefers
 * early places. Elsewhere the token is 0, and no answer counts. (<a
 * href="https://arxiv.org/abs/2312.04927">Arora et al., "Zoology", 2023</a>.)
 *
 * <p>A gap between the pairs and the first question, 0 in the paper, keeps away what sees nearby
 * tokens only.
 */
final class Recall {

  static final String KIND = "mqar";

  private static final int VOCABULARY = 64;
  private static final List<String> KNOBS =
      List.of("vocabulary", "length", "pairs", "gap", "a", "random", "train", "test", "seed");

  private final int vocabulary;
  private final int length;
  private final int pairs;
  private final int gap;
  private final double a;
  private final boolean random;
  private final long seed;

  private Recall(
      int vocabulary, int length, int pairs, int gap, double a, boolean random, long seed) {
    this.vocabulary = vocabulary;
    this.length = length;
    this.pairs = pairs;
    this.gap = gap;
    this.a = a;
    this.random = random;
    this.seed = seed;
  }

  /**
   * Makes the set of a name, {@code mqar:vocabulary=128,length=64,pairs=4,a=0.01}.
   *
   * @throws DataException if there can be no such set
   */
  static DataSet load(String text) {
    SetName name = SetName.parse(text, KNOBS, false);
    int vocabulary = name.whole("vocabulary", VOCABULARY, 4, 65_536);
    int length = name.whole("length", 32, 4, 65_536);
    int pairs = name.whole("pairs", 2, 1, 65_536);
    int gap = name.whole("gap", 0, 0, 65_536);
    require(length % 2 == 0, "an even length", length);
    require(gap % 2 == 0, "an even gap", gap);
    require(4L * pairs <= length, "a length of at least four times the pairs", length);
    require(
        4L * pairs + gap <= length,
        "a length of at least four times the pairs and the gap",
        length);
    require(vocabulary > length, "a vocabulary greater than the length", vocabulary);
    require(pairs <= vocabulary / 2 - 1, "at most vocabulary/2 - 1 pairs", pairs);
    var recall =
        new Recall(
            vocabulary,
            length,
            pairs,
            gap,
            name.decimal("a", 0.01, 0, 10),
            name.flag("random"),
            name.whole("seed", 1, 0, Integer.MAX_VALUE));
    int train = name.whole("train", 5000, 1, 10_000_000);
    int test = name.whole("test", 1000, 1, 10_000_000);
    return DataSet.of(
        name.text(),
        new Task.TokenPrediction(new Sequence.Tokens(length, vocabulary)),
        Metric.ACCURACY,
        List.of(),
        new Split(recall.part(0, train), recall.part(1, test), recall.part(2, test)),
        Normalisation.NONE,
        false,
        "generated",
        "Arora et al., Zoology: Measuring and Improving Recall in Efficient Language Models, 2023,"
            + " arXiv:2312.04927");
  }

  /** One of the values. */
  static Baseline guessing(String text) {
    int vocabulary = SetName.parse(text, KNOBS, false).whole("vocabulary", VOCABULARY, 4, 65_536);
    return new Baseline("guessing a value", 1.0 / (vocabulary - vocabulary / 2));
  }

  private static void require(boolean holds, String wanted, int came) {
    if (!holds) {
      throw new DataException("%s: wanted %s, got %d".formatted(KIND, wanted, came));
    }
  }

  private Examples part(int part, int count) {
    float[] tokens = Examples.roomForNumbers(KIND, Shape.of(length), count);
    var labels = new int[tokens.length];
    for (int example = 0; example < count; example++) {
      fill(new Randoms(Draw.bits(seed, part, 0), example), tokens, labels, example * length);
    }
    return Examples.labelledTokens(length, tokens, labels);
  }

  private void fill(Randoms randoms, float[] tokens, int[] labels, int start) {
    int[] keys = randoms.distinct(pairs, vocabulary / 2 - 1);
    int[] values = randoms.distinct(pairs, vocabulary - vocabulary / 2);
    for (int place = 0; place < length; place++) {
      tokens[start + place] = random ? randoms.below(vocabulary) : 0;
      labels[start + place] = Examples.IGNORED;
    }
    int[] slots = slots(randoms);
    for (int pair = 0; pair < pairs; pair++) {
      int key = 1 + keys[pair];
      int value = vocabulary / 2 + values[pair];
      tokens[start + 2 * pair] = key;
      tokens[start + 2 * pair + 1] = value;
      int query = start + 2 * pairs + gap + 2 * slots[pair];
      tokens[query] = key;
      labels[query] = value;
    }
  }

  /** One for each pair, drawn one after the other by what weight is left. */
  private int[] slots(Randoms randoms) {
    var weights = new double[(length - 2 * pairs - gap) / 2];
    double left = 0;
    for (int i = 0; i < weights.length; i++) {
      weights[i] = StrictMath.pow(i + 1, a - 1);
      left += weights[i];
    }
    var slots = new int[pairs];
    for (int pair = 0; pair < pairs; pair++) {
      double at = randoms.uniform() * left;
      int chosen = -1;
      for (int i = 0; i < weights.length && at >= 0; i++) {
        if (weights[i] > 0) {
          chosen = i; // the last one left, should rounding pass all of them
          at -= weights[i];
        }
      }
      slots[pair] = chosen;
      left -= weights[chosen];
      weights[chosen] = 0;
    }
    return slots;
  }
}
