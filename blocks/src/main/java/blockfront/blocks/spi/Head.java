package blockfront.blocks.spi;

import blockfront.blocks.graph.Tensor;
import java.util.function.UnaryOperator;

/** Reads the answer off the tokens. */
public non-sealed interface Head extends Block {

  @Override
  default Role role() {
    return Role.HEAD;
  }

  @Override
  default Category category() {
    return Category.HEAD;
  }

  /** Adds what the head needs to the tokens of the stem, such as a class token; mostly nothing. */
  default Tensor prepare(Tensor x, Setting setting) {
    return x;
  }

  /**
   * Describes the head.
   *
   * @param x the tokens after the last stage
   * @param norm the network's last normalisation, applied by the head once, where its paper does
   * @return one logit a class, {@code [classes]}
   */
  Tensor read(Tensor x, UnaryOperator<Tensor> norm, int classes, Setting setting);

  /** Whether it answers at each token, {@code [tokens, classes]}, and not once. */
  default boolean answersEachToken() {
    return false;
  }

  /**
   * As {@link #read}, where the stem embeds tokens.
   *
   * @param table the embedding {@code [vocabulary, width]}, for heads that use it again
   */
  default Tensor read(
      Tensor x, UnaryOperator<Tensor> norm, int classes, Tensor table, Setting setting) {
    return read(x, norm, classes, setting);
  }
}
