package blockfront.search.strategy;

import blockfront.search.space.ChoiceGene;
import io.jenetics.Mutator;
import java.util.random.RandomGenerator;

/** Moves some genes to another choice. */
final class ChoiceMutator<C extends Comparable<? super C>> extends Mutator<ChoiceGene, C> {

  /**
   * With a probability for each gene.
   *
   * @param probability in [0, 1]
   */
  ChoiceMutator(double probability) {
    super(probability);
  }

  @Override
  protected ChoiceGene mutate(ChoiceGene gene, RandomGenerator random) {
    return gene.moved(random);
  }
}
