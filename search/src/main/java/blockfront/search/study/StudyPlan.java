package blockfront.search.study;

import blockfront.search.space.SearchSpace;
import blockfront.search.trial.Recipe;

/**
 * All that a study is told: the same plan, data and version repeat the same search.
 *
 * @param name for people
 * @param data a built-in data set or a folder
 * @param strategy name of a search strategy: see {@link blockfront.search.strategy.Strategies}
 * @param seed of the proposals and, with the network's id, of each training
 */
public record StudyPlan(
    String name,
    String data,
    SearchSpace space,
    Recipe recipe,
    Budget budget,
    Limits limits,
    String strategy,
    long seed) {

  public StudyPlan {
    if (name.isBlank() || name.length() > 200) {
      throw new IllegalArgumentException(
          "Study needs a name of 1 to 200 characters, got %d".formatted(name.length()));
    }
  }

  public StudyPlan withBudget(Budget other) {
    return new StudyPlan(name, data, space, recipe, other, limits, strategy, seed);
  }

  public StudyPlan withSeed(long other) {
    return new StudyPlan(name, data, space, recipe, budget, limits, strategy, other);
  }
}
