package blockfront.search.study;

import blockfront.blocks.network.Architecture;
import blockfront.search.space.SearchSpace;
import blockfront.search.strategy.SuccessiveHalving;
import blockfront.search.trial.Recipe;
import java.util.List;
import java.util.Optional;

/**
 * All that a study is told: the same plan, data and version repeat the same search.
 *
 * @param name for people
 * @param data a built-in data set or a folder
 * @param strategy name of a search strategy: see {@link blockfront.search.strategy.Strategies}
 * @param seed of the proposals and, with the network's id, of each training
 * @param aims what is minimised, and what must not be exceeded after training
 * @param halving how poor trainings are stopped early; every network is trained to the end without
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

  public StudyPlan withBudget(Budget other) {
    return new StudyPlan(
        name,
        data,
        space,
        recipe,
        other,
        limits,
        strategy,
        seed,
        aims,
        halving,
        start,
        initialWeights);
  }

  public StudyPlan withSeed(long other) {
    return new StudyPlan(
        name,
        data,
        space,
        recipe,
        budget,
        limits,
        strategy,
        other,
        aims,
        halving,
        start,
        initialWeights);
  }

  public StudyPlan withStrategy(String other) {
    return new StudyPlan(
        name,
        data,
        space,
        recipe,
        budget,
        limits,
        other,
        seed,
        aims,
        halving,
        start,
        initialWeights);
  }

  public StudyPlan withAims(Aims other) {
    return new StudyPlan(
        name,
        data,
        space,
        recipe,
        budget,
        limits,
        strategy,
        seed,
        other,
        halving,
        start,
        initialWeights);
  }

  public StudyPlan withHalving(Optional<SuccessiveHalving> other) {
    return new StudyPlan(
        name,
        data,
        space,
        recipe,
        budget,
        limits,
        strategy,
        seed,
        aims,
        other,
        start,
        initialWeights);
  }

  public StudyPlan withStart(List<Architecture> other) {
    return new StudyPlan(
        name,
        data,
        space,
        recipe,
        budget,
        limits,
        strategy,
        seed,
        aims,
        halving,
        other,
        initialWeights);
  }

  public StudyPlan withInitialWeights(InitialWeights other) {
    return new StudyPlan(
        name, data, space, recipe, budget, limits, strategy, seed, aims, halving, start, other);
  }
}
