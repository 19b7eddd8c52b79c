package blockfront.blocks.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Gradient;
import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import blockfront.blocks.graph.Window;
import java.util.List;
import org.junit.jupiter.api.Test;

class CostTest {

  @Test
  void aLinearLayerMultipliesInputsByOutputsForEachToken() {
    Cost cost = Cost.of(input(49, 64).linear(256));

    assertThat(cost.multiplyAdds()).isEqualTo(49 * 64 * 256);
    assertThat(cost.parameters()).isEqualTo(64 * 256 + 256);
    assertThat(cost.elementwise()).as("the bias").isEqualTo(49 * 256);
    assertThat(cost.flops()).isEqualTo(2 * 49 * 64 * 256);
  }

  @Test
  void aConvolutionMultipliesTapsByTheChannelsOfAGroup() {
    Cost cost = Cost.of(convolution(Window.square(3, 2, 1), 8, 12, 4));

    assertThat(cost.multiplyAdds()).isEqualTo(5 * 4 * 12 * 3 * 3 * (8 / 4));
    assertThat(cost.parameters()).isEqualTo(3 * 3 * (8 / 4) * 12);
    assertThat(cost.elementwise()).isZero();
  }

  @Test
  void aDepthwiseConvolutionMultipliesTapsOnly() {
    assertThat(Cost.of(convolution(Window.same(7), 8, 8, 8)).multiplyAdds())
        .isEqualTo(9 * 8 * 8 * 7 * 7);
  }

  @Test
  void attentionGrowsWithTheSquareOfItsTokens() {
    Tensor heads = input(4, 10, 16);

    Cost cost = Cost.of(heads.matmulTransposed(heads).softmax().matmul(heads));

    assertThat(cost.multiplyAdds()).isEqualTo(2 * 4 * 10 * 10 * 16);
    assertThat(cost.softmax()).isEqualTo(4 * 10 * 10);
    assertThat(cost.elementwise()).isZero();
    assertThat(cost.parameters()).isZero();
  }

  @Test
  void aWeightFromTheLeftMixesTokens() {
    Tensor weight = Tensor.weight("weight", Init.ZEROS, 10, 10);

    assertThat(Cost.of(weight.matmul(input(10, 16))).multiplyAdds()).isEqualTo(10 * 10 * 16);
  }

  @Test
  void transformsAreCountedApart() {
    Tensor dft = transform(6, 6);
    Tensor x = input(6, 5);

    Cost cost = Cost.of(dft.matmul(x).linear(5, Init.ZEROS));

    assertThat(cost.fourier()).isEqualTo(6 * 6 * 5);
    assertThat(cost.multiplyAdds()).isEqualTo(6 * 5 * 5);
    assertThat(cost.parameters()).isEqualTo(5 * 5);
  }

  @Test
  void aTransformStaysOneWhenCutAndTurned() {
    Tensor half = transform(6, 6).slice(0, 0, 3).permute(1, 0);

    assertThat(Cost.of(half.matmul(input(3, 5))))
        .extracting(Cost::fourier, Cost::multiplyAdds)
        .containsExactly(6L * 3 * 5, 0L);
  }

  @Test
  void runningSumsAreAdditions() {
    Tensor lower =
        Tensor.constant(Op.Purpose.SUM, Values.of(36, i -> i % 6 <= i / 6 ? 1 : 0), 6, 6);

    assertThat(Cost.of(lower.matmul(input(6, 5))))
        .extracting(Cost::multiplyAdds, Cost::elementwise, Cost::fourier)
        .containsExactly(0L, 6L * 5, 0L);
  }

  @Test
  void aFilterBankIsATransform() {
    Tensor filters = transform(3, 3, 1, 4);

    assertThat(Cost.of(input(8, 8, 4).convolve(filters, Window.same(3), 4)))
        .extracting(Cost::fourier, Cost::multiplyAdds)
        .containsExactly(8L * 8 * 4 * 9, 0L);
  }

  @Test
  void aComplexGateIsElementwise() {
    Tensor real = input(7, 4, 16);
    Tensor imaginary = input(7, 4, 16);
    Tensor filterReal = Tensor.weight("real", Init.ZEROS, 7, 4, 16);
    Tensor filterImaginary = Tensor.weight("imaginary", Init.ZEROS, 7, 4, 16);

    Cost cost =
        Cost.of(
            Tensor.concatenate(
                0,
                real.times(filterReal).minus(imaginary.times(filterImaginary)),
                real.times(filterImaginary).plus(imaginary.times(filterReal))));

    assertThat(cost.multiplyAdds()).isZero();
    assertThat(cost.elementwise()).isEqualTo((4 + 2) * 7 * 4 * 16);
    assertThat(cost.parameters()).isEqualTo(2 * 7 * 4 * 16);
  }

