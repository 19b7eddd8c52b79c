package blockfront.blocks.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.reference.Array;
import blockfront.blocks.reference.Reference;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GradientTest {

  private static final int EXAMPLES = 2;
  private static final double STEP = 1e-5;

  /** What central differences with this step leave open. */
  private static final double TOLERANCE = 2e-8;

  static List<Expression> expressions() {
    return Expression.all();
  }

  @ParameterizedTest
  @MethodSource("expressions")
  void agreesWithFiniteDifferences(Expression expression) {
    Tensor output = expression.output();
    Tensor upstream = upstreamOf(output);
    Map<Tensor, Array> leaves = randomLeaves(List.of(output, upstream), 1);

    var gradients = Gradient.of(output, upstream, expression.wanted());
    List<Array> values = Reference.evaluate(List.copyOf(gradients.values()), leaves, EXAMPLES);

    assertThat(gradients.sequencedKeySet()).containsExactlyElementsOf(expression.wanted());
    for (int i = 0; i < expression.wanted().size(); i++) {
      Tensor leaf = expression.wanted().get(i);
      Array gradient = values.get(i);
      assertThat(gradient.shape()).isEqualTo(leaf.shape());
      assertThat(gradient.batched()).isEqualTo(leaf.batched());
      double[] differences = finiteDifferences(output, upstream, leaf, leaves);
      double magnitude = Math.max(1, Arrays.stream(differences).map(Math::abs).max().orElseThrow());
      assertThat(gradient.values())
          .as("gradient with respect to operand %d, %s", i, leaf)
          .containsExactly(differences, within(TOLERANCE * magnitude));
    }
  }

  @ParameterizedTest
  @MethodSource("expressions")
  void everyExpressionDependsOnWhatIsWanted(Expression expression) {
    Tensor upstream = upstreamOf(expression.output());
    Map<Tensor, Array> leaves = randomLeaves(List.of(expression.output(), upstream), 1);

    for (Tensor leaf : expression.wanted()) {
      double[] differences = finiteDifferences(expression.output(), upstream, leaf, leaves);
      assertThat(Arrays.stream(differences).map(Math::abs).max().orElseThrow())
          .as("greatest derivative with respect to %s", leaf)
          .isGreaterThan(1e-3);
    }
  }

  @Test
  void everyForwardOperationIsChecked() {
    assertThat(operations(expressions().stream().map(Expression::output).toList()))
        .containsAll(List.of(Op.Forward.class.getPermittedSubclasses()));
  }

  @Test
  void everyBackwardOperationIsChecked() {
    List<Tensor> gradients =
        expressions().stream()
            .flatMap(
                each ->
                    Gradient.of(each.output(), upstreamOf(each.output()), each.wanted())
                        .values()
                        .stream())
            .toList();

    assertThat(operations(gradients))
        .containsAll(List.of(Op.Backward.class.getPermittedSubclasses()));
  }

  @Test
  void whatTheOutputDoesNotUseHasZeros() {
    Tensor x = Expression.input(3, 2);
    Tensor parameter = Expression.parameter(2, 2);
    Tensor unused = Expression.other(4);

    var gradients = Gradient.of(x.apply(Function.EXP), x, List.of(parameter, unused));

    assertThat(gradients.get(parameter))
        .extracting(Tensor::shape, Tensor::batched)
        .containsExactly(Shape.of(2, 2), false);
    assertThat(gradients.get(unused))
        .extracting(Tensor::shape, Tensor::batched)
        .containsExactly(Shape.of(4), true);
    assertThat(Reference.evaluate(List.copyOf(gradients.values()), Map.of(), 3))
        .allSatisfy(zeros -> assertThat(zeros.values()).containsOnly(0));
  }

  @Test
  void whatNothingWantedDependsOnIsLeftAlone() {
    Tensor frozen = Expression.input(3, 2).linear(4).apply(Function.GELU);
    Tensor head = Expression.parameter(4, 2);
    Tensor upstream = Expression.other(3, 2);

    Tensor gradient = gradient(frozen.matmul(head), upstream, head);

    assertThat(gradient.op()).isEqualTo(new Op.ProductSum(true, false));
    assertThat(gradient.operands()).containsExactly(frozen, upstream);
  }

  @Test
  void partsThatMakeUpTheWholeAreJoinedAgain() {
    Tensor x = Expression.input(3, 4);
    Tensor left = x.slice(1, 0, 1).apply(Function.EXP);
    Tensor right = x.slice(1, 1, 4).apply(Function.TANH);

    Tensor gradient = gradient(Tensor.concatenate(1, right, left), Expression.other(3, 4), x);

    assertThat(gradient.op()).isEqualTo(new Op.Concatenate(1));
    assertThat(gradient.operands()).hasSize(2);
  }

  @Test
  void aTensorWithinMayBeWanted() {
    Tensor x = Expression.input(3);
    Tensor hidden = x.apply(Function.EXP);
    Tensor upstream = Expression.other(3);

    Tensor gradient = gradient(hidden.times(2), upstream, hidden);

    assertThat(gradient.operands()).containsExactly(upstream);
    assertThat(gradient.op()).isEqualTo(new Op.Affine(2, 0));
  }

  @Test
  void theWantedMayBeTheOutput() {
    Tensor x = Expression.input(3);
    Tensor upstream = Expression.other(3);

    assertThat(gradient(x, upstream, x)).isSameAs(upstream);
  }

  @Test
  void oneNumberUpstreamStretches() {
    Tensor x = Expression.input(2, 3);
    Tensor one = Tensor.constant(Values.of(0.5), 1);

    Tensor gradient = gradient(x.times(3), one, x);

    assertThat(Reference.evaluate(gradient, Map.of(), 2).values()).hasSize(12).containsOnly(1.5);
  }

  @Test
  void examplesUpstreamOfASharedOutputAreSummed() {
    Tensor shared = Expression.parameter(3);
    Tensor upstream = Expression.input(3);

    Tensor gradient = gradient(shared.times(2), upstream, shared);

    assertThat(gradient.batched()).isFalse();
    assertThat(
            Reference.evaluate(
                    gradient, Map.of(upstream, Array.of(upstream, 2, 1, 2, 3, 10, 20, 30)), 2)
                .values())
        .containsExactly(22, 44, 66);
  }

  @Test
  void forwardAndBackwardShareTheDrawOfAMask() {
    Tensor x = Expression.input(4);
    Tensor mask = Tensor.keepMask(0.5, 4);

    Tensor gradient = gradient(x.times(mask), Expression.other(4), x);

    assertThat(gradient.inOrder()).contains(mask);
  }

  @Test
  void gradientsBelongToThePartTheyComeFrom() {
    Tensor x = Expression.input(4);
    Tensor mixed = Scope.in("mixer", () -> x.apply(Function.GELU));

    Tensor gradient = gradient(mixed, Expression.other(4), x);

    assertThat(gradient.scope()).isEqualTo("mixer");
  }

  @Test
  void gradientsAreNotDifferentiatedAgain() {
    Tensor x = Expression.input(4);
    Tensor once = gradient(x.apply(Function.GELU), Expression.other(4), x);

    assertThatThrownBy(() -> Gradient.of(once, Expression.other(4), List.of(x)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("A gradient cannot be differentiated again: PointwiseGradient[function=GELU]");
  }

  @Test
  void targetsHaveNoGradient() {
    Tensor logits = Expression.input(4);
    Tensor target = Expression.other(4);

    assertThatThrownBy(
            () -> Gradient.of(logits.crossEntropy(target, 0), Expression.input(1), List.of(target)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cross-entropy has no gradient for its target [batch] Input[name=y][4]");
  }

  @Test
  void aChainOfThousandsDoesNotOverflowTheStack() {
    Tensor x = Expression.input(1);
    Tensor deep = x;
    for (int i = 0; i < 5_000; i++) {
      deep = deep.plus(x.times(0.001));
    }

    Tensor gradient = gradient(deep, Tensor.constant(Values.of(1), 1), x);

    assertThat(Reference.evaluate(gradient, Map.of(), 1).at(0)).isEqualTo(6, within(1e-9));
  }

  private static Tensor gradient(Tensor output, Tensor upstream, Tensor wanted) {
    return List.copyOf(Gradient.of(output, upstream, List.of(wanted)).values()).getFirst();
  }

  private static Tensor upstreamOf(Tensor output) {
    return output.batched()
        ? Tensor.input("upstream", output.shape())
        : Tensor.weight(
            "upstream",
            Init.ZEROS,
            output.shape().sizes().stream().mapToInt(Integer::intValue).toArray());
  }

  private static Map<Tensor, Array> randomLeaves(List<Tensor> outputs, long seed) {
    var random = new SplittableRandom(seed);
    var leaves = new HashMap<Tensor, Array>();
    for (Tensor tensor : Tensor.inOrder(outputs)) {
      switch (tensor.op()) {
        case Op.Input _, Op.Parameter _ ->
            leaves.put(tensor, Array.of(tensor, EXAMPLES, _ -> random.nextGaussian()));
        case Op.Statistic _ ->
            leaves.put(tensor, Array.of(tensor, EXAMPLES, _ -> 0.5 + random.nextDouble()));
        case Op.KeepMask(double rate) ->
            leaves.put(
                tensor,
                Array.of(tensor, EXAMPLES, _ -> random.nextDouble() < rate ? 0 : 1 / (1 - rate)));
        case Op.Constant _, Op.Forward _, Op.Backward _ -> {}
      }
    }
    return leaves;
  }

  /** Central differences of {@code sum(upstream output)}, for each element of a leaf. */
  private static double[] finiteDifferences(
      Tensor output, Tensor upstream, Tensor leaf, Map<Tensor, Array> leaves) {
    return IntStream.range(0, Objects.requireNonNull(leaves.get(leaf)).size())
        .mapToDouble(
            i ->
                (moved(output, upstream, leaf, leaves, i, STEP)
                        - moved(output, upstream, leaf, leaves, i, -STEP))
                    / (2 * STEP))
        .toArray();
  }

  private static double moved(
      Tensor output,
      Tensor upstream,
      Tensor leaf,
      Map<Tensor, Array> leaves,
      int index,
      double step) {
    var changed = new HashMap<>(leaves);
    changed.computeIfPresent(leaf, (_, values) -> values.with(index, values.at(index) + step));
    List<Array> values = Reference.evaluate(List.of(output, upstream), changed, EXAMPLES);
    double[] products = values.getFirst().values();
    for (int i = 0; i < products.length; i++) {
      products[i] *= values.getLast().at(i);
    }
    return Arrays.stream(products).sum();
  }

  private static Set<Class<?>> operations(List<Tensor> outputs) {
    return Tensor.inOrder(outputs).stream()
        .map(tensor -> tensor.op().getClass())
        .collect(Collectors.toSet());
  }
}
