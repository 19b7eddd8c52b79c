package blockfront.blocks.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import blockfront.blocks.graph.Window;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against numbers worked out by hand. */
class ReferenceTest {

  private static final double ROUNDING = 1e-12;
  private static final double NONE = Double.NEGATIVE_INFINITY;

  @Test
  void shapesStretchFromTheLastAxis() {
    Tensor column = constant(Shape.of(2, 1), 10, 20);
    Tensor row = constant(Shape.of(3), 1, 2, 3);

    assertThat(values(column.plus(row))).containsExactly(11, 12, 13, 21, 22, 23);
    assertThat(values(row.minus(column))).containsExactly(-9, -8, -7, -19, -18, -17);
    assertThat(values(column.times(row))).containsExactly(10, 20, 30, 20, 40, 60);
    assertThat(values(column.dividedBy(row))).containsExactly(10, 5, 10 / 3.0, 20, 10, 20 / 3.0);
    assertThat(values(row.broadcast(Shape.of(2, 3)))).containsExactly(1, 2, 3, 1, 2, 3);
    assertThat(values(row.times(2).plus(0.5))).containsExactly(2.5, 4.5, 6.5);
  }

  @Test
  void examplesAreComputedApart() {
    Tensor x = Tensor.input("x", Shape.of(2));
    Tensor shared = constant(Shape.of(2), 1, 2);

    Array sum = Reference.evaluate(x.plus(shared), Map.of(x, Array.of(x, 2, 1, 2, 30, 40)), 2);

    assertThat(sum.batched()).isTrue();
    assertThat(sum.values()).containsExactly(2, 4, 31, 42);
    assertThat(sum.example(1)).containsExactly(31, 42);
    assertThat(values(shared)).containsExactly(1, 2);
  }

