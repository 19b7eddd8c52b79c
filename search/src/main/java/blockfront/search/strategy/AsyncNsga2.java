package blockfront.search.strategy;

import blockfront.search.space.Genome;
import blockfront.search.strategy.Population.Child;
import blockfront.search.strategy.Population.Told;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * NSGA-II without generations: each result changes the survivors at once, each question is answered
 * by a child of those of the moment. No worker waits for another.
 */
public final class AsyncNsga2 implements SearchStrategy {

  private static final int POPULATION = 20;

  private final Proposals proposals;
  private final Population survivors;
  private final Map<Long, Child> inFlight = new LinkedHashMap<>();
  private final Stagnation stagnation;
  private final Start start;

  public AsyncNsga2(Genome genome, long seed) {
    this.proposals = new Proposals(genome, seed);
    this.survivors = new Population(genome, POPULATION, new CrowdedFronts());
    this.stagnation = new Stagnation(genome, 2 * POPULATION, 0.5);
    this.start = new Start(genome, POPULATION, seed);
  }

  @Override
  public Optional<Proposal> ask() {
    if (proposals.asked() < start.size()) {
      return proposals.nextOr(start.row(Math.toIntExact(proposals.asked())));
    }
    if (!survivors.breeds() || stagnation.explores(proposals.asked())) {
      return proposals.next(proposals::draw);
    }
    var bred = new LinkedHashMap<List<Integer>, Child>();
    Optional<Proposal> proposal =
        proposals.next(
            random -> {
              Child child = survivors.breed(random, inFlight.values());
              bred.put(child.genes(), child);
              return child.genes();
            });
    proposal.ifPresent(
        made ->
            Optional.ofNullable(bred.get(made.genes()))
                .ifPresent(child -> inFlight.put(made.askIndex(), child)));
    return proposal;
  }

  @Override
  public void tell(Proposal proposal, Result result) {
    proposals.told(proposal);
    inFlight.remove(proposal.askIndex());
    stagnation.told(proposal.askIndex(), result);
    survivors.add(List.of(new Told(proposal.genes(), result)));
  }

  @Override
  public void revise(Proposal proposal, Result result) {
    proposals.requireTold(proposal);
    stagnation.revised(proposal.askIndex(), result);
    survivors.revise(new Told(proposal.genes(), result));
  }

  @Override
  public void drop(Proposal proposal) {
    proposals.ended(proposal);
    inFlight.remove(proposal.askIndex());
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
