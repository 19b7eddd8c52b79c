package blockfront.search.train;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Gradient;
import blockfront.blocks.graph.Parameters;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Network;
import blockfront.blocks.network.Regularisation;
import blockfront.blocks.network.State;
import blockfront.search.data.Augmentation;
import blockfront.search.data.Batches;
import blockfront.search.data.DataSet;
import blockfront.search.trial.Epoch;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Metric;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Recipe;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Trains one network on one thread.
 *
 * <p>The same architecture, data, recipe and seed give the same bits, whatever else the process
 * trains meanwhile. Whatever goes wrong is an {@link Outcome}.
 */
public final class Trainer {

  /** A loss beyond this is taken for divergence. */
  private static final double GREATEST_LOSS = 1e4;

  private final Catalogue catalogue;

  public Trainer(Catalogue catalogue) {
    this.catalogue = catalogue;
  }

  /** Makes native libraries ready, which takes a second the first time; names them. */
  public static String ready() {
    return Blas.ready();
  }

  /**
   * Trains from scratch to the end.
   *
   * @param progress told of each epoch
   * @param cancelled asked before each step
   * @param file where the trained weights go, if they are wanted
   */
  public Outcome train(
      Architecture architecture,
      DataSet data,
      Recipe recipe,
      long seed,
      Consumer<Epoch> progress,
      BooleanSupplier cancelled,
      Optional<Path> file) {
    return train(
        architecture,
        data,
        recipe,
        seed,
        recipe.epochs(),
        Optional.empty(),
        Optional.empty(),
        progress,
        cancelled,
        file);
  }

  /**
   * Trains on from a checkpoint if there is one, else from a parent's weights or from scratch; the
   * bits are the same as those of a training that was never paused.
   *
   * @param until epochs after which it pauses: then it ends as {@link Outcome.StoppedEarly}; those
   *     of the recipe to train to the end
   * @param checkpoint what it goes on from, and where it is kept when it pauses
   * @param parent weights of another network, taken where name and shape agree, if it does not go
   *     on from a checkpoint
   * @param progress told of each epoch that is trained now
   * @param cancelled asked before each step
   * @param file where the trained weights go, if they are wanted
   */
  public Outcome train(
      Architecture architecture,
      DataSet data,
      Recipe recipe,
      long seed,
      int until,
      Optional<Path> checkpoint,
      Optional<Path> parent,
      Consumer<Epoch> progress,
      BooleanSupplier cancelled,
      Optional<Path> file) {
    Network training;
    Network inference;
    long stateBytes;
    try {
      requireFit(architecture, data);
      training = Network.describe(architecture, catalogue, new Regularisation(recipe.dropPath()));
      inference = Network.of(architecture, catalogue);
      stateBytes = State.of(architecture, catalogue).bytes();
    } catch (IllegalArgumentException e) {
      return new Outcome.Failed(Outcome.Reason.REFUSED, String.valueOf(e.getMessage()));
    } catch (ArithmeticException e) {
      return tooLarge(recipe, e);
    }
    try (Run run = Run.of(training, inference, data, recipe, seed, stateBytes)) {
      checkpoint
          .filter(Files::exists)
          .ifPresentOrElse(run::restore, () -> parent.ifPresent(run::inherit));
      return run.train(until, checkpoint, progress, cancelled, file);
    } catch (OutOfMemoryError | ArithmeticException e) {
      return tooLarge(recipe, e);
    }
  }

  /** What does not fit into memory, or has sizes that do not fit into their numbers. */
  private static Outcome tooLarge(Recipe recipe, Throwable why) {
    return new Outcome.Failed(
        Outcome.Reason.OUT_OF_MEMORY,
        "Not enough memory for a batch of %d: %s".formatted(recipe.batch(), why.getMessage()));
  }

  private static void requireFit(Architecture architecture, DataSet data) {
    if (!architecture.task().equals(data.task())) {
      throw new IllegalArgumentException(
          "Network for %s cannot be trained on '%s', which has %s"
              .formatted(architecture.task().text(), data.name(), data.task().text()));
    }
  }

  /** The epoch with the best validation score so far, of equals that with the least loss. */
  private record Best(int epoch, Evaluator.Score score, SequencedMap<String, float[]> weights) {

