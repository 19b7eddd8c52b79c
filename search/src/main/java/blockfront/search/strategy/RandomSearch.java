package blockfront.search.strategy;

import blockfront.search.space.ChoiceGene;
import blockfront.search.space.GenomeCodec;
import io.jenetics.Genotype;
import io.jenetics.util.RandomRegistry;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Every choice drawn alike, whatever came before: the baseline that others must beat. */
public final class RandomSearch implements SearchStrategy {

  private final GenomeCodec codec;
  private final Proposals proposals;

  public RandomSearch(GenomeCodec codec, long seed) {
    this.codec = codec;
    this.proposals = new Proposals(codec, seed);
  }

  @Override
  public Optional<Proposal> ask() {
    return proposals
        .next(random -> draw(codec, random))
        .map(fresh -> new Proposal(fresh.askIndex(), fresh.architecture()));
  }

  @Override
  public void tell(Proposal proposal, Result result) {
    // nothing is learnt
  }

  @Override
  public void drop(Proposal proposal) {
    // nothing is awaited
  }

  @Override
  public boolean exhausted() {
    return proposals.exhausted();
  }

  static Genotype<ChoiceGene> draw(GenomeCodec codec, RandomGenerator random) {
    return RandomRegistry.with(random).call(() -> codec.encoding().newInstance());
  }
}
