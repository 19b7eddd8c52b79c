package blockfront.blocks.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TensorTest {

  private static final Tensor GRID = Expression.input(5, 4, 6);
  private static final Tensor TOKENS = Expression.input(20, 6);

  /** A description that does not fit, and what is said about it. */
  record Misfit(String message, Supplier<Tensor> description) {

    @Override
    public String toString() {
      return message;
    }
  }

  static List<Misfit> misfits() {
    return List.of(
        new Misfit(
            "Cannot combine [20, 6] with [5]: sizes 6 and 5 differ",
            () -> TOKENS.plus(Expression.parameter(5))),
        new Misfit(
            "Cannot multiply [20, 6] by [5, 3]: inner sizes 6 and 5 differ",
            () -> TOKENS.matmul(Expression.parameter(5, 3))),
        new Misfit(
            "Cannot multiply [20, 6] by [6]: two axes wanted",
            () -> TOKENS.matmul(Expression.parameter(6))),
        new Misfit(
            "Cannot multiply [5, 4, 6] by [3, 6, 2]: leading axes differ",
            () -> GRID.matmul(Expression.parameter(3, 6, 2))),
        new Misfit(
            "Convolution needs a grid [height, width, channels], got [20, 6]",
            () -> TOKENS.convolve(Expression.parameter(3, 3, 6, 6), Window.same(3), 1)),
        new Misfit(
            "Convolution cannot split 6 channels into 8 in 4 groups",
            () -> GRID.convolve(Expression.parameter(3, 3, 1, 8), Window.same(3), 4)),
        new Misfit(
            "Convolution over [5, 4, 6] needs a kernel [3, 3, 2, 9], got [3, 3, 6, 9]",
            () -> GRID.convolve(Expression.parameter(3, 3, 6, 9), Window.same(3), 3)),
        new Misfit(
            "Convolution window 5x5 does not fit the grid [5, 4, 6]",
            () -> GRID.convolve(Expression.parameter(5, 5, 6, 6), Window.square(5, 1, 0), 1)),
        new Misfit(
            "Pooling needs a grid [height, width, channels], got [20, 6]",
            () -> TOKENS.averagePool(Window.same(3))),
        new Misfit(
            "Normalisation of [20, 6] needs one gain and bias a channel, got [5]",
            () -> TOKENS.normalise(Op.Extent.CHANNELS, true, 1e-5, Expression.parameter(5))),
        new Misfit(
            "Normalisation needs a gain and bias that all examples share, "
                + "got [batch] Input[name=x][6]",
            () -> TOKENS.normalise(Op.Extent.CHANNELS, true, 1e-5, Expression.input(6))),
        new Misfit("Cannot stretch [20, 6] to [20, 7]", () -> TOKENS.broadcast(Shape.of(20, 7))),
        new Misfit("Cannot stretch [20, 6] to [6]", () -> TOKENS.broadcast(Shape.of(6))),
        new Misfit(
            "Cannot reshape [20, 6] to [7, 17]: 120 elements do not fit 119",
            () -> TOKENS.reshape(7, 17)),
        new Misfit("Cannot permute [5, 4, 6] by [0, 1, 1]", () -> GRID.permute(0, 1, 1)),
        new Misfit("Cannot permute [5, 4, 6] by [1, 0]", () -> GRID.permute(1, 0)),
        new Misfit("Cannot slice 3 to 7 of axis 2 of [5, 4, 6]", () -> GRID.slice(-1, 3, 7)),
        new Misfit("Cannot slice 3 to 3 of axis 0 of [5, 4, 6]", () -> GRID.slice(0, 3, 3)),
        new Misfit("Shape [20, 6] has no axis 2", () -> TOKENS.slice(2, 0, 1)),
        new Misfit("Shape [20, 6] has no axis -3", () -> TOKENS.sum(-3)),
        new Misfit(
            "Cannot concatenate [20, 6] and [19, 6] along axis 1",
            () -> Tensor.concatenate(-1, TOKENS, Expression.input(19, 6))),
        new Misfit("Cannot pad [20, 6] by -1 and 2", () -> TOKENS.pad(0, -1, 2)),
        new Misfit(
            "Rational function of [20, 6] cannot use a [6] and b [4, 4]",
            () -> TOKENS.rational(Expression.parameter(6), Expression.parameter(4, 4))),
        new Misfit(
            "Rational function needs coefficients that all examples share, "
                + "got [batch] Input[name=x][2] and [batch] Input[name=y][3, 4]",
            () -> TOKENS.rational(Expression.input(2), Expression.other(3, 4))),
        new Misfit(
            "Cross-entropy of [20, 6] needs targets of that shape, got [6]",
            () -> TOKENS.crossEntropy(Expression.input(6), 0)),
        new Misfit(
            "Constant of shape [2, 3] needs 6 values, got 2",
            () -> Tensor.constant(Values.of(1, 2), 2, 3)),
        new Misfit("Drop rate must be in [0, 1), got 1.0", () -> Tensor.keepMask(1, 3)),
        new Misfit("Drop rate must be in [0, 1), got NaN", () -> Tensor.keepMask(Double.NaN, 3)));
  }

  @ParameterizedTest
  @MethodSource("misfits")
  void whatDoesNotFitIsRefusedByName(Misfit misfit) {
    assertThatThrownBy(misfit.description()::get)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(misfit.message());
  }

  @Test
  void whatChangesNothingMakesNoTensor() {
    assertThat(TOKENS.reshape(20, 6)).isSameAs(TOKENS);
    assertThat(TOKENS.slice(0, 0, 20)).isSameAs(TOKENS);
    assertThat(TOKENS.pad(0, 0, 0)).isSameAs(TOKENS);
    assertThat(TOKENS.forEachExample()).isSameAs(TOKENS);
  }

  @Test
  void whatFollowsFromAnExampleIsBatched() {
    Tensor weight = Expression.parameter(6, 6);

    assertThat(weight.matmul(weight).softmax().batched()).isFalse();
    assertThat(TOKENS.matmul(weight).batched()).isTrue();
    assertThat(weight.forEachExample().batched()).isTrue();
    assertThat(Tensor.concatenate(0, weight, TOKENS).operands()).allMatch(Tensor::batched);
  }

  @Test
  void operandsComeBeforeTheirUsersAndOnlyOnce() {
    Tensor exp = TOKENS.apply(Function.EXP);
    Tensor twice = exp.plus(exp);
    Tensor output = twice.times(TOKENS);

    assertThat(output.inOrder()).containsExactly(TOKENS, exp, twice, output);
    assertThat(Tensor.inOrder(List.of(exp, output))).containsExactly(TOKENS, exp, twice, output);
  }

  @Test
  void linearLayersHaveADecayedWeightAndABiasThatIsNot() {
    var parameters = Parameters.of(List.of(TOKENS.linear(3))).tensors();

    assertThat(parameters).extracting(Tensor::shape).containsExactly(Shape.of(6, 3), Shape.of(3));
    assertThat(parameters)
        .extracting(parameter -> ((Op.Parameter) parameter.op()).decayed())
        .containsExactly(true, false);
  }

  @Test
  void saysWhatItIs() {
    assertThat(TOKENS.times(2)).hasToString("[batch] Affine[scale=2.0, shift=0.0][20, 6]");
  }
}
