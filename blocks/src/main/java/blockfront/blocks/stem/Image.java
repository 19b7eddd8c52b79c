package blockfront.blocks.stem;

import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Traits;

/** What all stems and downsamplings share: neighbouring pixels of a grid are brought together. */
final class Image {

  static final Traits TRAITS =
      new Traits(
          Traits.Mixing.LOCAL, Traits.Causality.NEVER, Traits.Layout.GRID, "O(N)", true, false);

  private Image() {}

  /** A layer norm with gains but without biases. */
  static Tensor centred(Tensor x) {
    return x.normalise(
        Op.Extent.CHANNELS, true, 1e-6, Tensor.offset("gain", Init.ONES, x.shape().size(-1)));
  }
}
