package blockfront.search.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import blockfront.search.space.Genome.Gene;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is learnt from results, each against an independent calculation. */
class SurrogatesTest {

  private static final List<Gene> GENES =
      List.of(
          new Gene("kind", 4, false),
          new Gene("width", 6, true),
          new Gene("switch", 2, false),
          new Gene("depth", 5, true));

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void factorSolvesAndInverts(long seed) {
    double[][] matrix = positive(7, seed);
    var factor = new Cholesky(copy(matrix));
    double[] b = new SplittableRandom(seed).doubles(7).toArray();
    double[] x = factor.solve(b);
    double[][] inverse = factor.inverse();
    for (int i = 0; i < 7; i++) {
      double product = 0;
      double byInverse = 0;
      for (int j = 0; j < 7; j++) {
        product += matrix[i][j] * x[j];
        byInverse += inverse[Math.min(i, j)][Math.max(i, j)] * b[j];
      }
      assertThat(product).as("seed %d, row %d", seed, i).isCloseTo(b[i], within(1e-9));
      assertThat(byInverse).as("seed %d, row %d", seed, i).isCloseTo(x[i], within(1e-9));
    }
  }

  @Test
  void determinantIsThatOfAKnownMatrix() {
    // 4 * 3 - 1
    assertThat(new Cholesky(new double[][] {{4, 1}, {1, 3}}).logDeterminant())
        .isCloseTo(Math.log(11), within(1e-12));
  }

