package blockfront.search.train;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Gradient;
import blockfront.blocks.graph.Parameters;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.network.Network;
import blockfront.blocks.network.Regularisation;
import blockfront.search.trial.Recipe;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;

/**
 * Forward, backward and update of one network on one batch, over and over: what a training spends
 * its time in, without data. Owned by one thread.
 */
final class TrainingStep implements AutoCloseable {

  /** AdamW as the benchmark has it: 1e-3, decay 0.05, nothing else. */
  private static final Recipe RECIPE = new Recipe(10_000, 64, 1e-3, 0.05, 0, 0, 0, 0, 0, false);

  /** So many that the learning rate stays where it is. */
  private static final int STEPS_PER_EPOCH = 1_000_000;

  private final Network network;
  private final Tensor target = Tensor.input("target", Shape.of(BenchNetwork.CLASSES));
  private final Tensor loss;
  private final Arena arena = Arena.ofShared();
  private final Parameters parameters;
  private final Weights weights;
  private final Plan plan;
  private final Optimiser optimiser;
  private final int batch;
  private final Preparation preparation;

  /**
   * What it takes from an architecture to where the first step may begin.
   *
   * @param describe milliseconds until there is a network
   * @param differentiate until there are gradients and initial weights
   * @param compile until there is a plan
   */
  record Preparation(double describe, double differentiate, double compile) {
    double all() {
      return describe + differentiate + compile;
    }
  }

  TrainingStep(BenchNetwork bench, int batch, long seed, Set<Pass> passes, Catalogue catalogue) {
    this.batch = batch;
    long began = System.nanoTime();
    network = Network.describe(bench.architecture(), catalogue, Regularisation.NONE);
    long described = System.nanoTime();
    Tensor share = Tensor.input("share", Shape.of(1));
    loss = network.logits().crossEntropy(target, 0);
    parameters = Parameters.of(List.of(network.logits()));
    SequencedMap<Tensor, Tensor> gradients = Gradient.of(loss, share, parameters.tensors());
    weights = Weights.initial(parameters, seed);
    long differentiated = System.nanoTime();
    var outputs = new ArrayList<Tensor>();
    outputs.add(loss);
    outputs.addAll(gradients.values());
    plan = new Plan(outputs, batch, weights.of(parameters), passes);
    optimiser = new Optimiser(RECIPE, STEPS_PER_EPOCH);
    gradients.forEach(
        (parameter, gradient) ->
            optimiser.add(parameter, plan.buffer(parameter), plan.buffer(gradient), arena));
    MemorySegment shares = plan.buffer(share);
    for (int i = 0; i < batch; i++) {
      shares.setAtIndex(ValueLayout.JAVA_FLOAT, i, 1f / batch);
    }
    preparation =
        new Preparation(
            (described - began) / 1e6,
            (differentiated - described) / 1e6,
            (System.nanoTime() - differentiated) / 1e6);
  }

  Preparation preparation() {
    return preparation;
  }

  /** Numbers of one batch of images. */
  int imageElements() {
    return Math.toIntExact(batch * network.input().shape().elements());
  }

  Shape image() {
    return network.input().shape();
  }

  /** What the next steps see. */
  void show(float[] images, int[] labels) {
    MemorySegment.copy(
        images, 0, plan.buffer(network.input()), ValueLayout.JAVA_FLOAT, 0, images.length);
    MemorySegment targets = plan.buffer(target);
    targets.fill((byte) 0);
    for (int i = 0; i < batch; i++) {
      targets.setAtIndex(ValueLayout.JAVA_FLOAT, (long) i * BenchNetwork.CLASSES + labels[i], 1);
    }
  }

  /** One step; the mean loss before it. */
  double run() {
    plan.run();
    optimiser.update();
    return loss();
  }

  private double loss() {
    double sum = 0;
    MemorySegment losses = plan.buffer(loss);
    for (int i = 0; i < batch; i++) {
      sum += losses.getAtIndex(ValueLayout.JAVA_FLOAT, i);
    }
    return sum / batch;
  }

  /** One step, measured; the optimiser counts as one operation. */
  void profile(Profile profile) {
    plan.profile(profile);
    long began = System.nanoTime();
    optimiser.update();
    profile.add("AdamW", "optimiser", System.nanoTime() - began);
  }

  /** Native memory: buffers, weights and their moments. */
  long bytes() {
    long trained =
        parameters.tensors().stream().mapToLong(tensor -> tensor.shape().elements()).sum();
    return plan.bytes() + 3 * (trained << 2);
  }

  Weights weights() {
    return weights;
  }

  @Override
  public void close() {
    plan.close();
    weights.close();
    arena.close();
  }
}
