package blockfront.blocks.spi;

import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * Rotary positions: channels turned by pairs, by an angle that grows with the place, so that
 * products of two tokens depend on how far they are apart only.
 *
 * <p>(<a href="https://arxiv.org/abs/2104.09864">Su et al., 2021</a>.) Of {@code n} channels that
 * turn, channel {@code i} and channel {@code i + n/2} are the pair with angle {@code place
 * 10000^(-2i/n)}.
 */
public final class Rotary {

  private static final double BASE = 10_000;

  private Rotary() {}

  /**
   * Turns tokens by their place in a sequence.
   *
   * @param x any shape whose last axis is the channels
   * @param axis of the tokens
   * @param turning how many channels turn, the first ones; of an odd number, one fewer
   */
  public static Tensor sequence(Tensor x, int axis, int turning) {
    return turn(x, axis, turning / 2 * 2, 0, token -> token);
  }

  /**
   * Turns tokens by their place on a grid, read row by row: half of the channels by the row and
   * half by the column.
   *
   * @param x any shape whose last axis is the channels
   * @param axis of the tokens
   * @param columns of the grid
   */
  public static Tensor grid(Tensor x, int axis, int columns) {
    int half = x.shape().size(-1) / 4 * 2;
    Tensor byRow = turn(x, axis, half, 0, token -> token / columns);
    return turn(byRow, axis, half, half, token -> token % columns);
  }

  private static Tensor turn(Tensor x, int axis, int turning, int from, IntUnaryOperator place) {
    if (turning == 0) {
      return x;
    }
    int tokens = x.shape().size(axis);
    int channels = x.shape().size(-1);
    int half = turning / 2;
    List<Integer> partners =
        IntStream.range(0, channels)
            .map(
                i -> {
                  int at = i - from;
                  return at < 0 || at >= turning ? i : at < half ? i + half : i - half;
                })
            .boxed()
            .toList();
    var cosines = new double[tokens * channels];
    var sines = new double[tokens * channels];
    Arrays.fill(cosines, 1);
    for (int token = 0; token < tokens; token++) {
      for (int i = 0; i < turning; i++) {
        double angle = place.applyAsInt(token) * Math.pow(BASE, -2.0 * (i % half) / turning);
        cosines[token * channels + from + i] = Math.cos(angle);
        sines[token * channels + from + i] = i < half ? -Math.sin(angle) : Math.sin(angle);
      }
    }
    var sizes = new int[x.shape().rank() - axis];
    Arrays.fill(sizes, 1);
    sizes[0] = tokens;
    sizes[sizes.length - 1] = channels;
    return x.times(Tensor.constant(Values.of(cosines), sizes))
        .plus(x.select(-1, partners).times(Tensor.constant(Values.of(sines), sizes)));
  }
}