  @Test
  void aGeneMayHaveAsManyChoicesAsThereAreTrainings() {
    int many = 200_000;
    var genes = List.of(new Gene("rate", many, true), new Gene("name", many, false));
    var kernel = new MixedKernel(genes);
    double[][] matrix =
        kernel.covariance(
            new int[][] {{0, 0}, {1, 0}, {many - 1, 0}, {0, many - 1}}, kernel.prior());
    assertThat(matrix[0][1]).isGreaterThan(matrix[0][2]);
    assertThat(matrix[0][3]).isLessThan(matrix[0][1]);
    assertThat(matrix[1][2]).isCloseTo(matrix[0][2], within(1e-4));
    var forest = new RandomForest(genes, 2, 4, 1, 1);
    forest.learn(
        List.of(
            new int[] {0, 5}, new int[] {1, 5}, new int[] {many - 1, 7}, new int[] {many - 2, 7}),
        List.of(0.0, 0.0, 1.0, 1.0));
    assertThat(forest.guess(new int[][] {{many - 1, 7}}).mean[0])
        .isGreaterThanOrEqualTo(forest.guess(new int[][] {{0, 5}}).mean[0]);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void gradientOfTheKernelIsThatOfDifferences(long seed) {
    var random = new SplittableRandom(seed);
    var kernel = new MixedKernel(GENES);
    int[][] examples = draw(12, random);
    double[] targets = random.doubles(12).map(v -> 4 * v - 2).toArray();
    double[] logs = kernel.prior();
    Arrays.setAll(logs, i -> logs[i] + random.nextDouble() - 0.5);
    var factor = new Cholesky(kernel.covariance(examples, logs));
    double[] weights = factor.solve(targets);
    double[][] outer = factor.inverse();
    for (int i = 0; i < 12; i++) {
      for (int j = i; j < 12; j++) {
        outer[i][j] = weights[i] * weights[j] - outer[i][j];
      }
    }
    double[] gradient = kernel.gradient(examples, logs, outer);
    for (int k = 0; k < logs.length; k++) {
      double[] more = logs.clone();
      double[] less = logs.clone();
      more[k] += 1e-5;
      less[k] -= 1e-5;
      double difference =
          (evidence(kernel, examples, targets, more) - evidence(kernel, examples, targets, less))
              / 2e-5;
      assertThat(gradient[k])
          .as("seed %d, number %d", seed, k)
          .isCloseTo(difference, within(1e-4 * Math.max(1, Math.abs(difference))));
    }
  }

  @Test
  void processIsSureOfWhatItSawAndUnsureOfTheRest() {
    var random = new SplittableRandom(5);
    var kernel = new MixedKernel(GENES);
    int[][] examples = Arrays.stream(draw(12, random)).distinct().toArray(int[][]::new);
    double[] targets = Arrays.stream(examples).mapToDouble(SurrogatesTest::truth).toArray();
    var process = new GaussianProcess(kernel, examples, targets, kernel.prior());
    Regression.Guess seen = process.guess(examples);
    Regression.Guess unseen = process.guess(draw(50, random));
    assertThat(Arrays.stream(seen.deviation).max().orElseThrow())
        .isLessThan(Arrays.stream(unseen.deviation).max().orElseThrow() / 3);
  }

  @Test
  void whatIsInFlightNarrowsTheUncertaintyAndKeepsTheMeans() {
    var random = new SplittableRandom(6);
    var kernel = new MixedKernel(GENES);
    int[][] examples = draw(10, random);
    double[] targets = Arrays.stream(examples).mapToDouble(SurrogatesTest::truth).toArray();
    int[][] asked = draw(20, random);
    int[][] flying = Arrays.copyOf(examples, 11);
    flying[10] = asked[0];
    Regression.Guess before =
        new GaussianProcess(kernel, examples, targets, kernel.prior()).guess(asked);
    Regression.Guess after =
        new GaussianProcess(kernel, flying, targets, kernel.prior()).guess(asked);
    for (int i = 0; i < asked.length; i++) {
      assertThat(after.mean[i]).isCloseTo(before.mean[i], within(1e-9));
      assertThat(after.deviation[i]).isLessThanOrEqualTo(before.deviation[i] + 1e-9);
    }
    assertThat(after.deviation[0]).isLessThan(before.deviation[0] / 2);
  }

  @Test
  void fittedProcessFindsWhatGenesAddFromFewExamples() {
    var random = new SplittableRandom(7);
    var kernel = new MixedKernel(GENES);
    int[][] examples = draw(40, random);
    double[] targets = Arrays.stream(examples).mapToDouble(SurrogatesTest::truth).toArray();
    GaussianProcess.Fit fit = GaussianProcess.fit(kernel, examples, targets, kernel.prior(), 40);
    int[][] others = draw(100, random);
    double error = error(new GaussianProcess(kernel, examples, targets, fit.logs), others);
    assertThat(error).isLessThan(0.02 * variance(others));
  }

  @Test
  void forestLearnsAndItsGuessesDependOnTheExamplesOnly() {
    var random = new SplittableRandom(8);
    var examples = new ArrayList<>(List.of(draw(400, random)));
    List<Double> targets = examples.stream().map(SurrogatesTest::truth).toList();
    var atOnce = new RandomForest(GENES, 20, 100, 2, 3);
    atOnce.learn(examples, targets);
    var bitByBit = new RandomForest(GENES, 20, 100, 2, 3);
    for (int count = 100; count <= 400; count += 50) {
      bitByBit.learn(examples.subList(0, count), targets.subList(0, count));
    }
    int[][] others = draw(100, random);
    assertThat(error(atOnce, others)).isLessThan(0.1 * variance(others));
    assertThat(bitByBit.guess(others).mean).containsExactly(atOnce.guess(others).mean);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void scalesUndoThemselvesAndGrow(long seed) {
    double[] values = new SplittableRandom(seed).doubles(30).map(v -> 5 + v * v * v * 80).toArray();
    for (Warp warp : Warp.candidates(values)) {
      for (double value = -20; value < 120; value += 0.7) {
        assertThat(warp.undo(warp.apply(value)))
            .as("%s, seed %d", warp, seed)
            .isCloseTo(value, within(1e-9));
        double slope = (warp.apply(value + 1e-6) - warp.apply(value - 1e-6)) / 2e-6;
        assertThat(slope).as("%s at %f", warp, value).isPositive();
        if (value > 6) {
          assertThat(warp.logSlope(new double[] {value}))
              .as("%s at %f", warp, value)
              .isCloseTo(Math.log(slope), within(1e-3));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void gainOfWhatIsCertainIsItsVolume(int objectives) {
    var random = new SplittableRandom(9);
    var front = new ArrayList<double[]>();
    for (int axis = 0; axis < objectives; axis++) {
      front.add(axis(objectives, axis));
    }
    double[] worst = new double[objectives];
    Arrays.fill(worst, 1);
    double[] reference = new double[objectives];
    Arrays.fill(reference, 1.1);
    double[][] points = {half(objectives, 0.3), half(objectives, 0.6), half(objectives, 0.9)};
    List<Beliefs.Objective> certain =
        IntStream.range(0, objectives)
            .mapToObj(
                k ->
                    new Beliefs.Objective(
                        genes -> {
                          var guess = new Regression.Guess(genes.length);
                          Arrays.setAll(guess.mean, i -> points[genes[i][0]][k]);
                          return guess;
                        },
                        new Warp(0, Double.POSITIVE_INFINITY, 0, 1)))
            .toList();
    double[] gains = new double[3];
    int draws = 400;
    for (int i = 0; i < draws; i++) {
      double[] drawn =
          new ExpectedGain(certain, front, worst, random).of(new int[][] {{0}, {1}, {2}});
      Arrays.setAll(gains, k -> gains[k] + drawn[k] / draws);
    }
    for (int i = 1; i < 3; i++) {
      // the mean over directions is the volume up to a constant of the number of objectives
      assertThat(gains[i] / gains[0])
          .isCloseTo(
              DominatedVolume.gain(front, points[i], reference)
                  / DominatedVolume.gain(front, points[0], reference),
              within(0.02));
    }
  }

  private static double[] axis(int objectives, int axis) {
    double[] point = new double[objectives];
    Arrays.fill(point, 1);
    point[axis] = 0;
    return point;
  }

  private static double[] half(int objectives, double first) {
    double[] point = new double[objectives];
    Arrays.fill(point, 0.4);
    point[0] = first;
    return point;
  }

  /** Additive, with an interaction. */
  private static double truth(int[] genes) {
    return new double[] {0, 1, -0.5, 0.3}[genes[0]]
        + 0.3 * genes[1]
        - 0.4 * genes[2]
        + 0.05 * genes[3] * genes[3]
        + (genes[0] == 1 && genes[2] == 1 ? 0.2 : 0)
        - 1;
  }

  private static double error(Regression regression, int[][] genes) {
    double[] mean = regression.guess(genes).mean;
    double sum = 0;
    for (int i = 0; i < mean.length; i++) {
      sum += (mean[i] - truth(genes[i])) * (mean[i] - truth(genes[i]));
    }
    return sum / mean.length;
  }

  private static double variance(int[][] genes) {
    double mean = Arrays.stream(genes).mapToDouble(SurrogatesTest::truth).average().orElseThrow();
    return Arrays.stream(genes)
        .mapToDouble(each -> (truth(each) - mean) * (truth(each) - mean))
        .average()
        .orElseThrow();
  }

  private static double evidence(
      MixedKernel kernel, int[][] examples, double[] targets, double[] logs) {
    var factor = new Cholesky(kernel.covariance(examples, logs));
    double[] weights = factor.solve(targets);
    double sum = kernel.logPrior(logs) - factor.logDeterminant() / 2;
    for (int i = 0; i < targets.length; i++) {
      sum -= targets[i] * weights[i] / 2;
    }
    return sum;
  }

  private static int[][] draw(int count, SplittableRandom random) {
    var drawn = new int[count][];
    Arrays.setAll(
        drawn, _ -> GENES.stream().mapToInt(gene -> random.nextInt(gene.choices())).toArray());
    return drawn;
  }

  private static double[][] positive(int size, long seed) {
    var random = new SplittableRandom(seed);
    var root = new double[size][size];
    for (double[] row : root) {
      Arrays.setAll(row, _ -> random.nextDouble() - 0.5);
    }
    var matrix = new double[size][size];
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        matrix[i][j] = i == j ? 0.5 : 0;
        for (int k = 0; k < size; k++) {
          matrix[i][j] += root[i][k] * root[j][k];
        }
      }
    }
    return matrix;
  }

  private static double[][] copy(double[][] matrix) {
    return Arrays.stream(matrix).map(double[]::clone).toArray(double[][]::new);
  }
}
