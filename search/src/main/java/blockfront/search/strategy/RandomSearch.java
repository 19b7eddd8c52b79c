package blockfront.search.strategy;

import blockfront.search.space.Genome;
import java.util.Optional;

/** Every choice drawn alike, whatever came before: the baseline that others must beat. */
public final class RandomSearch implements SearchStrategy {

  private final Proposals proposals;

  public RandomSearch(Genome genome, long seed) {
    this.proposals = new Proposals(genome, seed);
  }

  @Override
  public Optional<Proposal> ask() {
    return proposals.next(proposals::draw);
  }

  @Override
  public void tell(Proposal proposal, Result result) {
    proposals.told(proposal);
  }

  @Override
  public void revise(Proposal proposal, Result result) {
    proposals.requireTold(proposal);
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
