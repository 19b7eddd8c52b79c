package blockfront.search.strategy;

import blockfront.search.space.Genome;
import blockfront.search.strategy.Population.Told;
import io.jenetics.ext.moea.NSGA2Selector;
import io.jenetics.util.RandomRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * NSGA-II (Deb et al., 2002) in generations, on Jenetics' operators and its survivors' selector.
 *
 * <p>A generation of offspring is bred from the survivors of the one before; whoever asks for more
 * than a generation before its results are told gets further offspring of the same survivors, so no
 * worker waits.
 */
public final class Nsga2 implements SearchStrategy {

  /** Survivors of a generation, and offspring told before the next selection. */
  private static final int POPULATION = 20;

  private final Proposals proposals;
  private final Start start;
  private final Stagnation stagnation;
  private final Population survivors;
  private final List<Told> generation = new ArrayList<>();
  private final long seed;
  private long generations;

  public Nsga2(Genome genome, long seed) {
    this.seed = seed;
    this.proposals = new Proposals(genome, seed);
    this.stagnation = new Stagnation(genome, 2 * POPULATION, 0.5);
    this.start = new Start(genome, POPULATION, seed);
    this.survivors = new Population(genome, POPULATION, NSGA2Selector.ofVec());
  }

  @Override
  public Optional<Proposal> ask() {
    if (proposals.asked() < start.size()) {
      return proposals.nextOr(start.row(Math.toIntExact(proposals.asked())));
    }
    boolean drawn = !survivors.breeds() || stagnation.explores(proposals.asked());
    return proposals.next(drawn ? proposals::draw : survivors::breed);
  }

  @Override
  public void tell(Proposal proposal, Result result) {
    proposals.told(proposal);
    stagnation.told(proposal.askIndex(), result);
    generation.add(new Told(proposal.genes(), result));
    if (generation.size() == POPULATION) {
      generations++;
      breeding().run(() -> survivors.add(generation));
      generation.clear();
    }
  }

  /** Jenetics' selector draws; what it draws depends on the generation only. */
  private RandomRegistry.Runner breeding() {
    return RandomRegistry.with(new SplittableRandom(seed ^ (generations << 32)));
  }

  @Override
  public void revise(Proposal proposal, Result result) {
    proposals.requireTold(proposal);
    stagnation.revised(proposal.askIndex(), result);
    var revised = new Told(proposal.genes(), result);
    if (generation.removeIf(told -> told.genes().equals(proposal.genes()))) {
      generation.add(revised);
    } else {
      breeding().run(() -> survivors.revise(revised));
    }
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
}
