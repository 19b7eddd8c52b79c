package blockfront.search.space;

import io.jenetics.Gene;
import io.jenetics.util.RandomRegistry;
import java.util.random.RandomGenerator;

/**
 * A choice among some; genes of one chromosome may have different numbers of choices.
 *
 * @param allele the index of the choice
 * @param choices how many there are
 * @param ordinal whether neighbouring choices are alike
 */
public record ChoiceGene(Integer allele, int choices, boolean ordinal)
    implements Gene<Integer, ChoiceGene> {

  /** Of ordinal moves, the share that goes to a neighbour. */
  private static final double NEIGHBOURS = 0.7;

  @Override
  public ChoiceGene newInstance() {
    return newInstance(RandomRegistry.random().nextInt(choices));
  }

  @Override
  public ChoiceGene newInstance(Integer value) {
    return new ChoiceGene(value, choices, ordinal);
  }

  @Override
  public boolean isValid() {
    return allele >= 0 && allele < choices;
  }

  /** Another choice: mostly a neighbour if they have an order, else any. */
  public ChoiceGene moved(RandomGenerator random) {
    if (choices == 1) {
      return this;
    }
    if (ordinal && random.nextDouble() < NEIGHBOURS) {
      boolean up = allele == 0 || (allele < choices - 1 && random.nextBoolean());
      return newInstance(up ? allele + 1 : allele - 1);
    }
    int other = random.nextInt(choices - 1);
    return newInstance(other >= allele ? other + 1 : other);
  }
}
