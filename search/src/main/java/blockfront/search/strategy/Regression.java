package blockfront.search.strategy;

/** A guess of numbers from genes, with its uncertainty. */
interface Regression {

  /**
   * What is expected of some genomes.
   *
   * @param genes alleles, a row a genome
   */
  Guess guess(int[][] genes);

  /** Mean and standard deviation of each genome, in the units of what was learnt. */
  final class Guess {
    final double[] mean;
    final double[] deviation;

    Guess(int count) {
      mean = new double[count];
      deviation = new double[count];
    }
  }
}
