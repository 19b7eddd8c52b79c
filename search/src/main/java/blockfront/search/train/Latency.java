package blockfront.search.train;

import blockfront.blocks.graph.Parameters;
import blockfront.blocks.network.Network;
import java.util.Arrays;
import java.util.List;

/** How long one example takes through a network, forward, one at a time. */
final class Latency {

  private static final int FEWEST = 5;
  private static final int RUNS = 100;

  /** Passes are timed for about so long, once there are a few. */
  private static final long NANOS = 100_000_000;

  private Latency() {}

  /** The median of many passes, after some that are not timed. */
  static double millis(Network network, Weights weights) {
    try (var plan =
        new Plan(
            List.of(network.logits()), 1, weights.of(Parameters.of(List.of(network.logits()))))) {
      long began = System.nanoTime();
      for (int i = 0; i < FEWEST || (i < RUNS && System.nanoTime() - began < NANOS / 2); i++) {
        plan.run();
      }
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
}