  @Test
  void productsTransposeEitherSide() {
    Tensor left = constant(Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
    Tensor right = constant(Shape.of(3, 2), 7, 8, 9, 10, 11, 12);

    assertThat(values(left.matmul(right))).containsExactly(58, 64, 139, 154);
    assertThat(values(left.matmulTransposed(right.permute(1, 0))))
        .containsExactly(58, 64, 139, 154);
  }

  @Test
  void oneMatrixServesAllLeadingIndices() {
    Tensor heads = constant(Shape.of(2, 1, 2), 1, 2, 3, 4);
    Tensor weight = constant(Shape.of(2, 1), 10, 1);

    assertThat(values(heads.matmul(weight))).containsExactly(12, 34);
  }

  @Test
  void convolutionDoesNotFlipItsKernel() {
    Tensor grid = constant(Shape.of(2, 3, 1), 1, 2, 3, 4, 5, 6);
    Tensor kernel = constant(Shape.of(2, 2, 1, 1), 1000, 100, 10, 1);

    assertThat(values(grid.convolve(kernel, Window.square(2, 1, 0), 1)))
        .containsExactly(1245, 2356);
    assertThat(values(grid.convolve(kernel, new Window(2, 2, 2, 1, 1, 0, 0, 1), 1)))
        .as("strided, padded above and at the right")
        .containsExactly(12, 30);
    assertThat(values(grid.convolve(kernel, new Window(2, 2, 1, 2, 0, 1, 0, 0), 1)))
        .as("dilated")
        .containsExactly(1300);
  }

  @Test
  void groupsConvolveTheirOwnChannels() {
    Tensor grid = constant(Shape.of(1, 1, 4), 1, 2, 3, 4);
    Tensor kernel = constant(Shape.of(1, 1, 2, 2), 1, 10, 100, 1000);

    assertThat(values(grid.convolve(kernel, Window.same(1), 2)))
        .as("1*1 + 2*100, then 3*10 + 4*1000")
        .containsExactly(201, 4030);
  }

  @Test
  void layerNormCentresAndScalesEachToken() {
    Tensor x = constant(Shape.of(2, 2), 1, 3, 10, 10);
    Tensor gain = constant(Shape.of(2), 2, 3);
    Tensor bias = constant(Shape.of(2), 0.5, -0.5);

    assertThat(values(x.normalise(Op.Extent.CHANNELS, true, 0, gain, bias).slice(0, 0, 1)))
        .containsExactly(-1.5, 2.5);
    assertThat(values(x.normalise(Op.Extent.CHANNELS, true, 3, gain, bias)))
        .as("with an epsilon of 3 the deviation of the first is 2")
        .containsExactly(-0.5, 1, 0.5, -0.5);
  }

  @Test
  void batchNormIsOverAllExamples() {
    Tensor x = Tensor.input("x", Shape.of(2, 1));
    Tensor one = constant(Shape.of(1), 1);
    Tensor normed = x.batchNormalise(4, 0.1, constant(Shape.of(1), 3), one, one, one);

    assertThat(Reference.evaluate(normed, Map.of(x, Array.of(x, 2, 1, 3, 5, 7)), 2).values())
        .as("of 1, 3, 5, 7 the mean is 4 and the variance 5; with an epsilon of 4 the deviation 3")
        .containsExactly(new double[] {-2, 0, 2, 4}, within(ROUNDING));
  }

  @Test
  void batchNormAnswersByWhatTrainingGathered() {
    Tensor x = Tensor.input("x", Shape.of(2, 1));
    Tensor normed = x.batchNorm(0, 0.1, Init.ONES);
    Tensor mean = statistic(normed, "mean");
    Tensor variance = statistic(normed, "variance");
    var leaves = new HashMap<>(Reference.initial(List.of(normed), 1));
    leaves.put(mean, Array.of(mean, 1, 2));
    leaves.put(variance, Array.of(variance, 1, 4));
    leaves.put(x, Array.of(x, 1, 2, 8));

    assertThat(Reference.evaluate(normed, leaves, 1).values())
        .containsExactly(new double[] {0, 3}, within(ROUNDING));
  }

  private static Tensor statistic(Tensor output, String role) {
    return output.inOrder().stream()
        .filter(t -> t.op() instanceof Op.Statistic(String is, Init _) && is.equals(role))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void rowsOfATableAreFoundByRoundedAndCutIndices() {
    Tensor table = constant(Shape.of(3, 2), 1, 2, 3, 4, 5, 6);

    Tensor rows = table.lookup(constant(Shape.of(2, 2), 0.6, 2, 9, -1));

    assertThat(rows.shape()).isEqualTo(Shape.of(2, 2, 2));
    assertThat(values(rows)).containsExactly(3, 4, 5, 6, 5, 6, 1, 2);
  }

  @Test
  void aSelectionMayRepeatAndLeaveOut() {
    Tensor x = constant(Shape.of(2, 3), 1, 2, 3, 4, 5, 6);

    assertThat(values(x.select(1, List.of(2, 2, 0)))).containsExactly(3, 3, 1, 6, 6, 4);
    assertThat(values(x.select(0, List.of(1)))).containsExactly(4, 5, 6);
  }

  @Test
  void rmsNormDoesNotCentre() {
    Tensor x = constant(Shape.of(1, 2), 1, 7);
    Tensor gain = constant(Shape.of(2), 1, 10);

    assertThat(values(x.normalise(Op.Extent.CHANNELS, false, 0, gain)))
        .containsExactly(new double[] {0.2, 14}, within(ROUNDING));
  }

  @Test
  void groupNormIsOverTheWholeExample() {
    Tensor x = constant(Shape.of(1, 2, 2), 1, 1, 3, 3);
    Tensor gain = constant(Shape.of(2), 1, 10);

    assertThat(values(x.normalise(Op.Extent.EXAMPLE, true, 0, gain)))
        .containsExactly(-1, -10, 1, 10);
  }

  @Test
  void softmaxIsAShareOfExponentials() {
    Tensor x = constant(Shape.of(2, 2), 0, Math.log(3), 1000, 1000);

    assertThat(values(x.softmax()))
        .containsExactly(new double[] {0.25, 0.75, 0.5, 0.5}, within(ROUNDING));
  }

  @Test
  void aFullyMaskedRowAttendsToNothing() {
    Tensor x = constant(Shape.of(2, 2), NONE, NONE, 5, NONE);

    assertThat(values(x.softmax())).containsExactly(0, 0, 1, 0);
  }

  @Test
  void poolingAnImpulseSpreadsIt() {
    Tensor impulse = constant(Shape.of(5, 5, 1), i -> i == 12 ? 1 : 0);

    double[] mixed = values(impulse.averagePool(Window.same(3)).minus(impulse));

    assertThat(mixed[12]).isEqualTo(1.0 / 9 - 1, within(ROUNDING));
    for (int neighbour : new int[] {6, 7, 8, 11, 13, 16, 17, 18}) {
      assertThat(mixed[neighbour]).isEqualTo(1.0 / 9, within(ROUNDING));
    }
    assertThat(mixed[0]).isZero();
  }

  @Test
  void poolingDoesNotCountItsPadding() {
    Tensor ones = constant(Shape.of(2, 3, 1), _ -> 1);

    assertThat(values(ones.averagePool(Window.same(5)))).containsOnly(1);
  }

  @Test
  void reductionsKeepTheirAxes() {
    Tensor x = constant(Shape.of(2, 3), 1, 2, 3, 4, 5, 6);

    assertThat(values(x.sum(0))).containsExactly(5, 7, 9);
    assertThat(values(x.mean(-1))).containsExactly(2, 5);
    assertThat(values(x.mean(0, 1))).containsExactly(3.5);
  }

  @Test
  void structureMovesNumbers() {
    Tensor x = constant(Shape.of(2, 3), 1, 2, 3, 4, 5, 6);

    assertThat(values(x.reshape(3, 2))).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(values(x.permute(1, 0))).containsExactly(1, 4, 2, 5, 3, 6);
    assertThat(values(x.slice(1, 1, 3))).containsExactly(2, 3, 5, 6);
    assertThat(values(x.pad(1, 1, 0))).containsExactly(0, 1, 2, 3, 0, 4, 5, 6);
    assertThat(values(Tensor.concatenate(1, x, x.slice(1, 0, 1))))
        .containsExactly(1, 2, 3, 1, 4, 5, 6, 4);
    assertThat(values(x.reshape(1, 2, 3).permute(2, 0, 1))).containsExactly(1, 4, 2, 5, 3, 6);
  }

  @ParameterizedTest
  @CsvSource({
    "GELU, 1, 0.8413447460685429",
    "GELU, -1, -0.15865525393145707",
    "GELU, 3, 2.99595030590511",
    "GELU_TANH, 1, 0.8411919906082768",
    "SILU, 1, 0.7310585786300049",
    "RELU, -2, 0",
    "RELU, 2, 2",
    "SIGMOID, 0, 0.5",
    "SIGMOID, -800, 0",
    "TANH, 1, 0.7615941559557649",
    "EXP, 1, 2.718281828459045",
    "LOG, 2, 0.6931471805599453",
    "SQRT, 2, 1.4142135623730951",
    "SQUARE, -3, 9",
    "ABS, -3, 3"
  })
  void functionsHaveTheirKnownValues(Function function, double x, double y) {
    assertThat(values(constant(Shape.of(1), x).apply(function)))
        .containsExactly(new double[] {y}, within(ROUNDING));
  }

  @Test
  void theDenominatorOfARationalFunctionBelongsToItsGroup() {
    Tensor x = constant(Shape.of(4), 2, -2, 2, -2);
    Tensor a = constant(Shape.of(3), 1, 2, 3);
    Tensor b = constant(Shape.of(2, 1), 0, -0.5);

    assertThat(values(x.rational(a, b)))
        .as("17 and 9 over 1, then over 1 + 0.5 * 2")
        .containsExactly(17, 9, 8.5, 4.5);
  }

  @Test
  void crossEntropyIsTheCodeLengthOfTheTarget() {
    Tensor logits = constant(Shape.of(2), 0, Math.log(3));
    Tensor second = constant(Shape.of(2), 0, 1);

    assertThat(values(logits.crossEntropy(second, 0)))
        .containsExactly(new double[] {-Math.log(0.75)}, within(ROUNDING));
    assertThat(values(logits.crossEntropy(second, 0.2)))
        .as("a tenth of the mass goes to each class")
        .containsExactly(
            new double[] {-0.9 * Math.log(0.75) - 0.1 * Math.log(0.25)}, within(ROUNDING));
  }

  @Test
  void aTargetOfZerosCostsNothing() {
    Tensor logits = constant(Shape.of(2, 2), 1, 2, NONE, 2);
    Tensor target = constant(Shape.of(2, 2), 0, 0, 0, 1);

    assertThat(values(logits.crossEntropy(target, 0))).containsExactly(0, 0);
  }

  @Test
  void keepMasksAreOneUnlessDrawn() {
    Tensor x = Tensor.input("x", Shape.of(2));
    Tensor mask = Tensor.keepMask(0.5, 1);
    Array numbers = Array.of(x, 2, 1, 2, 3, 4);

    assertThat(Reference.evaluate(x.times(mask), Map.of(x, numbers), 2).values())
        .containsExactly(1, 2, 3, 4);
    assertThat(
            Reference.evaluate(x.times(mask), Map.of(x, numbers, mask, Array.of(mask, 2, 0, 2)), 2)
                .values())
        .containsExactly(0, 0, 6, 8);
  }

  @Test
  void parametersStartAsTheirInitialiserSays() {
    Tensor x = Tensor.input("x", Shape.of(1, 2));
    Tensor output = x.linear(3).times(Tensor.offset("scale", new Init.Constant(0.25), 3));

    var initial = Reference.initial(List.of(output), 5);

    assertThat(initial.values())
        .extracting(Array::shape)
        .containsExactly(Shape.of(2, 3), Shape.of(3), Shape.of(3));
    assertThat(initial.lastEntry().getValue().values()).containsOnly(0.25);
  }

  @Test
  void aLeafWithoutValuesIsNamed() {
    Tensor x = Tensor.input("image", Shape.of(2));

    assertThatThrownBy(() -> Reference.evaluate(x.times(2), Map.of(), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Reference has no values for [batch] Input[name=image][2]");
  }

  @Test
  void aLeafNeedsValuesForEachExample() {
    Tensor x = Tensor.input("image", Shape.of(2));

    assertThatThrownBy(() -> Reference.evaluate(x.times(2), Map.of(x, Array.of(x, 1, 5, 6)), 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Reference needs values for [batch] Input[name=image][2] and 3 examples, "
                + "got [batch] [2] with 2 values");
  }

  @Test
  void anArrayHoldsAsManyValuesAsItsTensor() {
    Tensor x = Tensor.input("image", Shape.of(2));

    assertThatThrownBy(() -> Array.of(x, 2, 5, 6, 7))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Array for [batch] Input[name=image][2] and 2 examples needs 4 values, got 3");
  }

  private static double[] values(Tensor output) {
    return Reference.evaluate(output, Map.of(), 1).values();
  }

  private static Tensor constant(Shape shape, double... values) {
    return Tensor.constant(Values.of(values), sizes(shape));
  }

  private static Tensor constant(Shape shape, IntToDoubleFunction value) {
    return Tensor.constant(Values.of(Math.toIntExact(shape.elements()), value), sizes(shape));
  }

  private static int[] sizes(Shape shape) {
    return shape.sizes().stream().mapToInt(Integer::intValue).toArray();
  }
}
