package blockfront.blocks.spi;

import blockfront.blocks.graph.Tensor;

/** Tells tokens where they are, once, before the first stage. */
public non-sealed interface Position extends Block {

  @Override
  default Category category() {
    return Category.POSITION;
  }

  /** Describes the layer; the shape stays. */
  Tensor locate(Tensor x, Setting setting);
}
