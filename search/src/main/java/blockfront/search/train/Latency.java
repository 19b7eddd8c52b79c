package blockfront.search.train;

import blockfront.blocks.graph.Parameters;
import blockfront.blocks.network.Network;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleSupplier;

/** How long one example takes through a network, forward, one at a time. */
final class Latency {

  private static final int FEWEST = 5;
  private static final int RUNS = 100;

  /** Passes of a round take about so long, once there are a few. */
  private static final long NANOS = 100_000_000;

  private static final int MOST_ROUNDS = 20;

  /** Rounds that may bring nothing before it is enough. */
  private static final int PATIENCE = 4;

  /** A round that takes less than this share of the fastest has brought something. */
  private static final double FASTER = 0.9;

  private Latency() {}

  /** The median of many passes. */
  static double millis(Network network, Weights weights) {
    try (var plan =
        new Plan(
            List.of(network.logits()), 1, weights.of(Parameters.of(List.of(network.logits()))))) {
      return fastest(() -> median(plan));
    }
  }

  /**
   * That of the fastest round, once none is faster: a JVM compiles anew what a single example
   * needs, and on a busy machine that may take a while.
   */
  static double fastest(DoubleSupplier round) {
    double best = round.getAsDouble();
    int inVain = 0;
    for (int i = 1; i < MOST_ROUNDS && inVain < PATIENCE; i++) {
      double again = round.getAsDouble();
      inVain = again < FASTER * best ? 0 : inVain + 1;
      best = Math.min(best, again);
    }
    return best;
  }

  private static double median(Plan plan) {
    var nanos = new long[RUNS];
    int runs = 0;
    long end = System.nanoTime() + NANOS;
    while (runs < FEWEST || (runs < RUNS && System.nanoTime() < end)) {
      long start = System.nanoTime();
      plan.run();
      nanos[runs++] = System.nanoTime() - start;
    }
    long[] timed = Arrays.copyOf(nanos, runs);
    Arrays.sort(timed);
    return timed[runs / 2] / 1e6;
  }
}
