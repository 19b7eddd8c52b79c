package blockfront.search.train;

import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Tensor;
import blockfront.search.train.kernel.Descent;
import blockfront.search.trial.Recipe;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** AdamW with warm-up, cosine decay and clipping, over all parameters of a network. */
final class Optimiser {

  private final Recipe recipe;
  private final int stepsPerEpoch;
  private final List<Parameter> parameters = new ArrayList<>();
  private int step;

  private record Parameter(
      MemorySegment value,
      MemorySegment gradient,
      MemorySegment mean,
      MemorySegment square,
      long count,
      boolean decayed) {}

  Optimiser(Recipe recipe, int stepsPerEpoch) {
    this.recipe = recipe;
    this.stepsPerEpoch = stepsPerEpoch;
  }

  /** Trains one more parameter; its moments live as long as the arena. */
  void add(Tensor tensor, MemorySegment value, MemorySegment gradient, Arena arena) {
    long count = tensor.shape().elements();
    boolean decayed = tensor.op() instanceof Op.Parameter parameter && parameter.decayed();
    parameters.add(
        new Parameter(
            value,
            gradient,
            arena.allocate(count << 2, 64),
            arena.allocate(count << 2, 64),
            count,
            decayed));
  }

  /** The learning rate of a step, counted from 0. */
  static double learningRate(Recipe recipe, int step, int stepsPerEpoch) {
    double steps = (double) recipe.epochs() * stepsPerEpoch;
    double warmup = recipe.warmupEpochs() * stepsPerEpoch;
    if (step < warmup) {
      return recipe.learningRate() * (step + 1) / (warmup + 1);
    }
    double progress = (step - warmup) / Math.max(1, steps - warmup);
    return recipe.learningRate() * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, progress)));
  }

  /** One update of all parameters. */
  void update() {
    double rate = learningRate(recipe, step, stepsPerEpoch);
    step++;
    float scale = 1;
    if (recipe.clipNorm() > 0) {
      double squares = 0;
      for (Parameter parameter : parameters) {
        squares += Descent.squares(parameter.gradient(), parameter.count());
      }
      scale = (float) Math.min(1, recipe.clipNorm() / (Math.sqrt(squares) + 1e-6));
    }
    for (Parameter parameter : parameters) {
      Descent.adamW(
          parameter.value(),
          parameter.gradient(),
          parameter.mean(),
          parameter.square(),
          parameter.count(),
          step,
          scale,
          (float) rate,
          parameter.decayed() ? (float) recipe.weightDecay() : 0);
    }
  }
}
