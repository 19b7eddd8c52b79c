package blockfront.search.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Gradient;
import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Parameters;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import blockfront.blocks.graph.Window;
import blockfront.blocks.network.Network;
import blockfront.blocks.network.Task;
import blockfront.blocks.reference.Array;
import blockfront.blocks.reference.Reference;
import blockfront.blocks.spi.Block;
import blockfront.blocks.spi.Technique;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Compiled plans against the reference pass in double precision. */
class PlanTest {

  private static final int EXAMPLES = 3;
  private static final Catalogue CATALOGUE = Catalogue.load();

  static Stream<Block> blocks() {
    return CATALOGUE.all().stream().filter(block -> !(block instanceof Technique));
  }

  /** Each block of the catalogue, in a network where everything else is plain. */
  @ParameterizedTest
  @MethodSource("blocks")
  void everyBlockTrainsAsTheReferenceSays(Block block) {
    Task task = SmallNetworks.data(block).task();
    if (task.sequence().isEmpty()) {
      task = new Task.ImageClassification(Shape.of(13, 12, 2), 3);
    }
    Network network = Network.of(SmallNetworks.with(block, task), CATALOGUE);
    Tensor loss = new Objective(task, network.logits(), 0.1).loss();
    checkWithGradients(loss, Parameters.of(List.of(network.logits())).tensors());
  }

  static Stream<Arguments> expressions() {
    Tensor x = Tensor.input("x", Shape.of(5, 4, 6));
    Tensor z = Tensor.input("z", Shape.of(5, 4, 6));
    Tensor tokens = Tensor.input("tokens", Shape.of(7, 19));
    Tensor bias = Tensor.offset("bias", new Init.Normal(1), 6);
    Tensor row = Tensor.offset("row", new Init.Normal(1), 5, 1, 1);
    Tensor sum = x.plus(z);
    return Stream.of(
        expression(
            "two activations of one sum",
            sum.apply(blockfront.blocks.graph.Function.SIGMOID)
                .times(sum.apply(blockfront.blocks.graph.Function.SILU))),
        expression(
            "one activation of one sum, taken twice",
            sum.apply(blockfront.blocks.graph.Function.SILU)
                .times(sum.apply(blockfront.blocks.graph.Function.SILU).plus(z))),
        expression("sums that stretch", x.plus(bias).plus(row).plus(z)),
        expression("a column stretched over rows", x.minus(row).times(bias)),
        expression("a quotient", x.dividedBy(z.times(z).plus(1))),
        expression("a parameter less a batch", bias.minus(x)),
        expression("means", x.mean(0, 1).plus(x.mean(2)).plus(x.sum(1))),
        expression("a permutation", x.permute(2, 0, 1).times(z.permute(2, 0, 1))),
        expression(
            "a swap of the first axes",
            x.permute(1, 0, 2).apply(blockfront.blocks.graph.Function.SQUARE)),
        expression("slices and pads", x.slice(1, 1, 3).pad(1, 2, 1).plus(x.slice(1, 0, 1))),
        expression(
            "a joint with a parameter",
            Tensor.concatenate(0, Tensor.weight("token", new Init.Normal(1), 1, 19), tokens)),
        expression("a stretch", x.mean(0).broadcast(Shape.of(5, 4, 6)).times(x)),
        expression("a selection", x.select(1, List.of(3, 0, 0, 1)).times(z.select(-1, List.of(1)))),
        expression(
            "rows of a table",
            Tensor.weight("table", new Init.Normal(1), 3, 19)
                .lookup(tokens.apply(blockfront.blocks.graph.Function.STEP).sum(1))
                .reshape(7, 19)
                .times(tokens)),
        expression("softmax of odd rows", tokens.softmax().times(tokens)),
        expression("scores", tokens.matmulTransposed(tokens).softmax().matmul(tokens)),
        attention("attention of heads", true, false, 5, 5),
        attention("attention that looks back only", true, true, 5, 5),
        attention("attention with a constant on the scores", false, false, 5, 4),
        attention("attention of many tokens, tile by tile", true, false, 300, 300),
        attention("attention that looks back only, tile by tile", true, true, 300, 300),
        expression(
            "a weight on the left", Tensor.weight("w", new Init.Normal(1), 3, 7).matmul(tokens)),
        expression(
            "a shared matrix among heads",
            x.matmul(Tensor.weight("w", new Init.Normal(1), 6, 3)).plus(1)),
        expression(
            "matrices of their own", x.matmul(Tensor.weight("w", new Init.Normal(1), 5, 6, 2))),
        expression("root mean square", tokens.rmsNorm(1e-5)),
        expression("one group", x.groupNorm(1e-5)),
        expression(
            "a norm over the batch", Scope.inTraining(() -> x.batchNorm(1e-5, 0.1, Init.ONES))),
        expression(
            "a norm over the batch of odd rows",
            Scope.inTraining(() -> tokens.batchNorm(1e-2, 0.1, Init.ONES))),
        expression("a norm over batches gone by", x.batchNorm(1e-5, 0.1, Init.ONES)),
        expression(
            "a strided convolution",
            x.convolve(
                Tensor.weight("k", new Init.Normal(1), 3, 2, 6, 4),
                new Window(3, 2, 2, 1, 1, 0, 1, 1),
                1)),
        expression(
            "a grouped and dilated convolution",
            x.convolve(
                Tensor.weight("k", new Init.Normal(1), 2, 2, 3, 4),
                new Window(2, 2, 1, 2, 1, 1, 1, 1),
                2)),
        expression(
            "a strided depthwise convolution",
            x.convolve(
                Tensor.weight("k", new Init.Normal(1), 3, 3, 1, 6), Window.square(3, 2, 1), 6)),
        expression(
            "logarithms of many magnitudes",
            tokens
                .times(40)
                .apply(blockfront.blocks.graph.Function.EXP)
                .apply(blockfront.blocks.graph.Function.LOG)
                .times(0.05)),
        expression("pooling", x.averagePool(Window.square(3, 2, 1)).plus(1)),
        functions(tokens, "functions of any number", blockfront.blocks.graph.Function.values()));
  }

