package blockfront.search.data;

import blockfront.blocks.graph.Shape;
import blockfront.blocks.network.Task;
import blockfront.search.trial.Metric;
import java.util.List;

/**
 * In-context linear regression: each prompt has a linear function of its own, which only its
 * examples show.
 *
 * <p>Weights w and all x are normal with unit variance, {@code y = w x + sigma e}; the truth is
 * {@code w x} of the query. So the mean squared error is the mean of {@code |v - w|²} over the
 * weights v that a network acts by. (<a href="https://arxiv.org/abs/2307.03576">Mahankali,
 * Hashimoto and Ma, 2023</a>.)
 */
final class LinearFunctions {

  static final String KIND = "icl_regression";

  private static final List<String> KNOBS =
      List.of("dimensions", "examples", "sigma", "train", "test", "seed");

  private LinearFunctions() {}

  /**
   * Makes the set of a name, {@code icl_regression:dimensions=5,examples=20,sigma=0.5}.
   *
   * @throws DataException if there can be no such set
   */
  static DataSet load(String text) {
    SetName name = SetName.parse(text, KNOBS, false);
    int dimensions = name.whole("dimensions", 5, 1, 1024);
    int examples = name.whole("examples", 20, 1, 65_536);
    double sigma = name.decimal("sigma", 0, 0, 1000);
    long seed = name.whole("seed", 1, 0, Integer.MAX_VALUE);
    int train = name.whole("train", 10_000, 1, 10_000_000);
    int test = name.whole("test", 2000, 1, 10_000_000);
    var task = new Task.InContextRegression(examples, dimensions);
    return DataSet.of(
        name.text(),
        task,
        Metric.MEAN_SQUARED_ERROR,
        List.of(),
        new Split(
            part(task, sigma, Draw.bits(seed, 0, 0), train),
            part(task, sigma, Draw.bits(seed, 1, 0), test),
            part(task, sigma, Draw.bits(seed, 2, 0), test)),
        Normalisation.NONE,
        false,
        "generated",
        "Mahankali, Hashimoto and Ma, One Step of Gradient Descent is Provably the Optimal"
            + " In-Context Learner with One Layer of Linear Self-Attention, 2023,"
            + " arXiv:2307.03576");
  }

  /**
   * The risk of one step of gradient descent from 0 by the best rate, which is the least that one
   * layer of linear attention can have: {@code d (d + 1 + s²) / (n + d + 1 + s²)}.
   */
  static Baseline gradientStep(String text) {
    SetName name = SetName.parse(text, KNOBS, false);
    double dimensions = name.whole("dimensions", 5, 1, 1024);
    double sigma = name.decimal("sigma", 0, 0, 1000);
    double rest = dimensions + 1 + sigma * sigma;
    return new Baseline(
        "one step of gradient descent",
        dimensions * rest / (name.whole("examples", 20, 1, 65_536) + rest));
  }

  private static Examples part(Task.InContextRegression task, double sigma, long seed, int count) {
    Shape shape = task.input();
    int stride = Math.toIntExact(shape.elements());
    float[] numbers = Examples.roomForNumbers(KIND, shape, count);
    var truths = new float[count];
    for (int i = 0; i < count; i++) {
      truths[i] = fill(new Randoms(seed, i), task, sigma, numbers, i * stride);
    }
    return Examples.measured(shape, numbers, truths);
  }

  /** One prompt; the value of the query. */
  private static float fill(
      Randoms randoms, Task.InContextRegression task, double sigma, float[] numbers, int start) {
    int dimensions = task.dimensions();
    var weights = new double[dimensions];
    for (int i = 0; i < dimensions; i++) {
      weights[i] = randoms.gaussian();
    }
    double value = 0;
    int at = start;
    for (int example = 0; example <= task.examples(); example++) {
      value = 0;
      for (int i = 0; i < dimensions; i++) {
        double x = randoms.gaussian();
        value += weights[i] * x;
        numbers[at++] = (float) x;
      }
      boolean query = example == task.examples();
      numbers[at++] = query ? 0 : (float) (value + sigma * randoms.gaussian());
    }
    return (float) value;
  }
}
