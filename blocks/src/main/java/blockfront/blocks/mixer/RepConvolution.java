package blockfront.blocks.mixer;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import blockfront.blocks.graph.Window;
import blockfront.blocks.spi.Normed;
import blockfront.blocks.spi.TimeSteps;

/**
 * A linear layer, a batch norm, a depthwise convolution of 3x3, a linear layer and a batch norm,
 * which answer as one convolution of 3x3 with a bias.
 *
 * <p>They can be folded since the convolution is not padded with 0 but with what the first norm
 * makes of 0. (<a href="https://arxiv.org/abs/2404.03663">Yao et al., 2024</a>.)
 */
final class RepConvolution {

  private static final double EPSILON = 1e-5;
  private static final double MOMENTUM = 0.1;
  private static final int SIZE = 3;

  private RepConvolution() {}

  /** Over a train {@code [steps, height, width, channels]}, which keeps its shape. */
  static Tensor of(Tensor train) {
    int channels = train.shape().size(3);
    Tensor spread = Scope.in("expand", () -> train.linear(channels, Normed.start(channels)));
    Tensor padded = Scope.in("norm", () -> normedAndPadded(spread));
    Tensor local =
        Scope.in(
            "local",
            () ->
                TimeSteps.convolve(
                    padded,
                    Tensor.weight("weight", Normed.start(SIZE * SIZE), SIZE, SIZE, 1, channels),
                    Window.square(SIZE, 1, 0),
                    channels));
    return Scope.in("contract", () -> Normed.linear(local, channels, false));
  }

  private static Tensor normedAndPadded(Tensor x) {
    int channels = x.shape().size(3);
    Tensor gain = Tensor.offset("gain", Init.ONES, channels);
    Tensor bias = Tensor.offset("bias", Init.ZEROS, channels);
    Tensor mean = Tensor.statistic("mean", Init.ZEROS, channels);
    Tensor variance = Tensor.statistic("variance", Init.ONES, channels);
    Tensor factor = gain.dividedBy(variance.plus(EPSILON).apply(Function.SQRT));
    Tensor ofZero = bias.minus(mean.times(factor));
    Tensor normed =
        Scope.training()
            ? x.batchNormalise(EPSILON, MOMENTUM, gain, bias, mean, variance)
            : x.times(factor).plus(ofZero);
    Tensor padded = normed.pad(1, 1, 1).pad(2, 1, 1);
    // the rim first: it is made of what passes before this one have gathered
    return rim(padded.shape()).times(ofZero).plus(padded);
  }

  /** 1 in the outermost rows and columns of a grid, else 0. */
  private static Tensor rim(Shape train) {
    int height = train.size(1);
    int width = train.size(2);
    Values values =
        Values.of(
            height * width,
            i -> {
              int row = i / width;
              int column = i % width;
              boolean outer = row == 0 || row == height - 1 || column == 0 || column == width - 1;
              return outer ? 1 : 0;
            });
    return Tensor.constant(values, height, width, 1);
  }
}
