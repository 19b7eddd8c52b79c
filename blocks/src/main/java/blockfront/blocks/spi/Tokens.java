package blockfront.blocks.spi;

import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import java.util.stream.IntStream;

/** What many blocks do to tokens before they start. */
public final class Tokens {

  private Tokens() {}

  /** Tokens as a sequence {@code [tokens, channels]}, a grid row by row. */
  public static Tensor sequence(Tensor x) {
    Shape shape = x.shape();
    return switch (shape.rank()) {
      case 2 -> x;
      case 3 -> x.reshape(shape.size(0) * shape.size(1), shape.size(2));
      default ->
          throw new IllegalArgumentException(
              "Tokens are [height, width, channels] or [tokens, channels], got " + shape);
    };
  }

  /** How many tokens a grid or a sequence has. */
  public static int count(Shape tokens) {
    return Math.toIntExact(tokens.elements() / tokens.size(-1));
  }

  /**
   * Tokens that must lie on a grid.
   *
   * @throws IllegalArgumentException if they do not; it starts with the actor
   */
  public static Tensor grid(String actor, Tensor x) {
    if (x.shape().rank() != 3) {
      throw new IllegalArgumentException(
          "%s needs a grid [height, width, channels], got %s".formatted(actor, x.shape()));
    }
    return x;
  }

  /** The greatest number of equal groups of channels that is at most the wanted one. */
  public static int largestDivisor(int channels, int atMost) {
    return IntStream.rangeClosed(1, Math.min(atMost, channels))
        .filter(groups -> channels % groups == 0)
        .max()
        .orElseThrow();
  }
}
