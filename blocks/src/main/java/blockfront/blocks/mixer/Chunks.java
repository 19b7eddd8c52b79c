package blockfront.blocks.mixer;

import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import blockfront.blocks.spi.Knob;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A sequence cut into pieces of one length, so that a recurrence runs from piece to piece and
 * everything within a piece is a matrix product.
 *
 * @param tokens how many there are
 * @param count of pieces
 * @param size tokens of a piece; the last is filled up with zeros
 */
record Chunks(int tokens, int count, int size) {

  static final Knob<Integer> CHUNK =
      Knob.integer(
          "chunk",
          "tokens that are computed at once; changes the cost and nothing else",
          16,
          1,
          4096,
          16);

  static final Knob<Integer> HEADS = Knob.integer("heads", "heads", 4, 1, 256, 1, 2, 4, 8);

  /** As few pieces as their greatest length allows, and as equal. */
  static Chunks of(int tokens, int longest) {
    int count = Math.ceilDiv(tokens, longest);
    return new Chunks(tokens, count, Math.ceilDiv(tokens, count));
  }

  /** The most heads, up to the wanted, that all widths can be cut into; a repair is told. */
  static int heads(int wanted, int... widths) {
    int heads = fitting(wanted, widths);
    if (heads != wanted) {
      Scope.repaired(
          "%d heads do not divide %s channels; used %d"
              .formatted(
                  wanted,
                  String.join(
                      " and ",
                      Arrays.stream(widths).distinct().mapToObj(Integer::toString).toList()),
                  heads));
    }
    return heads;
  }

  private static int fitting(int wanted, int... widths) {
    return IntStream.rangeClosed(1, wanted)
        .filter(each -> Arrays.stream(widths).allMatch(width -> width % each == 0))
        .max()
        .orElseThrow();
  }

  /** Numbers of a state of keys and values, for all of as many heads as fit. */
  static long state(int wanted, int keys, int values) {
    return (long) keys * values / fitting(wanted, keys, values);
  }

  /** A share of the channels, at least one. */
  static int width(int channels, double ratio) {
    return Math.max(1, (int) Math.round(ratio * channels));
  }

  /** {@code [tokens, heads width] -> [count heads, size, width]}. */
  Tensor split(Tensor x, int heads) {
    int width = x.shape().size(1) / heads;
    Tensor filled = x.pad(0, 0, count * size - tokens).reshape(count, size, heads, width);
    return (heads == 1 ? filled : filled.permute(0, 2, 1, 3)).reshape(count * heads, size, width);
  }

  /** {@code [count heads, size, width] -> [tokens, heads width]}: undoes {@link #split}. */
  Tensor join(Tensor x, int heads) {
    int width = x.shape().size(2);
    Tensor apart = x.reshape(count, heads, size, width);
    return (heads == 1 ? apart : apart.permute(0, 2, 1, 3))
        .reshape(count * size, heads * width)
        .slice(0, 0, tokens);
  }

  /** The part of one chunk: {@code [count heads, ..] -> [heads, ..]}. */
  Tensor chunk(Tensor x, int index) {
    int heads = x.shape().size(0) / count;
    return x.slice(0, index * heads, (index + 1) * heads);
  }

  /** Tokens in the opposite order. */
  static Tensor reversed(Tensor x) {
    int tokens = x.shape().size(0);
    return x.select(0, IntStream.range(0, tokens).map(i -> tokens - 1 - i).boxed().toList());
  }

  /** Ones at and below the diagonal {@code offset} lower than the main one, zeros above. */
  static Values lower(int size, int offset) {
    return Values.of(size * size, i -> i / size - offset >= i % size ? 1 : 0);
  }

  /** Sums over a token and those before it in its chunk: {@code x[.., size, width]}. */
  Tensor runningSum(Tensor x) {
    return sum(lower(size, 0)).matmul(x);
  }

  /** A constant that adds tokens of a chunk up. */
  Tensor sum(Values ones) {
    return Tensor.constant(Op.Purpose.SUM, ones, size, size);
  }

  /** Keeps of products of all tokens of a chunk those with itself and with earlier ones. */
  Tensor causal(Tensor pairs) {
    return pairs.times(Tensor.constant(lower(size, 0), size, size));
  }
}
