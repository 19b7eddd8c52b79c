package blockfront.search.strategy;

import blockfront.search.space.ChoiceGene;
import blockfront.search.space.Genome;
import io.jenetics.Genotype;
import io.jenetics.Optimize;
import io.jenetics.Phenotype;
import io.jenetics.ext.moea.Vec;
import io.jenetics.util.ISeq;
import io.jenetics.util.RandomRegistry;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Ageing evolution (Real et al., 2019): the parent is the best of a few drawn from the population,
 * its child has a gene moved, and the oldest leaves, however good. With several objectives the best
 * is of the best front, and there the least crowded.
 */
public final class RegularizedEvolution implements SearchStrategy {

  private static final int POPULATION = 32;
  private static final int TOURNAMENT = 8;

  private final Genome genome;
  private final Proposals proposals;
  private final Stagnation stagnation;
  private final Start start;
  private final CrowdedTournament tournament = new CrowdedTournament(TOURNAMENT);
  private final GeneMoves moves = new GeneMoves(1);
  private final Deque<Phenotype<ChoiceGene, Vec<double[]>>> alive = new ArrayDeque<>();

  public RegularizedEvolution(Genome genome, long seed) {
    this.genome = genome;
    this.proposals = new Proposals(genome, seed);
    this.stagnation = new Stagnation(genome, 2 * POPULATION, 0.5);
    this.start = new Start(genome, POPULATION / 2, seed);
  }

  @Override
  public Optional<Proposal> ask() {
    if (proposals.asked() < start.size()) {
      return proposals.nextOr(start.row(Math.toIntExact(proposals.asked())));
    }
    boolean drawn = alive.size() < 2 || stagnation.explores(proposals.asked());
    return proposals.next(drawn ? proposals::draw : this::breed);
  }

  @Override
  public void tell(Proposal proposal, Result result) {
    proposals.told(proposal);
    stagnation.told(proposal.askIndex(), result);
    if (result instanceof Result.Measured(List<Double> objectives, double violation)
        && violation == 0) {
      alive.addLast(member(proposal, objectives));
      if (alive.size() > POPULATION) {
        alive.removeFirst();
      }
    }
  }

  @Override
  public void revise(Proposal proposal, Result result) {
    proposals.requireTold(proposal);
    stagnation.revised(proposal.askIndex(), result);
    var younger = new ArrayDeque<Phenotype<ChoiceGene, Vec<double[]>>>();
    for (Phenotype<ChoiceGene, Vec<double[]>> each : alive) {
      if (each.generation() != proposal.askIndex()) {
        younger.addLast(each);
      } else if (result instanceof Result.Measured(List<Double> objectives, double violation)
          && violation == 0) {
        younger.addLast(member(proposal, objectives));
      }
    }
    alive.clear();
    alive.addAll(younger);
  }

  private Phenotype<ChoiceGene, Vec<double[]>> member(Proposal proposal, List<Double> objectives) {
    return Phenotype.of(
        genome.genotype(proposal.genes()),
        proposal.askIndex(),
        Vec.of(objectives.stream().mapToDouble(Double::doubleValue).toArray()));
  }

  @Override
  public void drop(Proposal proposal) {
    proposals.ended(proposal);
  }

  @Override
  public boolean exhausted() {
    return proposals.exhausted();
  }

  @Override
  public long duplicates() {
    return proposals.duplicates();
  }

  private List<Integer> breed(RandomGenerator random) {
    return RandomRegistry.with(random)
        .call(
            () -> {
              var parent = tournament.select(ISeq.of(alive), 1, Optimize.MINIMUM);
              Genotype<ChoiceGene> child = moves.alter(parent, 0).population().get(0).genotype();
              return Genome.alleles(child);
            });
  }
}
