package blockfront.blocks.mixer;

import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import blockfront.blocks.spi.Places;
import blockfront.blocks.spi.Tokens;

/**
 * Queries, keys and values of several heads, {@code [heads, tokens, channels of a head]} each, made
 * as in plain attention.
 *
 * @param tokens what they were made of, {@code [tokens, channels]}
 */
record Heads(Tensor tokens, Tensor query, Tensor key, Tensor value) {

  /** Of one linear layer; as many heads as divide the channels. */
  static Heads of(Tensor x, int headDim, boolean bias) {
    Tensor tokens = Tokens.sequence(x);
    int channels = tokens.shape().size(1);
    int heads = count(channels, headDim);
    Tensor qkv =
        Scope.in(
            "qkv",
            () ->
                bias
                    ? tokens.linear(3 * channels)
                    : tokens.linear(3 * channels, Init.TRUNCATED_NORMAL_002));
    return new Heads(
        tokens,
        split(qkv.slice(1, 0, channels), heads),
        split(qkv.slice(1, channels, 2 * channels), heads),
        split(qkv.slice(1, 2 * channels, 3 * channels), heads));
  }

  /** The largest number of equal heads not above what the wanted size gives; a repair is told. */
  static int count(int channels, int headDim) {
    int wanted = Math.max(1, channels / headDim);
    int heads = Tokens.largestDivisor(channels, wanted);
    if (heads * headDim != channels) {
      Scope.repaired(
          "Heads of %d channels do not divide %d channels; used %d of %d"
              .formatted(headDim, channels, heads, channels / heads));
    }
    return heads;
  }

  static Tensor split(Tensor x, int heads) {
    int tokens = x.shape().size(0);
    return x.reshape(tokens, heads, x.shape().size(1) / heads).permute(1, 0, 2);
  }

  static Tensor join(Tensor x) {
    int tokens = x.shape().size(1);
    return x.permute(1, 0, 2).reshape(tokens, x.shape().size(0) * x.shape().size(2));
  }

  int count() {
    return query.shape().size(0);
  }

  /** Scaled products of queries and keys, {@code [heads, tokens, tokens]}. */
  Tensor scores(boolean causal) {
    double scale = 1 / Math.sqrt(query.shape().size(2));
    Tensor scores =
        Places.biased(Places.turned(query.times(scale)).matmulTransposed(Places.turned(key)));
    return causal ? scores.plus(later(scores.shape().size(1))) : scores;
  }

  /** Minus infinity where the key is later than the query. */
  static Tensor later(int tokens) {
    return Tensor.constant(
        Values.of(tokens * tokens, i -> i % tokens > i / tokens ? Double.NEGATIVE_INFINITY : 0),
        tokens,
        tokens);
  }
}