  @Test
  void normsGatesActivationsAndResidualsCountOneAnElement() {
    Tensor x = input(3, 5);

    assertThat(Cost.of(x.layerNorm(1e-5)).elementwise()).isEqualTo(15);
    assertThat(Cost.of(x.times(input(3, 5))).elementwise()).isEqualTo(15);
    assertThat(Cost.of(x.apply(Function.GELU)).elementwise()).isEqualTo(15);
    assertThat(Cost.of(x.plus(x)).elementwise()).isEqualTo(15);
    assertThat(Cost.of(x.times(0.5)).elementwise()).isEqualTo(15);
  }

  @Test
  void poolingCountsItsTaps() {
    assertThat(Cost.of(input(9, 8, 4).averagePool(Window.same(3))).elementwise())
        .isEqualTo(3 * 3 * 9 * 8 * 4);
  }

  @Test
  void aMeanCountsWhatItSumsUp() {
    assertThat(Cost.of(input(9, 8, 4).mean(0, 1)).elementwise()).isEqualTo(9 * 8 * 4);
  }

  @Test
  void theRationalFunctionOfKatCostsTwentyAnElement() {
    Tensor a = Tensor.offset("a", Init.ZEROS, 6);
    Tensor b = Tensor.offset("b", Init.ZEROS, 8, 4);

    Cost cost = Cost.of(input(10, 16).rational(a, b));

    assertThat(cost.elementwise()).isEqualTo(20 * 10 * 16);
    assertThat(cost.parameters()).isEqualTo(38);
  }

  @Test
  void aLossCountsItsSoftmax() {
    assertThat(Cost.of(input(10).crossEntropy(input(10), 0.1)))
        .isEqualTo(new Cost(0, 0, 0, 10, 10, 1));
  }

  @Test
  void movingNumbersIsFree() {
    Tensor moved =
        input(4, 6)
            .reshape(2, 2, 6)
            .permute(2, 0, 1)
            .slice(0, 1, 4)
            .pad(1, 1, 0)
            .broadcast(Shape.of(5, 3, 3, 2));

    assertThat(Cost.of(Tensor.concatenate(0, moved, moved)).plus(Cost.NONE))
        .extracting(
            Cost::multiplyAdds, Cost::parameters, Cost::fourier, Cost::elementwise, Cost::softmax)
        .containsOnly(0L);
  }

  @Test
  void keepMasksAreFree() {
    Tensor x = input(4, 6).apply(Function.GELU);

    assertThat(Cost.of(x.times(Tensor.keepMask(0.1, 1, 1)))).isEqualTo(Cost.of(x));
  }

  @Test
  void whatIsUsedTwiceIsComputedOnce() {
    Tensor x = input(3, 5).linear(5, Init.ZEROS);

    assertThat(Cost.of(x.matmulTransposed(x)).multiplyAdds()).isEqualTo(3 * 5 * 5 + 3 * 5 * 3);
  }

  @Test
  void aSharedWeightIsOneParameterButEachProductCounts() {
    Tensor weight = Tensor.weight("weight", Init.ZEROS, 5, 5);

    Cost cost = Cost.of(input(3, 5).matmul(weight).matmul(weight));

    assertThat(cost.parameters()).isEqualTo(25);
    assertThat(cost.multiplyAdds()).isEqualTo(2 * 3 * 5 * 5);
  }

  @Test
  void activationsAreAliveUntilTheirLastUse() {
    Tensor first = input(10).apply(Function.EXP); // 10 alive
    Tensor second = first.apply(Function.TANH); // 10 + 10, then only the second
    Tensor wide = second.broadcast(Shape.of(3, 10)); // 10 + 30
    Tensor narrow = wide.sum(0); // 10 + 30 + 10, as the second is wanted again
    Tensor output = narrow.plus(second); // 10 + 10 + 10

    assertThat(Cost.of(output).peakActivations()).isEqualTo(50);
    assertThat(Cost.of(narrow).peakActivations()).isEqualTo(40);
    assertThat(Cost.of(second).peakActivations()).isEqualTo(20);
  }

