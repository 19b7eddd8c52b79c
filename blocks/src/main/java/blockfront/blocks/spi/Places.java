package blockfront.blocks.spi;

import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import java.util.function.Supplier;

/**
 * What attention is told of the places of its tokens by the {@link Position} of the network.
 *
 * <p>A mixer that is described alone is told nothing. Owned by the thread that describes.
 *
 * @param tokens the shape of the tokens that the layer gets
 */
public record Places(Position position, Setting setting, Shape tokens) {

  private static final ScopedValue<Places> CURRENT = ScopedValue.newInstance();

  /** Describes a layer whose attention is told of places. */
  public <T> T tell(Supplier<T> description) {
    return ScopedValue.where(CURRENT, this).call(description::get);
  }

  /** Queries or keys {@code [heads, tokens, channels]} as the position turns them. */
  public static Tensor turned(Tensor x) {
    return CURRENT.isBound() && CURRENT.get().fits(x) ? CURRENT.get().turn(x) : x;
  }

  /** Scores {@code [heads, tokens, tokens]} as the position changes them. */
  public static Tensor biased(Tensor scores) {
    return CURRENT.isBound() && CURRENT.get().fits(scores) ? CURRENT.get().bias(scores) : scores;
  }

  /** Attention within windows or groups has other tokens than the layer. */
  private boolean fits(Tensor x) {
    return x.shape().size(1) == Tokens.count(tokens);
  }

  private Tensor turn(Tensor x) {
    return position.turn(x, tokens, setting);
  }

  private Tensor bias(Tensor scores) {
    return position.bias(scores, tokens, setting);
  }
}
