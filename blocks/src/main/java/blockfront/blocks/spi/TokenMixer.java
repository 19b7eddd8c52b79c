package blockfront.blocks.spi;

import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;

/** A layer that lets tokens exchange information. */
public non-sealed interface TokenMixer extends Block {

  @Override
  default Role role() {
    return Role.TOKEN_MIXER;
  }

  @Override
  default Category category() {
    return Category.TOKEN_MIXER;
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

  /**
   * How many numbers of the tokens before the layer has to keep, if tokens come one at a time and
   * all but the last have come: all of them, unless it knows better.
   *
   * @param tokens the shape of all tokens
   */
  default long state(Shape tokens, Setting setting) {
    return traits().mixes() == Traits.Mixing.NONE ? 0 : tokens.elements();
  }

  /** Whether the layer it is in has one norm for both branches, as its paper's code has. */
  default boolean sharesNorm(Setting setting) {
    return false;
  }
}
