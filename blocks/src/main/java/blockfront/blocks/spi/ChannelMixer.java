package blockfront.blocks.spi;

import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;

/** A layer that lets the channels of a token exchange information. */
public non-sealed interface ChannelMixer extends Block {

  @Override
  default Role role() {
    return Role.CHANNEL_MIXER;
  }

  @Override
  default Category category() {
    return Category.CHANNEL_MIXER;
  }

  /**
   * Describes the layer.
   *
   * @param x a token grid {@code [height, width, channels]} or a sequence {@code [tokens,
   *     channels]}
   * @param setting of {@link #knobs()}
   * @return tokens of the same shape; the residual is the wrapper's
   * @throws IllegalArgumentException if {@code x} cannot be mixed so, saying why
   */
  Tensor mix(Tensor x, Setting setting);

  /** As {@link TokenMixer#state}. */
  default long state(Shape tokens, Setting setting) {
    return traits().mixes() == Traits.Mixing.NONE ? 0 : tokens.elements();
  }
}
