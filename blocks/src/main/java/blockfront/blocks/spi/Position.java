package blockfront.blocks.spi;

import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;

/**
 * Tells tokens where they are: once, before the first stage, or in every attention, which asks
 * {@link Places}.
 */
public non-sealed interface Position extends Block {

  @Override
  default Role role() {
    return Role.POSITION;
  }

  @Override
  default Category category() {
    return Category.POSITION;
  }

  /** Describes the layer; the shape stays. */
  Tensor locate(Tensor x, Setting setting);

  /**
   * Turns the queries or the keys of an attention by their places; leaves them alone unless this is
   * what the position does.
   *
   * @param x {@code [heads, tokens, channels]}
   * @param tokens the shape of the tokens, a grid or a sequence
   */
  default Tensor turn(Tensor x, Shape tokens, Setting setting) {
    return x;
  }

  /**
   * Changes the scores of an attention by how its tokens lie to each other; leaves them alone
   * unless this is what the position does.
   *
   * @param scores {@code [heads, tokens, tokens]}
   * @param tokens the shape of the tokens, a grid or a sequence
   */
  default Tensor bias(Tensor scores, Shape tokens, Setting setting) {
    return scores;
  }
}
