package blockfront.search.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Gradient;
import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Parameters;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import blockfront.blocks.network.Network;
import blockfront.blocks.network.Regularisation;
import blockfront.blocks.network.Task;
import blockfront.blocks.spi.Block;
import blockfront.blocks.spi.Technique;
import blockfront.search.train.BenchNetwork.Mixer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What makes plans faster changes nothing else. */
class PassTest {

  private static final int EXAMPLES = 4;

  /** Both sides are in single precision. */
  private static final double ROUNDING = 1e-4;

  private static final Catalogue CATALOGUE = Catalogue.load();

  static Stream<Named<Block>> blocks() {
    return CATALOGUE.all().stream()
        .filter(block -> !(block instanceof Technique))
        .map(block -> Named.of(block.id(), block));
  }

  /** With every pass, example by example, against none. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("blocks")
  void everyBlockTrainsTheSameWithAndWithoutThem(Block block) {
    Task task = SmallNetworks.data(block).task();
    if (task.sequence().isEmpty()) {
      task = new Task.ImageClassification(Shape.of(13, 12, 2), 3);
    }
    Network network =
        Network.describe(SmallNetworks.with(block, task), CATALOGUE, new Regularisation(0.5));
    var objective = new Objective(task, network.logits(), 0.1);
    Parameters parameters = Parameters.of(List.of(network.logits()));
    var outputs = new ArrayList<Tensor>();
    outputs.add(objective.loss());
    outputs.addAll(Gradient.of(objective.loss(), objective.share(), parameters.tensors()).values());

    List<float[]> plain = results(outputs, parameters, Pass.NONE);
    List<float[]> fast = results(outputs, parameters, Pass.ALL);

    for (int i = 0; i < outputs.size(); i++) {
      double scale = 1e-3;
      for (float value : plain.get(i)) {
        scale = Math.max(scale, Math.abs(value));
      }
      for (int j = 0; j < plain.get(i).length; j++) {
        assertThat((double) fast.get(i)[j])
            .as("element %d of %s in %s", j, outputs.get(i), outputs.get(i).scope())
            .isCloseTo(plain.get(i)[j], within(ROUNDING * scale));
      }
    }
  }

  static Stream<Arguments> mixersAndPasses() {
    return Arrays.stream(Mixer.values())
        .flatMap(mixer -> Arrays.stream(Pass.values()).map(pass -> Arguments.of(mixer, pass)));
  }

  @ParameterizedTest(name = "{0} without {1}")
  @MethodSource("mixersAndPasses")
  void eachCanBeLeftOut(Mixer mixer, Pass pass) {
    Set<Pass> others = EnumSet.complementOf(EnumSet.of(pass));
    double[] with = EngineLosses.losses(mixer, CATALOGUE, Pass.ALL);
    double[] without = EngineLosses.losses(mixer, CATALOGUE, others);
    for (int i = 0; i < with.length; i++) {
      assertThat(without[i]).as("step %d", i).isCloseTo(with[i], within(2e-5 * with[i]));
    }
  }

  @ParameterizedTest
  @EnumSource(Mixer.class)
  void slicesNeedLessMemoryThanTheBatch(Mixer mixer) {
    try (var sliced = new TrainingStep(network(mixer), 64, 1, Pass.ALL, CATALOGUE);
        var whole =
            new TrainingStep(
                network(mixer), 64, 1, EnumSet.complementOf(EnumSet.of(Pass.SLICES)), CATALOGUE)) {
      assertThat(sliced.bytes()).isLessThan(whole.bytes() / 2);
    }
  }

  /** Twice the tokens, twice the memory: nothing has all queries against all keys. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void attentionNeedsMemoryInProportionToItsTokens(boolean causal) {
    long once = attentionBytes(1024, causal, Pass.ALL);
    long twice = attentionBytes(2048, causal, Pass.ALL);
    assertThat(twice).isLessThan(2 * once);
    assertThat(attentionBytes(1024, causal, EnumSet.complementOf(EnumSet.of(Pass.ATTENTION))))
        .as("with all scores")
        .isGreaterThan(10 * once);
  }

  private static long attentionBytes(int tokens, boolean causal, Set<Pass> passes) {
    Tensor x = Tensor.input("x", Shape.of(tokens, 4));
    Tensor query = x.matmul(Tensor.weight("query", new Init.Normal(1), 4, 4));
    Tensor key = x.matmul(Tensor.weight("key", new Init.Normal(1), 4, 4));
    Tensor value = x.matmul(Tensor.weight("value", new Init.Normal(1), 4, 4));
    Tensor scores = query.matmulTransposed(key);
    if (causal) {
      Values later =
          Values.of(tokens * tokens, i -> i % tokens > i / tokens ? Double.NEGATIVE_INFINITY : 0);
      scores = scores.plus(Tensor.constant(later, tokens, tokens));
    }
    Tensor y = scores.softmax().matmul(value);
    Parameters parameters = Parameters.of(List.of(y));
    var outputs = new ArrayList<Tensor>();
    outputs.add(y);
    Tensor upstream = Tensor.input("upstream", y.shape());
    outputs.addAll(Gradient.of(y, upstream, parameters.tensors()).values());
    try (Weights weights = Weights.initial(parameters, 1);
        var plan = new Plan(outputs, 1, weights.of(parameters), passes)) {
      return plan.bytes();
    }
  }

  private static BenchNetwork network(Mixer mixer) {
    return new BenchNetwork(mixer, 64, 64, 2);
  }

  private static List<float[]> results(
      List<Tensor> outputs, Parameters parameters, Set<Pass> passes) {
    var random = new SplittableRandom(3);
    try (Weights weights = Weights.initial(parameters, 1);
        var plan = new Plan(outputs, EXAMPLES, weights.of(parameters), passes, 1)) {
      for (Tensor tensor : Tensor.inOrder(outputs)) {
        if (tensor.op() instanceof Op.Input) {
          MemorySegment buffer = plan.buffer(tensor);
          for (long i = 0; i < EXAMPLES * tensor.shape().elements(); i++) {
            buffer.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (0.6 * random.nextGaussian()));
          }
        }
      }
      plan.poison();
      plan.drawMasks(7);
      plan.run();
      plan.run(); // nothing may depend on what an earlier pass left behind
      return outputs.stream()
          .map(output -> plan.buffer(output).toArray(ValueLayout.JAVA_FLOAT))
          .toList();
    }
  }
}