    static final Best NONE =
        new Best(0, new Evaluator.Score(0, 0, List.of()), new LinkedHashMap<>());

    boolean isBeatenBy(Evaluator.Score other, Metric metric) {
      return epoch == 0
          || metric.better(other.by(metric), score.by(metric))
          || (other.by(metric) == score.by(metric) && other.loss() < score.loss());
    }
  }

  /** All that one training holds. */
  private static final class Run implements AutoCloseable {

    private static final String WEIGHT = "weight/";
    private static final String POSITION = "position";

    private final Network network;
    private final Network inference;
    private final DataSet data;
    private final Recipe recipe;
    private final long seed;
    private final Held held;
    private final Weights weights;
    private final Plan plan;
    private final Evaluator evaluator;
    private final Optimiser optimiser;
    private final Batches batches;
    private final Objective objective;
    private final float[] inputs;
    private final int[] chosen;
    private final long stateBytes;
    private int trained;
    private double earlierSeconds;

    static Run of(
        Network network,
        Network inference,
        DataSet data,
        Recipe recipe,
        long seed,
        long stateBytes) {
      var held = new Held();
      try {
        return new Run(held, network, inference, data, recipe, seed, stateBytes);
      } catch (Throwable e) {
        held.close();
        throw e;
      }
    }

    private Run(
        Held held,
        Network network,
        Network inference,
        DataSet data,
        Recipe recipe,
        long seed,
        long stateBytes) {
      this.held = held;
      this.stateBytes = stateBytes;
      this.network = network;
      this.inference = inference;
      this.data = data;
      this.recipe = recipe;
      this.seed = seed;
      objective = new Objective(data.task(), network.logits(), recipe.labelSmoothing());
      Tensor loss = network.penalised(objective.loss());
      Parameters parameters = Parameters.of(List.of(network.logits()));
      SequencedMap<Tensor, Tensor> gradients =
          Gradient.of(loss, objective.share(), parameters.tensors());
      Arena moments = held.hold(Arena.ofShared(), Arena::close);
      weights = held.hold(Weights.initial(parameters, seed, recipe.start()), Weights::close);
      var outputs = new ArrayList<Tensor>();
      outputs.add(objective.loss());
      outputs.addAll(gradients.values());
      batches =
          Batches.training(
              data.train(),
              data.normalisation(),
              new Augmentation(recipe.shift(), recipe.flip() && data.flips()),
              Math.min(recipe.batch(), data.train().size()),
              seed);
      plan = held.hold(new Plan(outputs, batches.batchSize(), weights.of(parameters)), Plan::close);
      evaluator = held.hold(new Evaluator(inference, weights), Evaluator::close);
      optimiser = new Optimiser(recipe, batches.batchesPerEpoch());
      gradients.forEach(
          (parameter, gradient) ->
              optimiser.add(parameter, plan.buffer(parameter), plan.buffer(gradient), moments));
      inputs = new float[batches.batchSize() * batches.stride()];
      chosen = new int[batches.batchSize()];
    }

