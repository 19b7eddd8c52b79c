package blockfront.search.strategy;

import blockfront.search.space.Genome;
import blockfront.search.strategy.SearchStrategy.Result;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Made-up spaces of every kind a search may meet, small enough to know all of. */
enum SpacesOfNumbers {
  /** Ordered and unordered genes that act alone and in pairs. */
  MIXED(List.of(5, 3, 4, 2, 6, 3), 0b010010) {
    @Override
    Optional<double[]> objectives(int[] x) {
      double error = -Math.sqrt(x[4]) - 0.7 * Math.sqrt(x[1]) + effect(0, x[0]) + effect(2, x[2]);
      error += 0.5 * effect(7 + x[3], x[5]) + 0.3 * effect(20 + x[0], x[2]);
      return Optional.of(
          new double[] {error, 0.5 * x[4] + 0.7 * x[1] + 0.4 * effect(40, x[0]) + 0.2 * x[3]});
    }
  },
  /** All but one way lead away from the best. */
  DECEPTIVE(List.of(3, 3, 3, 3, 3, 3, 3, 3), 0) {
    @Override
    Optional<double[]> objectives(int[] x) {
      double error = 0;
      for (int block = 0; block < 2; block++) {
        int twos = 0;
        int zeros = 0;
        for (int i = 4 * block; i < 4 * block + 4; i++) {
          twos += x[i] == 2 ? 1 : 0;
          zeros += x[i] == 0 ? 1 : 0;
        }
        error += twos == 4 ? 0 : 1.2 - 0.2 * zeros + 0.05 * twos;
      }
      return Optional.of(
          new double[] {
            error, x[0] + 2 * x[1] + x[2] + 3 * x[3] + x[4] + 2 * x[5] + x[6] + 0.5 * x[7]
          });
    }
  },
  /** What costs more is no better. */
  UNCORRELATED(List.of(4, 4, 4, 4, 4), 0) {
    @Override
    Optional<double[]> objectives(int[] x) {
      double error = 0;
      double cost = 0;
      for (int i = 0; i < x.length; i++) {
        error += effect(i, x[i]) + 0.4 * effect(50 + 4 * i + x[i], x[(i + 1) % x.length]);
        cost += effect(100 + i, x[i]);
      }
      return Optional.of(new double[] {error, cost});
    }
  },
  /** Few genes of many unordered choices. */
  CATEGORICAL(List.of(16, 16, 6), 0) {
    @Override
    Optional<double[]> objectives(int[] x) {
      double error = effect(0, x[0]) + effect(1, x[1]) + effect(2, x[2]);
      return Optional.of(
          new double[] {
            error + 0.4 * effect(10 + x[0], x[2]),
            effect(3, x[0]) + effect(4, x[1]) + effect(5, x[2])
          });
    }
  },
  /** A third of the networks cannot be trained. */
  FAILING(List.of(4, 4, 4, 4, 3), 0b11) {
    @Override
    Optional<double[]> objectives(int[] x) {
      if (effect(60 + x[0], x[1]) > 0.4) {
        return Optional.empty();
      }
      double cost = Arrays.stream(x).sum();
      return Optional.of(
          new double[] {effect(0, x[2]) + effect(1, x[3]) + effect(2, x[0]) - 0.2 * cost, cost});
    }
  },
  /** Training tells little. */
  NOISY(List.of(4, 4, 4, 4, 4), 0b10101) {
    @Override
    Optional<double[]> objectives(int[] x) {
      double noise = effect(Arrays.hashCode(x), 3);
      return Optional.of(
          new double[] {
            0.7 * noise - 0.5 * x[0] - 0.3 * x[2] + effect(1, x[1]), x[0] + x[2] + 0.5 * x[4]
          });
    }
  },
  /** Three objectives. */
  THREE(List.of(4, 4, 4, 4, 4), 0b11111) {
    @Override
    Optional<double[]> objectives(int[] x) {
      double error = effect(0, x[0]) + effect(1, x[3]);
      double cost = 0;
      double latency = 0;
      for (int i = 0; i < x.length; i++) {
        error -= 0.4 * x[i];
        cost += x[i] * (1 + i % 3);
        latency += i % 2 == 0 ? x[i] : 0.3 * (3 - x[i]);
      }
      return Optional.of(new double[] {error, cost, latency});
    }
  };

  @SuppressWarnings("ImmutableEnumChecker") // a list of List.of
  private final List<Integer> choices;

  private final int ordinal;

  SpacesOfNumbers(List<Integer> choices, int ordinal) {
    this.choices = choices;
    this.ordinal = ordinal;
  }

  /** All that it holds. */
  List<double[]> all() {
    var all = new ArrayList<double[]>();
    int size = choices.stream().reduce(1, (a, b) -> a * b);
    for (int number = 0; number < size; number++) {
      int rest = number;
      var alleles = new int[choices.size()];
      for (int i = 0; i < alleles.length; i++) {
        alleles[i] = rest % choices.get(i);
        rest /= choices.get(i);
      }
      objectives(alleles).ifPresent(all::add);
    }
    return all;
  }

  /** Empty if it cannot be trained. */
  abstract Optional<double[]> objectives(int[] alleles);

  Result result(List<Integer> alleles) {
    return objectives(alleles.stream().mapToInt(Integer::intValue).toArray())
        .<Result>map(Result.Measured::of)
        .orElseGet(Result.Failed::new);
  }

  Genome genome() {
    List<Genome.Gene> genes =
        IntStream.range(0, choices.size())
            .mapToObj(i -> new Genome.Gene("gene " + i, choices.get(i), (ordinal >> i & 1) == 1))
            .toList();
    return new Genome() {
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
    };
  }

  /** Normal numbers without a pattern. */
  private static double effect(long table, int at) {
    return new SplittableRandom(table * 1_000_003 + at * 7919L + 17).split().nextGaussian();
  }
}
