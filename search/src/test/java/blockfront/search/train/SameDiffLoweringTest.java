package blockfront.search.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Gradient;
import blockfront.blocks.graph.Initialiser;
import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Parameters;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Network;
import blockfront.blocks.network.Regularisation;
import blockfront.blocks.reference.Array;
import blockfront.blocks.reference.Reference;
import blockfront.blocks.spi.Block;
import blockfront.blocks.spi.Technique;
import blockfront.search.data.Augmentation;
import blockfront.search.data.Batches;
import blockfront.search.data.DataSet;
import blockfront.search.trial.Recipe;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** DL4J's second opinion on what plans compute. */
class SameDiffLoweringTest {

  private static final int EXAMPLES = 3;
  private static final int STEPS = 20;
  private static final int BATCH = 16;
  private static final long SEED = 3;
  private static final Recipe RECIPE = new Recipe(1, BATCH, 1e-3, 0.05, 0, 0.1, 1, 0, 0, false);
  private static final Catalogue CATALOGUE = Catalogue.load();

  @ParameterizedTest(name = "{0}")
  @MethodSource("blockfront.search.train.PlanTest#expressions")
  void operationsAndTheirGradientsAgreeWithTheReference(String name, Tensor y) {
    Tensor loss = y.apply(blockfront.blocks.graph.Function.TANH);
    List<Tensor> leaves =
        loss.inOrder().stream()
            .filter(t -> t.op() instanceof Op.Input || t.op() instanceof Op.Parameter)
            .toList();
    Tensor upstream = Tensor.input("upstream", loss.shape());
    var outputs = new ArrayList<Tensor>();
    outputs.add(loss);
    outputs.addAll(Gradient.of(loss, upstream, leaves).values());
    var random = new SplittableRandom(11);
    Map<Tensor, Array> values = new LinkedHashMap<>();
    for (Tensor tensor : Tensor.inOrder(outputs)) {
      if (tensor.op() instanceof Op.Input || tensor.op() instanceof Op.Parameter) {
        values.put(tensor, Array.of(tensor, EXAMPLES, i -> (float) (0.6 * random.nextGaussian())));
      }
    }
    for (Tensor tensor : Tensor.inOrder(outputs)) {
      if (tensor.op() instanceof Op.Statistic) {
        values.put(tensor, Array.of(tensor, EXAMPLES, i -> (float) (0.5 + random.nextDouble())));
      }
    }
    List<Array> expected = Reference.evaluate(outputs, values, EXAMPLES);
    SameDiff graph = SameDiff.create();
    Map<Tensor, SDVariable> variables = new HashMap<>();
    Map<String, INDArray> inputs = new HashMap<>();
    values.forEach(
        (tensor, array) -> {
          var floats = new float[array.size()];
          for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) array.at(i);
          }
          String leaf = "leaf" + variables.size();
          if (tensor.op() instanceof Op.Input) {
            variables.put(tensor, SameDiffFile.placeholder(graph, leaf, tensor));
            inputs.put(leaf, batch(tensor, floats));
          } else {
            variables.put(tensor, SameDiffFile.variable(graph, leaf, tensor, floats));
          }
        });
    var lowering = new SameDiffLowering(graph, variables, outputs);
    List<String> names = outputs.stream().map(output -> lowering.of(output).name()).toList();
    Map<String, INDArray> results = graph.output(inputs, names);
    for (int i = 0; i < outputs.size(); i++) {
      assertThat(floats(results, names.get(i)))
          .as("%s", outputs.get(i))
          .usingComparatorWithPrecision(1e-4f * greatest(expected.get(i)))
          .containsExactly(floats(expected.get(i)));
    }
  }

  static Stream<Named<Block>> blocks() {
    return CATALOGUE.all().stream()
        .filter(block -> !(block instanceof Technique))
        .map(block -> Named.of(block.id(), block));
  }

  /** Saved, loaded and asked for real images. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("blocks")
  void everyBlockAnswersInDl4jAsInThePlan(Block block, @TempDir Path folder) {
    Network network = Network.of(architecture(block), CATALOGUE);
    Parameters parameters = Parameters.of(List.of(network.logits()));
    Path file = folder.resolve("network.fb");
    try (var weights = Weights.initial(parameters, SEED);
        var ours = new Evaluator(network, weights, BATCH)) {
      DataSet data = SmallNetworks.data(block);
      SameDiffFile.save(file, network, weights.values(), data.normalisation());
      List<float[]> expected = ours.answers(data.validation(), data.normalisation());
      List<float[]> actual =
          SameDiffFile.open(file).answers(data.validation().raw(0, data.validation().size()));
      if (network.spiking()) {
        // rounding tips a spike now and then
        long alike =
            IntStream.range(0, expected.size())
                .filter(i -> greatestDifference(expected.get(i), actual.get(i)) < 1e-4)
                .count();
        assertThat(alike).isGreaterThan(expected.size() * 95L / 100);
        return;
      }
      for (int i = 0; i < expected.size(); i++) {
        assertThat(actual.get(i))
            .as("example %d", i)
            .usingComparatorWithPrecision(1e-4f)
            .containsExactly(expected.get(i));
      }
    }
  }

  /** Same losses, gradients and weights in some steps on real images. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("blocks")
  void everyBlockTrainsInDl4jAsInThePlan(Block block) {
    Network network = Network.describe(architecture(block), CATALOGUE, Regularisation.NONE);
    DataSet data = SmallNetworks.data(block);
    var objective = new Objective(data.task(), network.logits(), 0.1);
    Parameters parameters = Parameters.of(List.of(network.logits()));
    SequencedMap<Tensor, Tensor> gradients =
        Gradient.of(objective.loss(), objective.share(), parameters.tensors());
    var task = new Task(network, data, objective, parameters, gradients);
    try (var theirs = new Dl4j(task);
        var ours = new Ours(task)) {
      Batches batches =
          Batches.training(data.train(), data.normalisation(), Augmentation.NONE, BATCH, 5);
      var inputs = new float[BATCH * batches.stride()];
      var chosen = new int[BATCH];
      for (int step = 0; step < STEPS; step++) {
        assertThat(batches.next(inputs, chosen)).isEqualTo(BATCH);
        double expected = ours.step(inputs, chosen);
        boolean tipping = network.spiking();
        assertThat(theirs.step(inputs, ours.targets(), ours.shares()))
            .as("loss of step %d", step)
            .isCloseTo(expected, within((tipping ? 1e-2 : 1e-4) * expected));
        if (tipping) {
          // one spike that rounding tips changes all that follows
          compareDirections(theirs, ours);
          return;
        }
        if (step == 0) {
          compareGradients(theirs, ours);
        }
      }
      compareWeights(theirs, ours);
    }
  }

  private static Architecture architecture(Block block) {
    return SmallNetworks.with(block, SmallNetworks.data(block).task());
  }

  /** A parameter in training. */
  private record Trained(
      String name, Tensor tensor, Tensor slope, MemorySegment value, MemorySegment gradient) {

    float[] values() {
      return value.toArray(ValueLayout.JAVA_FLOAT);
    }

    float[] gradients() {
      return gradient.toArray(ValueLayout.JAVA_FLOAT);
    }

    /** Takes gradients that are rounding only for the zeros that they are. */
    void flush(float rounding) {
      float[] slopes = gradients();
      for (int i = 0; i < slopes.length; i++) {
        if (Math.abs(slopes[i]) < rounding) {
          gradient.setAtIndex(ValueLayout.JAVA_FLOAT, i, 0);
        }
      }
    }
  }

  private static float greatestGradient(List<Trained> trained) {
    float most = 0;
    for (Trained each : trained) {
      for (float slope : each.gradients()) {
        most = Math.max(most, Math.abs(slope));
      }
    }
    return most;
  }

  /** AdamW's first moves are as long however small the gradient, be it rounding only. */
  private static void update(Optimiser optimiser, List<Trained> trained) {
    float rounding = 1e-6f * greatestGradient(trained);
    trained.forEach(each -> each.flush(rounding));
    optimiser.update();
  }

  /** What is trained, described once for both. */
  private record Task(
      Network network,
      DataSet data,
      Objective objective,
      Parameters parameters,
      SequencedMap<Tensor, Tensor> gradients) {

    List<Tensor> outputs() {
      var outputs = new ArrayList<Tensor>(gradients.values());
      outputs.add(objective.loss());
      return outputs;
    }

    void forEach(Visitor visitor) {
      parameters
          .byName()
          .forEach(
              (name, tensor) ->
                  Optional.ofNullable(gradients.get(tensor))
                      .ifPresent(slope -> visitor.visit(name, tensor, slope)));
    }

    interface Visitor {
      void visit(String name, Tensor parameter, Tensor gradient);
    }
  }

  /** The plan's training. */
  private static final class Ours implements AutoCloseable {

    private final Task task;
    private final Arena arena = Arena.ofShared();
    private final Optimiser optimiser = new Optimiser(RECIPE, 1000);
    private final Weights weights;
    private final Plan plan;
    private final List<Trained> trained = new ArrayList<>();

    Ours(Task task) {
      this.task = task;
      weights = Weights.initial(task.parameters(), SEED);
      plan = new Plan(task.outputs(), BATCH, weights.of(task.parameters()));
      task.forEach(
          (name, tensor, slope) -> {
            MemorySegment value = plan.buffer(tensor);
            MemorySegment gradient = plan.buffer(slope);
            trained.add(new Trained(name, tensor, slope, value, gradient));
            optimiser.add(tensor, value, gradient, arena);
          });
    }

    double step(float[] inputs, int[] chosen) {
      copy(inputs, plan.buffer(task.network().input()));
      assertThat(task.objective().prepare(plan, task.data().train(), chosen, BATCH)).isPositive();
      plan.run();
      double mean = task.objective().mean(plan);
      update(optimiser, trained);
      return mean;
    }

    float[] targets() {
      return plan.buffer(task.objective().target()).toArray(ValueLayout.JAVA_FLOAT);
    }

    float[] shares() {
      return plan.buffer(task.objective().share()).toArray(ValueLayout.JAVA_FLOAT);
    }

    @Override
    public void close() {
      plan.close();
      weights.close();
      arena.close();
    }
  }

  /** DL4J's training, from the same first values. */
  private static final class Dl4j implements AutoCloseable {

    private final Task task;
    private final Arena arena = Arena.ofShared();
    private final Optimiser optimiser = new Optimiser(RECIPE, 1000);
    private final SameDiff graph = SameDiff.create();
    private final List<Trained> trained = new ArrayList<>();
    private final List<String> outputs;

    Dl4j(Task task) {
      this.task = task;
      Map<Tensor, SDVariable> leaves = new HashMap<>();
      Tensor input = task.network().input();
      leaves.put(input, SameDiffFile.placeholder(graph, "input", input));
      Tensor target = task.objective().target();
      leaves.put(target, SameDiffFile.placeholder(graph, "target", target));
      Tensor share = task.objective().share();
      leaves.put(share, SameDiffFile.placeholder(graph, "share", share));
      var initialiser = new Initialiser(SEED);
      task.parameters()
          .byName()
          .forEach(
              (name, tensor) -> {
                if (tensor.op() instanceof Op.Statistic) {
                  float[] values = initialiser.values(name, tensor);
                  leaves.put(tensor, SameDiffFile.variable(graph, name, tensor, values));
                }
              });
      task.forEach(
          (name, tensor, slope) -> {
            float[] first = initialiser.values(name, tensor);
            leaves.put(tensor, SameDiffFile.variable(graph, name, tensor, first));
            MemorySegment value = arena.allocate((long) first.length << 2, 64);
            MemorySegment gradient = arena.allocate((long) first.length << 2, 64);
            copy(first, value);
            trained.add(new Trained(name, tensor, slope, value, gradient));
            optimiser.add(tensor, value, gradient, arena);
          });
      var lowering = new SameDiffLowering(graph, leaves, task.outputs());
      outputs = task.outputs().stream().map(output -> lowering.of(output).name()).toList();
    }

    double step(float[] raw, float[] targets, float[] shares) {
      Map<String, INDArray> inputs =
          Map.of(
              "input", batch(task.network().input(), raw),
              "target", batch(task.objective().target(), targets),
              "share", batch(task.objective().share(), shares));
      Map<String, INDArray> results = graph.output(inputs, List.copyOf(new HashSet<>(outputs)));
      for (int i = 0; i < trained.size(); i++) {
        copy(floats(results, outputs.get(i)), trained.get(i).gradient());
      }
      update(optimiser, trained);
      for (Trained each : trained) {
        INDArray variable = graph.getArrForVarName(each.name());
        variable.assign(Nd4j.createFromArray(each.values()).reshape('c', variable.shape()));
      }
      float[] losses = floats(results, outputs.getLast());
      double mean = 0;
      for (int i = 0; i < losses.length; i++) {
        mean += losses[i] * shares[i];
      }
      return mean;
    }

    @Override
    public void close() {
      arena.close();
    }
  }

  private static void compareGradients(Dl4j theirs, Ours ours) {
    float precision = 2e-5f * greatestGradient(ours.trained);
    for (int i = 0; i < ours.trained.size(); i++) {
      assertThat(theirs.trained.get(i).gradients())
          .as("gradient of %s", ours.trained.get(i).name())
          .usingComparatorWithPrecision(precision)
          .containsExactly(ours.trained.get(i).gradients());
    }
  }

  private static double greatestDifference(float[] left, float[] right) {
    double greatest = 0;
    for (int i = 0; i < left.length; i++) {
      greatest = Math.max(greatest, Math.abs((double) left[i] - right[i]));
    }
    return greatest;
  }

  /** The gradients as a whole differ by a small share of their length. */
  private static void compareDirections(Dl4j theirs, Ours ours) {
    double apart = 0;
    double length = 0;
    for (int i = 0; i < ours.trained.size(); i++) {
      float[] expected = ours.trained.get(i).gradients();
      apart += Math.pow(distance(theirs.trained.get(i).gradients(), expected), 2);
      length += Math.pow(distance(new float[expected.length], expected), 2);
    }
    assertThat(Math.sqrt(apart)).isLessThan(0.1 * Math.sqrt(length));
  }

  /** How far the two ended from each other, as a share of the way from the common start. */
  private static void compareWeights(Dl4j theirs, Ours ours) {
    double apart = 0;
    double way = 0;
    for (int i = 0; i < ours.trained.size(); i++) {
      Trained each = ours.trained.get(i);
      float[] start = new Initialiser(SEED).values(each.name(), each.tensor());
      double apartHere = distance(theirs.trained.get(i).values(), each.values());
      double wayHere = distance(start, each.values());
      assertThat(apartHere).as("%s", each.name()).isLessThanOrEqualTo(0.05 * wayHere);
      apart += apartHere * apartHere;
      way += wayHere * wayHere;
    }
    assertThat(Math.sqrt(apart)).as("all weights").isLessThan(0.01 * Math.sqrt(way));
  }

  private static double distance(float[] left, float[] right) {
    double squares = 0;
    for (int i = 0; i < left.length; i++) {
      double difference = (double) left[i] - right[i];
      squares += difference * difference;
    }
    return Math.sqrt(squares);
  }

  private static void copy(float[] from, MemorySegment to) {
    MemorySegment.copy(from, 0, to, ValueLayout.JAVA_FLOAT, 0, from.length);
  }

  private static INDArray batch(Tensor tensor, float[] values) {
    var sizes = new ArrayList<>(tensor.shape().sizes());
    sizes.addFirst(values.length / Math.toIntExact(tensor.shape().elements()));
    return Nd4j.createFromArray(values).reshape('c', SameDiffArithmetic.longs(sizes));
  }

  private static float[] floats(Map<String, INDArray> results, String name) {
    return Optional.ofNullable(results.get(name)).orElseThrow().dup('c').data().asFloat();
  }

  private static float greatest(Array array) {
    double greatest = 1e-3;
    for (int i = 0; i < array.size(); i++) {
      greatest = Math.max(greatest, Math.abs(array.at(i)));
    }
    return (float) greatest;
  }

  private static float[] floats(Array array) {
    var floats = new float[array.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) array.at(i);
    }
    return floats;
  }
}
