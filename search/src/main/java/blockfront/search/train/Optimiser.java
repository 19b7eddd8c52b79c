package blockfront.search.train;

import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.search.train.kernel.Descent;
import blockfront.search.trial.Recipe;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

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

  /** Adds all that a later update depends on, gradients and parameters apart. */
  void keep(Map<String, Safetensors.Named> state) {
    for (int i = 0; i < parameters.size(); i++) {
      Parameter parameter = parameters.get(i);
      state.put("mean/" + i, named(parameter.mean()));
      state.put("square/" + i, named(parameter.square()));
    }
    state.put("step", new Safetensors.Named(Shape.of(1), new float[] {step}));
  }

  /**
   * Goes on from what {@link #keep} added.
   *
   * @throws IllegalArgumentException if it is of other parameters
   */
  void restore(Map<String, Safetensors.Named> state) {
    for (int i = 0; i < parameters.size(); i++) {
      Parameter parameter = parameters.get(i);
      copy(state, "mean/" + i, parameter.mean());
      copy(state, "square/" + i, parameter.square());
    }
    var kept = MemorySegment.ofArray(new float[1]);
    copy(state, "step", kept);
    step = Math.round(kept.getAtIndex(ValueLayout.JAVA_FLOAT, 0));
  }

  private static Safetensors.Named named(MemorySegment numbers) {
    float[] values = numbers.toArray(ValueLayout.JAVA_FLOAT);
    return new Safetensors.Named(Shape.of(values.length), values);
  }

  private static void copy(
      Map<String, Safetensors.Named> state, String name, MemorySegment target) {
    Safetensors.Named kept = state.get(name);
    if (kept == null || 4L * kept.values().length != target.byteSize()) {
      throw new IllegalArgumentException(
          "Checkpoint has no '%s' of %d numbers".formatted(name, target.byteSize() / 4));
    }
    MemorySegment.copy(kept.values(), 0, target, ValueLayout.JAVA_FLOAT, 0, kept.values().length);
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
