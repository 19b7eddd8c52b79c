package blockfront.search.strategy;

import blockfront.search.space.ChoiceGene;
import blockfront.search.space.Genome;
import blockfront.search.strategy.SearchStrategy.Result;
import io.jenetics.Alterer;
import io.jenetics.MonteCarloSelector;
import io.jenetics.Optimize;
import io.jenetics.Phenotype;
import io.jenetics.Selector;
import io.jenetics.UniformCrossover;
import io.jenetics.ext.moea.Vec;
import io.jenetics.util.ISeq;
import io.jenetics.util.RandomRegistry;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The best of what was told, and how they breed with Jenetics' operators. What failed or violates a
 * constraint breeds only while nothing better is known, the least violation first.
 */
final class Population {

  private static final double CROSSED = 0.9;
  private static final double CROSSED_GENES = 0.5;

  private final Genome genome;
  private final int size;
  private final Selector<ChoiceGene, Vec<double[]>> survival;
  private final Selector<ChoiceGene, Vec<double[]>> mating = new CrowdedTournament(2);
  private final Selector<ChoiceGene, Vec<double[]>> anyone = new MonteCarloSelector<>();
  private final Alterer<ChoiceGene, Vec<double[]>> crossover =
      new UniformCrossover<>(CROSSED, CROSSED_GENES);
  private final Alterer<ChoiceGene, Vec<double[]>> moves = new GeneMoves(1);
  private ISeq<Phenotype<ChoiceGene, Vec<double[]>>> feasible = ISeq.empty();
  private ISeq<Phenotype<ChoiceGene, Vec<double[]>>> infeasible = ISeq.empty();

  /**
   * Of so many survivors.
   *
   * @param survival picks them; minimises
   */
  Population(Genome genome, int size, Selector<ChoiceGene, Vec<double[]>> survival) {
    this.genome = genome;
    this.size = size;
    this.survival = survival;
  }

  /** What is known of some genes; no part of the population yet. */
  record Told(List<Integer> genes, Result result) {}

  /** Lets new ones in and the worst out. */
  void add(List<Told> news) {
    for (Told told : news) {
      switch (told.result()) {
        case Result.Measured(List<Double> objectives, double violation) -> {
          if (violation == 0) {
            feasible = feasible.append(List.of(phenotype(told.genes(), objectives)));
          } else {
            infeasible = infeasible.append(List.of(phenotype(told.genes(), List.of(violation))));
          }
        }
        case Result.Failed() -> {
          // teaches nothing about where to go
        }
      }
    }
    feasible = surviving(feasible, size);
    infeasible = surviving(infeasible, size - feasible.length());
  }

  /** Lets one that was added before compete with what is known of it now. */
  void revise(Told told) {
    feasible = without(feasible, told.genes());
    infeasible = without(infeasible, told.genes());
    add(List.of(told));
  }

  private static ISeq<Phenotype<ChoiceGene, Vec<double[]>>> without(
      ISeq<Phenotype<ChoiceGene, Vec<double[]>>> all, List<Integer> genes) {
    return all.stream()
        .filter(each -> !Genome.alleles(each.genotype()).equals(genes))
        .collect(ISeq.toISeq());
  }

  /** Whether there are two to breed. */
  boolean breeds() {
    return feasible.length() + infeasible.length() > 1;
  }

  /** The child of two with at least one gene moved, when nothing is in flight. */
  List<Integer> breed(RandomGenerator random) {
    return breed(random, List.of()).genes();
  }

  /**
   * The child of two with at least one gene moved.
   *
   * @param inFlight children of earlier calls, believed to be as good as their parents: they crowd
   *     those out, so that no near copies are bred
   */
  Child breed(RandomGenerator random, Collection<Child> inFlight) {
    return RandomRegistry.with(random)
        .call(
            () -> {
              boolean settled = feasible.length() > 1;
              ISeq<Phenotype<ChoiceGene, Vec<double[]>>> pool =
                  settled
                      ? feasible.append(
                          inFlight.stream()
                              .filter(Child::feasible)
                              .map(child -> phenotype(child.genes(), child.believed()))
                              .toList())
                      : infeasible.append(feasible);
              var parents = (settled ? mating : anyone).select(pool, 2, Optimize.MINIMUM);
              var children = crossover.alter(parents, 0).population();
              var moved = moves.alter(children, 0).population();
              return new Child(
                  Genome.alleles(moved.get(0).genotype()),
                  Arrays.stream(parents.get(0).fitness().data()).boxed().toList(),
                  settled);
            });
  }

  /**
   * What was bred.
   *
   * @param believed objectives, until they are known: those of a parent
   * @param feasible whether the parent is
   */
  record Child(List<Integer> genes, List<Double> believed, boolean feasible) {}

  private ISeq<Phenotype<ChoiceGene, Vec<double[]>>> surviving(
      ISeq<Phenotype<ChoiceGene, Vec<double[]>>> all, int count) {
    if (all.length() <= count) {
      return all;
    }
    return count == 0 ? ISeq.empty() : survival.select(all, count, Optimize.MINIMUM);
  }

  private Phenotype<ChoiceGene, Vec<double[]>> phenotype(
      List<Integer> genes, List<Double> objectives) {
    return Phenotype.of(
        genome.genotype(genes),
        0,
        Vec.of(objectives.stream().mapToDouble(Double::doubleValue).toArray()));
  }
}
