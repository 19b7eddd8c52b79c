package blockfront.search.strategy;

import blockfront.search.space.Genome;
import java.util.Optional;

/**
 * What is best when nothing is known of a space: at present {@link SurrogateSearch}, which needed
 * the fewest trainings on nearly every table that it was measured on ({@code docs/search.md}).
 */
public final class AutoSearch implements SearchStrategy {

  private final SurrogateSearch chosen;

  public AutoSearch(Genome genome, long seed) {
    this.chosen = new SurrogateSearch(genome, seed);
  }

  @Override
  public Optional<Proposal> ask() {
    return chosen.ask();
  }

  @Override
  public void tell(Proposal proposal, Result result) {
    chosen.tell(proposal, result);
  }

  @Override
  public void revise(Proposal proposal, Result result) {
    chosen.revise(proposal, result);
  }

  @Override
  public void drop(Proposal proposal) {
    chosen.drop(proposal);
  }

  @Override
  public boolean exhausted() {
    return chosen.exhausted();
  }

  @Override
  public boolean slow() {
    return chosen.slow();
  }

  @Override
  public long duplicates() {
    return chosen.duplicates();
  }
}
