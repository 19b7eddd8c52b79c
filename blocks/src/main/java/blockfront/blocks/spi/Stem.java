package blockfront.blocks.spi;

import blockfront.blocks.graph.Tensor;

/** Turns what enters the network into tokens. */
public non-sealed interface Stem extends Block {

  @Override
  default Role role() {
    return Role.STEM;
  }

  @Override
  default Category category() {
    return Category.STEM;
  }

  /**
   * Describes the layer.
   *
   * @param input an image {@code [height, width, channels]} or vectors {@code [length, channels]}
   * @param width channels of a token
   * @return a token grid {@code [height, width, channels]}, of vectors tokens {@code [length,
   *     channels]}
   * @throws IllegalArgumentException if this is not what the stem is for, saying so
   */
  Tensor embed(Tensor input, int width, Setting setting);

  /**
   * Describes the layer for tokens of a vocabulary.
   *
   * @param tokens whole numbers {@code [length]}
   * @param vocabulary how many different ones there are
   * @param width channels of a token
   * @return tokens {@code [length, channels]}
   * @throws IllegalArgumentException if this is not what the stem is for, saying so
   */
  default Tensor embed(Tensor tokens, int vocabulary, int width, Setting setting) {
    throw new IllegalArgumentException(
        "Stem '%s' embeds no tokens of a vocabulary, got %s of %d"
            .formatted(id(), tokens.shape(), vocabulary));
  }
}
