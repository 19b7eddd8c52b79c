package blockfront.search.bench;

import blockfront.search.strategy.DominatedVolume;
import blockfront.search.strategy.SearchStrategy;
import blockfront.search.strategy.SearchStrategy.Proposal;
import blockfront.search.strategy.SearchStrategy.Result;
import blockfront.search.strategy.Strategies;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Runs strategies over a table: simulated workers take proposals and finish in random order, and
 * the hypervolume is followed as their results are told.
 *
 * @param seeds runs of each strategy, with the seeds from 0
 * @param budget trainings a run may look up
 * @param workers proposals in flight at a time
 */
public record SearchBench(int seeds, int budget, int workers) {

  public SearchBench {
    require("seeds", seeds, 1, 10_000);
    require("budget", budget, 1, 1_000_000);
    require("workers", workers, 1, 10_000);
  }

  /** What one run found. */
  record Run(List<Double> shares, int duplicates, double seconds) {

    /** How many trainings it took to a share of the true hypervolume; infinite if it did not. */
    double evaluationsTo(double share) {
      return IntStream.range(0, shares.size())
          .filter(i -> shares.get(i) >= share)
          .mapToObj(i -> i + 1.0)
          .findFirst()
          .orElse(Double.POSITIVE_INFINITY);
    }

    /** The share after so many trainings; that at the end, if the table was searched through. */
    double shareAt(int evaluations) {
      return shares.isEmpty() ? 0 : shares.get(Math.min(evaluations, shares.size()) - 1);
    }
  }

  /** Runs one strategy with every seed, as many at a time as there are processors. */
  public BenchReport run(Table table, Strategies strategy) {
    List<Run> runs =
        IntStream.range(0, seeds)
            .parallel()
            .mapToObj(seed -> run(table, strategy.start(table, seed), seed))
            .toList();
    return BenchReport.of(strategy.text(), budget, runs);
  }

  private Run run(Table table, SearchStrategy strategy, long seed) {
    var finishing = new SplittableRandom(seed).split();
    var inFlight = new ArrayList<Proposal>();
    var asked = new HashSet<String>();
    var shares = new ArrayList<Double>();
    List<double[]> front = List.of();
    int duplicates = 0;
    long nanos = 0;
    while (shares.size() < budget) {
      long began = System.nanoTime();
      while (inFlight.size() < workers && shares.size() + inFlight.size() < budget) {
        Optional<Proposal> proposal = strategy.ask();
        if (proposal.isEmpty()) {
          break;
        }
        inFlight.add(proposal.get());
        duplicates += asked.add(table.identity(proposal.get().genes())) ? 0 : 1;
      }
      nanos += System.nanoTime() - began;
      if (inFlight.isEmpty()) {
        break;
      }
      Proposal finished = inFlight.remove(finishing.nextInt(inFlight.size()));
      Optional<double[]> objectives = table.objectives(finished.genes());
      double share = shares.isEmpty() ? 0 : shares.getLast();
      if (objectives.isPresent() && isNew(front, objectives.get())) {
        var grown = new ArrayList<>(front);
        grown.add(objectives.get());
        front = Table.front(grown);
        share = table.share(front);
      }
      shares.add(share);
      began = System.nanoTime();
      strategy.tell(
          finished, objectives.<Result>map(Result.Measured::of).orElseGet(Result.Failed::new));
      nanos += System.nanoTime() - began;
    }
    return new Run(List.copyOf(shares), duplicates, nanos / 1e9);
  }

  private static boolean isNew(List<double[]> front, double[] objectives) {
    return front.stream().noneMatch(point -> DominatedVolume.asGood(point, objectives));
  }

  private static void require(String what, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "Search bench needs %s from %d to %d, got %d".formatted(what, least, most, value));
    }
  }
}
