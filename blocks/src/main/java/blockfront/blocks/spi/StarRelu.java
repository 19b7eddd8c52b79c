package blockfront.blocks.spi;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Tensor;

/**
 * {@code s relu(x)² + b} with one learned s and one learned b.
 *
 * <p>(<a href="https://arxiv.org/abs/2210.13452">Yu et al., 2022</a>.)
 */
public final class StarRelu {

  private StarRelu() {}

  public static Tensor of(Tensor x) {
    return x.apply(Function.RELU)
        .apply(Function.SQUARE)
        .times(Tensor.offset("scale", Init.ONES, 1))
        .plus(Tensor.offset("bias", Init.ZEROS, 1));
  }
}
