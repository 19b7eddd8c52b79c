package blockfront.search.bench;

import blockfront.search.space.Genome;
import blockfront.search.space.Genome.Gene;
import blockfront.search.strategy.SearchStrategy;
import blockfront.search.strategy.SearchStrategy.Proposal;
import blockfront.search.strategy.SearchStrategy.Result;
import blockfront.search.strategy.Strategies;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * How long strategies take to answer a question when much is known: how long a free worker would
 * wait if it waited.
 *
 * @param trials results told before the last questions are timed
 * @param workers proposals in flight at a time
 * @param space where it searches; its objectives are made up
 */
public record AskBench(int trials, int workers, Genome space) {

  /** Questions that are timed. */
  private static final int TIMED = 100;

  private static final int GENES = 30;

  public AskBench {
    if (trials < TIMED) {
      throw new IllegalArgumentException(
          "Ask bench needs at least %d trials, got %d".formatted(TIMED, trials));
    }
    if (workers < 1) {
      throw new IllegalArgumentException("Ask bench needs at least 1 worker, got " + workers);
    }
  }

  /** On a made-up space of the size of a real one. */
  public AskBench(int trials, int workers) {
    this(trials, workers, new Made());
  }

  /**
   * How long the last hundred questions took, each with the telling before it.
   *
   * @param median milliseconds
   * @param p95 milliseconds that 95 of 100 did not exceed
   * @param longest milliseconds
   * @param processor milliseconds that the asking thread was busy, the median: what it would take
   *     on a machine that does nothing else
   */
  public record Report(
      String strategy, int trials, double median, double p95, double longest, double processor) {}

  /** Runs one strategy. */
  public Report run(Strategies strategy) {
    SearchStrategy search = strategy.start(space, 1);
    var random = new SplittableRandom(1);
    var inFlight = new ArrayList<Proposal>();
    var milliseconds = new double[trials];
    var processor = new double[trials];
    ThreadMXBean thread = ManagementFactory.getThreadMXBean();
    for (int i = 0; i < trials; i++) {
      long began = System.nanoTime();
      long busy = thread.getCurrentThreadCpuTime();
      if (inFlight.size() == workers) {
        Proposal finished = inFlight.remove(random.nextInt(workers));
        search.tell(finished, Result.Measured.of(error(finished), cost(finished)));
      }
      search.ask().ifPresent(inFlight::add);
      milliseconds[i] = (System.nanoTime() - began) / 1e6;
      processor[i] = (thread.getCurrentThreadCpuTime() - busy) / 1e6;
    }
    double[] last = sortedEnd(milliseconds);
    return new Report(
        strategy.text(),
        trials,
        last[TIMED / 2],
        last[TIMED * 95 / 100],
        last[TIMED - 1],
        sortedEnd(processor)[TIMED / 2]);
  }

  private static double[] sortedEnd(double[] values) {
    double[] last = Arrays.copyOfRange(values, values.length - TIMED, values.length);
    Arrays.sort(last);
    return last;
  }

  private double error(Proposal proposal) {
    List<Integer> alleles = space.canonical(proposal.genes());
    List<Gene> genes = space.genes();
    double sum = 0;
    for (int i = 0; i < genes.size(); i++) {
      int next = (i + 1) % genes.size();
      double share = (double) alleles.get(i) / genes.get(i).choices();
      sum += Math.sin(2 * i + 4 * share) / (1 + i % 5);
      sum += 0.3 * share * alleles.get(next) / genes.get(next).choices();
    }
    return 1 / (1 + Math.exp(-sum / 4));
  }

  private double cost(Proposal proposal) {
    List<Integer> alleles = space.canonical(proposal.genes());
    double sum = 0;
    for (int i = 0; i < alleles.size(); i++) {
      sum += (double) alleles.get(i) / space.genes().get(i).choices() / (1 + i % 4);
    }
    return sum;
  }

  /** Genes of two to eight choices, some ordered, which act alone and in pairs. */
  private static final class Made implements Genome {
    private final List<Gene> genes = new ArrayList<>();

    Made() {
      for (int i = 0; i < GENES; i++) {
        genes.add(new Gene("gene " + i, 2 + i % 7, i % 3 == 0));
      }
    }

    @Override
    public List<Gene> genes() {
      return genes;
    }

    @Override
    public String identity(List<Integer> alleles) {
      return alleles.toString();
    }

    @Override
    public List<Integer> canonical(List<Integer> alleles) {
      return alleles;
    }
  }
}
