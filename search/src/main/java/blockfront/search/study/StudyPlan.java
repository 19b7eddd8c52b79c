package blockfront.search.study;

import blockfront.blocks.network.Architecture;
import blockfront.search.space.SearchSpace;
import blockfront.search.strategy.SuccessiveHalving;
import blockfront.search.trial.Recipe;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * All that a study is told: the same plan, data and version repeat the same search.
 *
 * @param name for people
 * @param data a built-in data set or a folder
 * @param strategy name of a search strategy: see {@link blockfront.search.strategy.Strategies}
 * @param seed of the proposals and, with the network's id, of each training
 * @param aims what is minimised, and what must not be exceeded after training
 * @param halving how poor trainings are stopped early, with a recipe that has no patience; every
 *     network is trained to the end without
 * @param start networks to begin with: of the space, what is likest to each of them is tried first
 * @param initialWeights what each training begins with
 */
public record StudyPlan(
    String name,
    String data,
    SearchSpace space,
    Recipe recipe,
    Budget budget,
    Limits limits,
    String strategy,
    long seed,
    Aims aims,
    Optional<SuccessiveHalving> halving,
    List<Architecture> start,
    InitialWeights initialWeights) {

  public StudyPlan {
    if (name.isBlank() || name.length() > 200) {
      throw new IllegalArgumentException(
          "Study needs a name of 1 to 200 characters, got %d".formatted(name.length()));
    }
    start = List.copyOf(start);
    halving.ifPresent(
        each -> {
          if (each.firstEpochs() >= recipe.epochs()) {
            throw new IllegalArgumentException(
                "Successive halving with a first rung at %d epochs stops nothing of %d epochs"
                    .formatted(each.firstEpochs(), recipe.epochs()));
          }
          if (recipe.patience() > 0) {
            // what goes on from a rung would begin with the best weights and the last moments
            throw new IllegalArgumentException(
                "Successive halving needs a recipe without patience, got a patience of %d epochs"
                    .formatted(recipe.patience()));
          }
        });
  }

  /** Accurate and cheap, every network trained to the end, nothing to begin with. */
  public StudyPlan(
      String name,
      String data,
      SearchSpace space,
      Recipe recipe,
      Budget budget,
      Limits limits,
      String strategy,
      long seed) {
    this(
        name,
        data,
        space,
        recipe,
        budget,
        limits,
        strategy,
        seed,
        Aims.STANDARD,
        Optional.empty(),
        List.of(),
        InitialWeights.DRAWN);
  }

  public StudyPlan withRecipe(Recipe other) {
    return with(draft -> draft.recipe = other);
  }

  public StudyPlan withBudget(Budget other) {
    return with(draft -> draft.budget = other);
  }

  public StudyPlan withSeed(long other) {
    return with(draft -> draft.seed = other);
  }

  public StudyPlan withStrategy(String other) {
    return with(draft -> draft.strategy = other);
  }

  public StudyPlan withAims(Aims other) {
    return with(draft -> draft.aims = other);
  }

  public StudyPlan withHalving(Optional<SuccessiveHalving> other) {
    return with(draft -> draft.halving = other);
  }

  public StudyPlan withStart(List<Architecture> other) {
    return with(draft -> draft.start = other);
  }

  public StudyPlan withInitialWeights(InitialWeights other) {
    return with(draft -> draft.initialWeights = other);
  }

  private StudyPlan with(Consumer<Draft> change) {
    var draft = new Draft(this);
    change.accept(draft);
    return new StudyPlan(
        name,
        data,
        space,
        draft.recipe,
        draft.budget,
        limits,
        draft.strategy,
        draft.seed,
        draft.aims,
        draft.halving,
        draft.start,
        draft.initialWeights);
  }

  /** What a copy may have otherwise. */
  private static final class Draft {
    private Recipe recipe;
    private Budget budget;
    private long seed;
    private String strategy;
    private Aims aims;
    private Optional<SuccessiveHalving> halving;
    private List<Architecture> start;
    private InitialWeights initialWeights;

    private Draft(StudyPlan plan) {
      recipe = plan.recipe;
      budget = plan.budget;
      seed = plan.seed;
      strategy = plan.strategy;
      aims = plan.aims;
      halving = plan.halving;
      start = plan.start;
      initialWeights = plan.initialWeights;
    }
  }
}