  /** Two heads; a parameter has no place in a product of heads, so inputs are all there is. */
  private static Arguments attention(
      String name, boolean plain, boolean causal, int queries, int keys) {
    Tensor q = Tensor.input("q", Shape.of(queries, 2, 3)).permute(1, 0, 2).times(0.7);
    Tensor k = Tensor.input("k", Shape.of(keys, 2, 3)).permute(1, 0, 2);
    Tensor v = Tensor.input("v", Shape.of(keys, 2, 4)).permute(1, 0, 2);
    Tensor scores = q.matmulTransposed(k);
    if (causal) {
      Values later =
          Values.of(keys * keys, i -> i % keys > i / keys ? Double.NEGATIVE_INFINITY : 0);
      scores = scores.plus(Tensor.constant(later, keys, keys));
    } else if (!plain) {
      Values bias =
          Values.of(2 * queries * keys, i -> i % 7 == 3 ? Double.NEGATIVE_INFINITY : i % 5 / 4.0);
      scores = scores.plus(Tensor.constant(bias, 2, queries, keys));
    }
    return expression(name, scores.softmax().matmul(v).permute(1, 0, 2).times(0.9));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("expressions")
  void operationsAgreeWithTheReference(String name, Tensor y) {
    Tensor loss = y.apply(blockfront.blocks.graph.Function.TANH);
    List<Tensor> leaves =
        loss.inOrder().stream()
            .filter(t -> t.op() instanceof Op.Input || t.op() instanceof Op.Parameter)
            .toList();
    checkWithGradients(loss, leaves);
  }

  @Test
  void eachPassMovesTheStatisticsOfANorm() {
    Tensor x = Tensor.input("x", Shape.of(2, 1));
    Tensor normed = Scope.inTraining(() -> x.batchNorm(1e-5, 0.1, Init.ONES));
    try (var arena = Arena.ofConfined()) {
      var weights = new IdentityHashMap<Tensor, MemorySegment>();
      normed.operands().stream()
          .skip(1)
          .forEach(
              each ->
                  weights.put(
                      each, write(Array.of(each, 1, 1.0), arena.allocate(Float.BYTES, 64))));
      try (var plan = new Plan(List.of(normed), 2, weights)) {
        write(Array.of(x, 2, 1, 3, 5, 7), plan.buffer(x));
        plan.run();

        assertThat(plan.buffer(normed.operand(3)).getAtIndex(ValueLayout.JAVA_FLOAT, 0))
            .as("a tenth of the way from 1 to the mean 4")
            .isCloseTo(1.3f, within(1e-5f));
        assertThat(plan.buffer(normed.operand(4)).getAtIndex(ValueLayout.JAVA_FLOAT, 0))
            .as("a tenth of the way from 1 to the unbiased variance 20/3")
            .isCloseTo((float) (1 + (20.0 / 3 - 1) / 10), within(1e-4f));
      }
    }
  }

  private static Arguments expression(String name, Tensor y) {
    return Arguments.of(name, y);
  }

  private static Arguments functions(
      Tensor x, String name, blockfront.blocks.graph.Function... functions) {
    Tensor positive = x.times(x).plus(0.5);
    Tensor sum = x;
    for (blockfront.blocks.graph.Function function : functions) {
      sum =
          sum.plus(
              switch (function) {
                case LOG, SQRT -> positive.apply(function);
                default -> x.apply(function);
              });
    }
    return Arguments.of(name, sum);
  }

  private static void checkWithGradients(Tensor loss, Collection<Tensor> wanted) {
    Tensor upstream = Tensor.input("upstream", loss.shape());
    SequencedMap<Tensor, Tensor> gradients = Gradient.of(loss, upstream, wanted);
    var outputs = new ArrayList<Tensor>();
    outputs.add(loss);
    outputs.addAll(gradients.values());
    check(outputs);
  }

  /** Fills every leaf with small random numbers and compares all outputs. */
  private static void check(List<Tensor> outputs) {
    var random = new SplittableRandom(11);
    Map<Tensor, Array> leaves = new LinkedHashMap<>();
    try (var arena = Arena.ofConfined()) {
      var weights = new IdentityHashMap<Tensor, MemorySegment>();
      for (Tensor tensor : Tensor.inOrder(outputs)) {
        if (tensor.op() instanceof Op.Input || tensor.op() instanceof Op.Parameter) {
          Array values = Array.of(tensor, EXAMPLES, i -> (float) (0.6 * random.nextGaussian()));
          leaves.put(tensor, values);
          if (tensor.op() instanceof Op.Parameter) {
            weights.put(tensor, write(values, arena.allocate((long) values.size() << 2, 64)));
          }
        }
      }
      for (Tensor tensor : Tensor.inOrder(outputs)) {
        if (tensor.op() instanceof Op.Statistic) {
          Array values = Array.of(tensor, EXAMPLES, i -> (float) (0.5 + random.nextDouble()));
          leaves.put(tensor, values);
          weights.put(tensor, write(values, arena.allocate((long) values.size() << 2, 64)));
        }
      }
      List<Array> expected = Reference.evaluate(outputs, leaves, EXAMPLES);
      try (var plan = new Plan(outputs, EXAMPLES, weights)) {
        leaves.forEach(
            (tensor, values) -> {
              if (tensor.op() instanceof Op.Input) {
                write(values, plan.buffer(tensor));
              }
            });
        plan.poison();
        plan.run();
        plan.run(); // nothing may depend on what an earlier pass left behind
        for (int i = 0; i < outputs.size(); i++) {
          compare(outputs.get(i), expected.get(i), plan.buffer(outputs.get(i)));
        }
      }
    }
  }

  private static void compare(Tensor output, Array expected, MemorySegment actual) {
    double scale = 2e-3; // below that, sums that cancel are rounding
    for (int i = 0; i < expected.size(); i++) {
      scale = Math.max(scale, Math.abs(expected.at(i)));
    }
    for (int i = 0; i < expected.size(); i++) {
      assertThat((double) actual.getAtIndex(ValueLayout.JAVA_FLOAT, i))
          .as("element %d of %s", i, output)
          .isCloseTo(expected.at(i), within(1e-4 * scale));
    }
  }

  private static MemorySegment write(Array values, MemorySegment to) {
    for (int i = 0; i < values.size(); i++) {
      to.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) values.at(i));
    }
    return to;
  }
}
