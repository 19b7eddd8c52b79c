package blockfront.search.study;

import blockfront.search.trial.Recipe;
import java.util.List;
import java.util.stream.LongStream;

/**
 * How a network that was found is trained to the end.
 *
 * @param seeds trainings, from 1 to 100
 * @param epochs the most passes over the training examples
 * @param patience epochs without a better validation accuracy after which a training ends
 */
public record FinalPlan(int seeds, int epochs, int patience) {

  private static final int SEEDS = 3;
  private static final int LONGER = 3;

  public FinalPlan {
    if (seeds < 1 || seeds > 100) {
      throw new IllegalArgumentException("Final training needs from 1 to 100 seeds, got " + seeds);
    }
    if (patience < 1) {
      throw new IllegalArgumentException(
          "Final training needs a patience of at least 1 epoch, got " + patience);
    }
  }

  /** Three seeds, each up to three times as long as a search trained. */
  public static FinalPlan after(Recipe recipe) {
    return new FinalPlan(SEEDS, LONGER * recipe.epochs(), recipe.epochs());
  }

  /** As the search trained, but longer and stopped early. */
  public Recipe recipe(Recipe searched) {
    return searched.withEpochs(epochs).withPatience(patience);
  }

  /** Seeds that no earlier final training had. */
  public List<Long> seedsAfter(int earlier) {
    return LongStream.rangeClosed(earlier + 1L, earlier + seeds).boxed().toList();
  }
}
