package blockfront.blocks.spi;

import blockfront.blocks.graph.Tensor;

/** Goes from one stage to the next: fewer tokens, more channels. */
public non-sealed interface Downsampling extends Block {

  @Override
  default Role role() {
    return Role.DOWNSAMPLING;
  }

  @Override
  default Category category() {
    return Category.STEM;
  }

  /**
   * Describes the layer.
   *
   * @param x a token grid {@code [height, width, channels]}
   * @param width channels of the result
   */
  Tensor reduce(Tensor x, int width, Setting setting);
}
