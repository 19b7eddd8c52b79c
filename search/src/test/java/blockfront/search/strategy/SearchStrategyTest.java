package blockfront.search.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blockfront.search.space.Genome;
import blockfront.search.strategy.SearchStrategy.Proposal;
import blockfront.search.strategy.SearchStrategy.Result;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds of every strategy. */
class SearchStrategyTest {

  private static final Map<SpacesOfNumbers, List<double[]>> FRONTS =
      new EnumMap<>(SpacesOfNumbers.class);

  @ParameterizedTest
  @EnumSource(Strategies.class)
  void theSameCallsGiveTheSameProposals(Strategies strategy) {
    assertThat(genes(run(strategy, SpacesOfNumbers.FAILING, 3, 60, true)))
        .isEqualTo(genes(run(strategy, SpacesOfNumbers.FAILING, 3, 60, true)));
  }

  @ParameterizedTest
  @EnumSource(Strategies.class)
  void otherSeedsProposeOtherNetworks(Strategies strategy) {
    assertThat(genes(run(strategy, SpacesOfNumbers.MIXED, 1, 30, false)))
        .isNotEqualTo(genes(run(strategy, SpacesOfNumbers.MIXED, 2, 30, false)));
  }

  @ParameterizedTest
  @EnumSource(Strategies.class)
  void nothingIsProposedTwiceUntilTheSpaceIsExhausted(Strategies strategy) {
    SpacesOfNumbers space = SpacesOfNumbers.FAILING;
    SearchStrategy search = strategy.start(space.genome(), 1);
    var seen = new HashSet<List<Integer>>();
    for (var asked = search.ask(); asked.isPresent(); asked = search.ask()) {
      assertThat(seen.add(asked.get().genes())).as("%s again", asked.get()).isTrue();
      search.tell(asked.get(), space.result(asked.get().genes()));
    }
    assertThat(seen).hasSize(768);
    assertThat(search.exhausted()).isTrue();
    assertThat(search.duplicates()).isPositive();
  }

  @ParameterizedTest
  @EnumSource(Strategies.class)
  void whatWasToldCannotBeToldAgainButRevised(Strategies strategy) {
    SearchStrategy search = strategy.start(SpacesOfNumbers.MIXED.genome(), 1);
    Proposal proposal = search.ask().orElseThrow();
    assertThatThrownBy(() -> search.revise(proposal, Result.Measured.of(1, 1)))
        .hasMessage("Proposal 0 was not told before, so it cannot be revised");
    search.tell(proposal, Result.Measured.of(1, 1));
    search.revise(proposal, Result.Measured.of(0.5, 1));
    assertThatThrownBy(() -> search.tell(proposal, Result.Measured.of(1, 1)))
        .hasMessage("Nothing was proposed as 0, or it was told before");
  }

  @ParameterizedTest
  @EnumSource(Strategies.class)
  void whatIsInFlightIsNotWaitedFor(Strategies strategy) {
    SearchStrategy search = strategy.start(SpacesOfNumbers.MIXED.genome(), 1);
    for (int i = 0; i < 50; i++) {
      assertThat(search.ask()).as("question %d", i).isPresent();
    }
  }

  /** Told first as if the worst were the best, then as it is: still better than chance. */
  @ParameterizedTest
  @EnumSource(
      value = Strategies.class,
      names = {"RANDOM", "AUTO"},
      mode = EnumSource.Mode.EXCLUDE)
  void aSearchGoesByWhatWasRevised(Strategies strategy) {
    SpacesOfNumbers space = SpacesOfNumbers.UNCORRELATED;
    double revised = 0;
    double never = 0;
    for (int seed = 0; seed < 4; seed++) {
      revised += dominated(space, run(strategy, space, seed, 120, true)) / 4;
      never += dominated(space, run(Strategies.RANDOM, space, seed, 120, true)) / 4;
    }
    assertThat(revised).isGreaterThan(never);
  }

  /** By chance, 78 % of searches find it. */
  @ParameterizedTest
  @EnumSource(Strategies.class)
  void theBestOfASmallSpaceIsFoundThoughAllElseLeadsAwayFromIt(Strategies strategy) {
    int found = 0;
    for (int seed = 0; seed < 12; seed++) {
      SearchStrategy search = strategy.start(new Hidden(), seed);
      for (int trial = 0; trial < 100; trial++) {
        Proposal proposal = search.ask().orElseThrow();
        int ones = proposal.genes().stream().mapToInt(Integer::intValue).sum();
        int cost = IntStream.range(0, 7).map(i -> (i % 3 + 1) * proposal.genes().get(i)).sum();
        boolean best = ones == 7;
        search.tell(
            proposal, best ? Result.Measured.of(-100, -100) : Result.Measured.of(ones, cost));
        found += best ? 1 : 0;
      }
    }
    assertThat(found).isGreaterThanOrEqualTo(7);
  }

