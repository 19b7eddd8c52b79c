package blockfront.blocks.spi;

import blockfront.blocks.graph.Tensor;

/** Turns what enters the network into tokens. */
public non-sealed interface Stem extends Block {

  @Override
  default Category category() {
    return Category.STEM;
  }

  /**
   * Describes the layer.
   *
   * @param input an image {@code [height, width, channels]}
   * @param width channels of a token
   * @return a token grid {@code [height, width, channels]}
   */
  Tensor embed(Tensor input, int width, Setting setting);
}
