package blockfront.blocks.spi;

import blockfront.blocks.graph.Tensor;

/** How the layers of a stage are put together: one after another, in loops, in groups of tokens. */
public non-sealed interface Layout extends Block {

  @Override
  default Role role() {
    return Role.LAYOUT;
  }

  @Override
  default Category category() {
    return Category.LAYOUT;
  }

  /**
   * Describes the stage.
   *
   * @param x tokens of the stage's width
   * @return tokens of that width, mostly as many
   */
  Tensor arrange(Tensor x, Layers layers, Setting setting);

  /** The layers of a stage. */
  interface Layers {

    int count();

    /**
     * Applies a layer, from 0; applied again, it has the same parameters.
     *
     * @return tokens of the same shape
     */
    Tensor apply(int layer, Tensor x);
  }
}