  /** Seven genes of two choices. */
  private record Hidden() implements Genome {
    @Override
    public List<Gene> genes() {
      return IntStream.range(0, 7).mapToObj(i -> new Gene("gene " + i, 2, false)).toList();
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

  @ParameterizedTest
  @EnumSource(
      value = Strategies.class,
      names = {"RANDOM", "AUTO"}, // the one is the measure, the other the surrogate
      mode = EnumSource.Mode.EXCLUDE)
  void noStrategyIsWorseThanChance(Strategies strategy) {
    int seeds = strategy == Strategies.SURROGATE ? 3 : 12;
    for (SpacesOfNumbers space : SpacesOfNumbers.values()) {
      for (int trials : new int[] {60, 120}) {
        double own = 0;
        double chance = 0;
        for (int seed = 0; seed < seeds; seed++) {
          own += dominated(space, run(strategy, space, seed, trials, false)) / seeds;
        }
        for (int seed = 0; seed < 24; seed++) {
          chance += dominated(space, run(Strategies.RANDOM, space, seed, trials, false)) / 24;
        }
        assertThat(own).as("%s after %d", space, trials).isGreaterThan(chance);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"MIXED", "DECEPTIVE", "UNCORRELATED", "CATEGORICAL", "FAILING", "NOISY", "THREE"})
  void whatLearnsNeedsFewerTrialsThanWhatBreeds(SpacesOfNumbers space) {
    double learnt = 0;
    double bred = 0;
    for (int seed = 0; seed < 3; seed++) {
      learnt += dominated(space, run(Strategies.AUTO, space, seed, 60, false)) / 3;
      bred += dominated(space, run(Strategies.NSGA2, space, seed, 60, false)) / 3;
    }
    assertThat(learnt).isGreaterThan(bred);
  }

  private static List<List<Integer>> genes(List<Proposal> proposals) {
    return proposals.stream().map(Proposal::genes).toList();
  }

  /** Proposals in the order in which four workers finished them. */
  private static List<Proposal> run(
      Strategies strategy, SpacesOfNumbers space, long seed, int trials, boolean revised) {
    SearchStrategy search = strategy.start(space.genome(), seed);
    var finishing = new SplittableRandom(seed);
    var inFlight = new ArrayList<Proposal>();
    var finished = new ArrayList<Proposal>();
    while (finished.size() < trials) {
      while (inFlight.size() < 4) {
        inFlight.add(search.ask().orElseThrow());
      }
      Proposal one = inFlight.remove(finishing.nextInt(4));
      Result result = space.result(one.genes());
      if (revised && result instanceof Result.Measured measured) {
        double[] opposite = measured.objectives().stream().mapToDouble(value -> -value).toArray();
        search.tell(one, Result.Measured.of(opposite));
        search.revise(one, result);
      } else {
        search.tell(one, result);
      }
      finished.add(one);
    }
    return finished;
  }

  /** The share of the hypervolume of the whole space. */
  private static double dominated(SpacesOfNumbers space, List<Proposal> proposals) {
    List<double[]> front =
        FRONTS.computeIfAbsent(
            space,
            _ -> {
              List<double[]> all = space.all();
              return Dominance.fronts(all).getFirst().stream().map(all::get).toList();
            });
    int objectives = front.getFirst().length;
    var least = new double[objectives];
    var range = new double[objectives];
    var reference = new double[objectives];
    for (int k = 0; k < objectives; k++) {
      int axis = k;
      least[k] = front.stream().mapToDouble(point -> point[axis]).min().orElseThrow();
      range[k] = front.stream().mapToDouble(point -> point[axis]).max().orElseThrow() - least[k];
      reference[k] = 1.1;
    }
    List<double[]> found =
        proposals.stream()
            .map(each -> each.genes().stream().mapToInt(Integer::intValue).toArray())
            .flatMap(alleles -> space.objectives(alleles).stream())
            .map(point -> scaled(point, least, range))
            .toList();
    return DominatedVolume.of(found, reference)
        / DominatedVolume.of(
            front.stream().map(point -> scaled(point, least, range)).toList(), reference);
  }

  private static double[] scaled(double[] point, double[] least, double[] range) {
    var scaled = new double[point.length];
    Arrays.setAll(scaled, k -> (point[k] - least[k]) / range[k]);
    return scaled;
  }
}
