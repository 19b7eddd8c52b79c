package blockfront.search.strategy;

import blockfront.search.space.Genome.Gene;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Which genes an objective depends on: the share of its variance that each gene explains alone, by
 * the functional analysis of variance of a random forest (Hutter et al., 2014).
 *
 * <p>Choices weigh as often as they occur. What genes do only together, and noise, is in no share.
 *
 * @param shares in [0, 1], one a gene; together at most 1 up to the forest's errors
 * @param effects the guess at each choice less the mean, {@code [gene][choice]}; not a number where
 *     the choice never occurred
 */
public record Importance(List<Double> shares, List<List<Double>> effects) {

  private static final int TREES = 24;

  /** Genomes that the variance of the whole forest is taken over. */
  private static final int SAMPLES = 2_000;

  public Importance {
    shares = List.copyOf(shares);
    effects = effects.stream().map(List::copyOf).toList();
  }

  /**
   * Of some values; always the same for the same examples.
   *
   * @param examples alleles, one row for each value
   * @param values finite
   */
  public static Importance of(List<Gene> genes, List<int[]> examples, List<Double> values) {
    if (examples.size() != values.size()) {
      throw new IllegalArgumentException(
          "Importance needs a value for each example, got %d for %d"
              .formatted(values.size(), examples.size()));
    }
    double[][] counts = shares(genes, examples);
    if (examples.size() < 2) {
      return none(genes);
    }
    var forest = new RandomForest(genes, TREES, examples.size(), 1, 1);
    forest.learn(examples, values);
    double[][] marginals = forest.marginals(counts);
    double variance = variance(forest, counts);
    if (!(variance > 0)) {
      return none(genes);
    }
    var shares = new ArrayList<Double>();
    var effects = new ArrayList<List<Double>>();
    for (int g = 0; g < genes.size(); g++) {
      double[] shown = marginals[g];
      double[] weights = counts[g];
      double mean = IntStream.range(0, shown.length).mapToDouble(a -> weights[a] * shown[a]).sum();
      double own =
          IntStream.range(0, shown.length)
              .mapToDouble(a -> weights[a] * (shown[a] - mean) * (shown[a] - mean))
              .sum();
      shares.add(Math.min(1, own / variance));
      effects.add(
          IntStream.range(0, shown.length)
              .mapToObj(a -> weights[a] > 0 ? shown[a] - mean : Double.NaN)
              .toList());
    }
    return new Importance(shares, effects);
  }

  private static Importance none(List<Gene> genes) {
    return new Importance(
        genes.stream().map(_ -> 0.0).toList(),
        genes.stream()
            .map(gene -> IntStream.range(0, gene.choices()).mapToObj(_ -> Double.NaN).toList())
            .toList());
  }

  private static double[][] shares(List<Gene> genes, List<int[]> examples) {
    var shares = new double[genes.size()][];
    for (int g = 0; g < shares.length; g++) {
      shares[g] = new double[genes.get(g).choices()];
      for (int[] example : examples) {
        shares[g][example[g]] += 1.0 / examples.size();
      }
    }
    return shares;
  }

  /** Of the forest's guesses where every gene is drawn alone, as often as its choices occur. */
  private static double variance(RandomForest forest, double[][] shares) {
    var random = new SplittableRandom(1);
    var drawn = new int[SAMPLES][shares.length];
    for (int g = 0; g < shares.length; g++) {
      // evenly over its choices, so that chance does not weigh them
      var column = new int[SAMPLES];
      for (int i = 0; i < SAMPLES; i++) {
        int other = random.nextInt(i + 1);
        column[i] = column[other];
        column[other] = drawn(shares[g], (i + 0.5) / SAMPLES);
      }
      for (int i = 0; i < SAMPLES; i++) {
        drawn[i][g] = column[i];
      }
    }
    double[] guesses = forest.guess(drawn).mean;
    double mean = Arrays.stream(guesses).average().orElse(0);
    return Arrays.stream(guesses).map(guess -> (guess - mean) * (guess - mean)).average().orElse(0);
  }

  private static int drawn(double[] shares, double at) {
    double sum = 0;
    int last = 0;
    for (int allele = 0; allele < shares.length; allele++) {
      if (shares[allele] > 0) {
        last = allele;
        sum += shares[allele];
        if (at < sum) {
          return allele;
        }
      }
    }
    return last;
  }
}
