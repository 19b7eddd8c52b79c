package blockfront.blocks.spi;

import blockfront.blocks.graph.Tensor;

/** Brings the size of activations to a standard. */
public non-sealed interface Norm extends Block {

  @Override
  default Role role() {
    return Role.NORM;
  }

  @Override
  default Category category() {
    return Category.NORM;
  }

  /** Describes the layer; any shape whose last axis is the channels. */
  Tensor normalise(Tensor x, Setting setting);
}