  @Test
  void aResidualKeepsItsInputAlive() {
    Tensor x = input(4, 6).apply(Function.EXP);
    Tensor hidden = x.linear(24, Init.ZEROS).apply(Function.GELU);

    assertThat(Cost.of(hidden.linear(6, Init.ZEROS)).peakActivations()).isEqualTo(96 + 96);
    assertThat(Cost.of(x.plus(hidden.linear(6, Init.ZEROS))).peakActivations())
        .isEqualTo(24 + 96 + 96);
  }

  @Test
  void reshapedTensorsShareMemory() {
    Tensor x = input(10).apply(Function.EXP);

    assertThat(Cost.of(x.reshape(2, 5).apply(Function.TANH).reshape(10)).peakActivations())
        .isEqualTo(20);
    assertThat(Cost.of(x.reshape(2, 5).sum(0).plus(x.reshape(2, 5))).peakActivations())
        .as("the first use of a view does not end the life of what it looks at")
        .isEqualTo(10 + 5 + 10);
  }

  @Test
  void inputsAndParametersAreNotActivations() {
    assertThat(Cost.of(input(1000)).peakActivations()).isZero();
    assertThat(Cost.of(input(1000).sum(0)).peakActivations()).isEqualTo(1);
    assertThat(Cost.of(Tensor.weight("w", Init.ZEROS, 9).times(2)).peakActivations()).isZero();
  }

  @Test
  void partsAddUpToTheWhole() {
    Tensor output = network();

    var parts = Cost.byScope(output, 2);

    assertThat(parts.sequencedKeySet()).containsExactly("stem", "stages.0", "stages.1", "head");
    assertThat(parts.values().stream().reduce(Cost.NONE, Cost::plus)).isEqualTo(Cost.of(output));
    assertThat(parts.get("stages.0")).extracting(Cost::multiplyAdds).isEqualTo(3L * 8 * 8);
  }

  @Test
  void theDepthTellsHowFineThePartsAre() {
    assertThat(Cost.byScope(network(), 1).sequencedKeySet())
        .containsExactly("stem", "stages", "head");
    assertThat(Cost.byScope(network(), 9).sequencedKeySet())
        .containsExactly(
            "stem", "stages.0.mixer", "stages.0", "stages.1.mixer", "stages.1", "head");
  }

  @Test
  void partsNeedADepth() {
    assertThatThrownBy(() -> Cost.byScope(network(), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cost by scope needs a depth of at least 1, got 0");
  }

  @Test
  void gradientsHaveNoCost() {
    Tensor x = input(3);
    var gradient = Gradient.of(x.apply(Function.EXP), input(3), List.of(x)).values();

    assertThatThrownBy(() -> gradient.forEach(Cost::of))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cost is that of a forward pass, not of PointwiseGradient[function=EXP]");
  }

  @Test
  void onlyThePeakDoesNotAddUp() {
    assertThat(new Cost(1, 2, 3, 4, 5, 6).plus(new Cost(10, 20, 30, 40, 50, 5)))
        .isEqualTo(new Cost(11, 22, 33, 44, 55, 6));
  }

  @Test
  void whatNoNumberCanHoldIsRefused() {
    Tensor huge = input(1 << 30, 9).matmul(input(9, 1 << 30));

    assertThatThrownBy(() -> Cost.of(huge)).isInstanceOf(ArithmeticException.class);
  }

  private static Tensor network() {
    Tensor x = Scope.in("stem", () -> input(3, 4).linear(8));
    for (int i = 0; i < 2; i++) {
      Tensor in = x;
      x =
          Scope.in(
              "stages." + i,
              () -> in.plus(Scope.in("mixer", () -> in.linear(8).apply(Function.GELU))));
    }
    Tensor tokens = x;
    return Scope.in("head", () -> tokens.mean(0).linear(10).reshape(10));
  }

  private static Tensor convolution(Window window, int in, int out, int groups) {
    Tensor kernel =
        Tensor.weight("kernel", Init.ZEROS, window.height(), window.width(), in / groups, out);
    return input(9, 8, in).convolve(kernel, window, groups);
  }

  private static Tensor transform(int... sizes) {
    int size = Math.toIntExact(Shape.of(sizes).elements());
    return Tensor.constant(Op.Purpose.TRANSFORM, Values.of(size, i -> i), sizes);
  }

  private static Tensor input(int... sizes) {
    return Tensor.input("x", Shape.of(sizes));
  }
}
