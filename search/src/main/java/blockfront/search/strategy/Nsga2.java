package blockfront.search.strategy;

import blockfront.search.space.ChoiceGene;
import blockfront.search.space.GenomeCodec;
import io.jenetics.Genotype;
import io.jenetics.Optimize;
import io.jenetics.Phenotype;
import io.jenetics.UniformCrossover;
import io.jenetics.ext.moea.NSGA2Selector;
import io.jenetics.ext.moea.UFTournamentSelector;
import io.jenetics.ext.moea.Vec;
import io.jenetics.ext.moea.VecFactory;
import io.jenetics.util.ISeq;
import io.jenetics.util.RandomRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * NSGA-II (Deb et al., 2002) on Jenetics' operators: less error, fewer multiply-adds.
 *
 * <p>A generation of offspring is bred from the survivors of the one before; whoever asks for more
 * than a generation before its results are told gets further offspring of the same survivors, so no
 * worker waits.
 */
public final class Nsga2 implements SearchStrategy {

  /** Survivors of a generation, and offspring told before the next selection. */
  private static final int POPULATION = 20;

  private static final double CROSSED_GENES = 0.5;
  private static final double MOVED_GENES = 2;

  private static final VecFactory<double[]> OBJECTIVES =
      VecFactory.ofDoubleVec(Optimize.MINIMUM, Optimize.MINIMUM);

  /** Dominated by every network that trained. */
  private static final Vec<double[]> WORST = OBJECTIVES.newVec(new double[] {2, 1e3});

  private final GenomeCodec codec;
  private final Proposals proposals;
  private final Map<Long, Genotype<ChoiceGene>> inFlight = new HashMap<>();
  private final List<Phenotype<ChoiceGene, Vec<double[]>>> told = new ArrayList<>();
  private final UniformCrossover<ChoiceGene, Vec<double[]>> crossover;
  private final ChoiceMutator<Vec<double[]>> mutator;
  private final NSGA2Selector<ChoiceGene, Vec<double[]>> survival = NSGA2Selector.ofVec();
  private final UFTournamentSelector<ChoiceGene, Vec<double[]>> mating =
      UFTournamentSelector.ofVec();
  private ISeq<Phenotype<ChoiceGene, Vec<double[]>>> survivors = ISeq.empty();
  private long generation;
  private final long seed;

  public Nsga2(GenomeCodec codec, long seed) {
    this.codec = codec;
    this.seed = seed;
    this.proposals = new Proposals(codec, seed);
    int genes = codec.cardinalities().size();
    this.crossover = new UniformCrossover<>(1, CROSSED_GENES);
    this.mutator = new ChoiceMutator<>(Math.min(1, MOVED_GENES / genes));
  }

  @Override
  public Optional<Proposal> ask() {
    return proposals
        .next(random -> survivors.isEmpty() ? RandomSearch.draw(codec, random) : breed(random))
        .map(
            fresh -> {
              inFlight.put(fresh.askIndex(), fresh.genotype());
              return new Proposal(fresh.askIndex(), fresh.architecture());
            });
  }

  @Override
  public void tell(Proposal proposal, Result result) {
    Genotype<ChoiceGene> genotype = inFlight.remove(proposal.askIndex());
    if (genotype == null) {
      throw new IllegalArgumentException(
          "Nothing was proposed as %d, or it was told before".formatted(proposal.askIndex()));
    }
    Vec<double[]> objectives =
        switch (result) {
          case Result.Measured(double error, long multiplyAdds) ->
              OBJECTIVES.newVec(
                  new double[] {error, Math.log10((double) Math.max(1, multiplyAdds))});
          case Result.Failed() -> WORST;
        };
    told.add(Phenotype.of(genotype, 1, objectives));
    if (told.size() == POPULATION) {
      select();
    }
  }

  @Override
  public void drop(Proposal proposal) {
    inFlight.remove(proposal.askIndex());
  }

  @Override
  public boolean exhausted() {
    return proposals.exhausted();
  }

  private void select() {
    generation++;
    ISeq<Phenotype<ChoiceGene, Vec<double[]>>> all = survivors.append(told);
    told.clear();
    survivors =
        RandomRegistry.with(new SplittableRandom(seed ^ (generation << 32)))
            .call(() -> survival.select(all, Math.min(POPULATION, all.length()), Optimize.MAXIMUM));
  }

  private Genotype<ChoiceGene> breed(RandomGenerator random) {
    return RandomRegistry.with(random)
        .call(
            () -> {
              var parents = mating.select(survivors, 2, Optimize.MAXIMUM);
              var children = crossover.alter(parents, generation).population();
              return mutator.alter(children, generation).population().get(0).genotype();
            });
  }
}