    Outcome train(
        int until,
        Optional<Path> checkpoint,
        Consumer<Epoch> progress,
        BooleanSupplier cancelled,
        Optional<Path> file) {
      long began = System.nanoTime();
      int steps = trained * batches.batchesPerEpoch();
      int last = Math.min(until, recipe.epochs());
      Best best = Best.NONE;
      boolean exhausted = false;
      int passes = last;
      Evaluator.Score score = new Evaluator.Score(0, 0, List.of());
      if (trained >= last) {
        score = evaluator.score(data.validation(), data.normalisation());
      }
      for (int epoch = trained + 1; epoch <= last; epoch++) {
        long epochBegan = System.nanoTime();
        batches.startEpoch(epoch - 1);
        double sum = 0;
        long seen = 0;
        for (int n = batches.next(inputs, chosen); n > 0; n = batches.next(inputs, chosen)) {
          if (cancelled.getAsBoolean()) {
            return new Outcome.Cancelled();
          }
          int counted = objective.prepare(plan, data.train(), chosen, n);
          double mean = step(steps);
          steps++;
          if (!(mean <= GREATEST_LOSS)) {
            return diverged(mean, epoch, steps);
          }
          sum += mean * counted;
          seen += counted;
        }
        score = evaluator.score(data.validation(), data.normalisation());
        if (!Double.isFinite(score.loss())) {
          return diverged(score.loss(), epoch, steps);
        }
        progress.accept(
            new Epoch(
                epoch,
                sum / Math.max(1, seen),
                score.loss(),
                score.by(data.metric()),
                Optimiser.learningRate(recipe, steps - 1, batches.batchesPerEpoch()),
                secondsSince(epochBegan)));
        if (recipe.patience() > 0) {
          if (best.isBeatenBy(score, data.metric())) {
            best = new Best(epoch, score, weights.values());
          } else if (epoch - best.epoch() >= recipe.patience()) {
            passes = epoch;
            exhausted = true;
            break;
          }
        }
      }
      if (best.epoch() > 0) {
        weights.set(best.weights());
        score = best.score();
      }
      Evaluator.Score test = evaluator.score(data.test(), data.normalisation());
      file.ifPresent(this::save);
      var measurement =
          new Measurement(
              data.metric(),
              score.by(data.metric()),
              score.loss(),
              test.by(data.metric()),
              passes,
              earlierSeconds + secondsSince(began),
              Optional.of(Latency.millis(inference, weights)),
              Optional.of(stateBytes),
              Optional.empty(),
              score.confusion());
      if (exhausted || last == recipe.epochs()) {
        return new Outcome.Trained(measurement);
      }
      checkpoint.ifPresent(path -> keep(path, last, measurement.seconds()));
      return new Outcome.StoppedEarly(
          measurement, "Paused after %d of %d epochs".formatted(last, recipe.epochs()));
    }

    /** Goes back to where a training was paused. */
    void restore(Path checkpoint) {
      SequencedMap<String, Safetensors.Named> kept = Safetensors.read(checkpoint);
      var values = new LinkedHashMap<String, float[]>();
      kept.forEach(
          (name, tensor) -> {
            if (name.startsWith(WEIGHT)) {
              values.put(name.substring(WEIGHT.length()), tensor.values());
            }
          });
      weights.set(values);
      optimiser.restore(kept);
      float[] position =
          kept.getOrDefault(POSITION, new Safetensors.Named(Shape.of(2), new float[2])).values();
      trained = Math.round(position[0]);
      earlierSeconds = position[1];
    }

    /** Begins with what another network learnt. */
    void inherit(Path parent) {
      weights.take(Safetensors.read(parent));
    }

    private void keep(Path checkpoint, int epochs, double seconds) {
      var state = new LinkedHashMap<String, Safetensors.Named>();
      tensors().forEach((name, tensor) -> state.put(WEIGHT + name, tensor));
      optimiser.keep(state);
      state.put(
          POSITION, new Safetensors.Named(Shape.of(2), new float[] {epochs, (float) seconds}));
      Safetensors.write(checkpoint, state);
    }

    /** One step on the examples in {@link #inputs}; the mean loss before it. */
    private double step(int number) {
      MemorySegment.copy(
          inputs, 0, plan.buffer(network.input()), ValueLayout.JAVA_FLOAT, 0, inputs.length);
      plan.drawMasks(seed * 1_000_003 + number);
      plan.run();
      double mean = objective.mean(plan);
      optimiser.update();
      return mean;
    }

    private void save(Path file) {
      Safetensors.write(file, tensors());
    }

    private SequencedMap<String, Safetensors.Named> tensors() {
      var tensors = new LinkedHashMap<String, Safetensors.Named>();
      SequencedMap<String, Shape> shapes = weights.shapes();
      weights
          .values()
          .forEach(
              (name, values) ->
                  tensors.put(
                      name, new Safetensors.Named(shapes.getOrDefault(name, Shape.of(1)), values)));
      return tensors;
    }

    private Outcome diverged(double value, int epoch, int step) {
      return new Outcome.Failed(
          Outcome.Reason.DIVERGED,
          "Loss is %s in epoch %d, step %d (learning rate %s)"
              .formatted(value, epoch, step, recipe.learningRate()));
    }

    private static double secondsSince(long began) {
      return (System.nanoTime() - began) / 1e9;
    }

    @Override
    public void close() {
      held.close();
    }
  }
}
