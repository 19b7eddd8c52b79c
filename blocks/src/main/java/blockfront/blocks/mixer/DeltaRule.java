package blockfront.blocks.mixer;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.SequenceConvolution;
import blockfront.blocks.spi.Setting;
import java.util.ArrayList;
import java.util.Optional;

/**
 * {@code S_t = decay_t (I - beta_t k_t k_t') S_{t-1} + beta_t k_t v_t'}, read as {@code o_t = q_t
 * S_t}: a state that is corrected towards each new value instead of only added to.
 *
 * <p>Described chunk by chunk (<a href="https://arxiv.org/abs/2406.06484">Yang et al., 2024</a>,
 * section 3): the corrections of a chunk are the solution of a triangular system, all chunks at
 * once; only what meets the state runs from chunk to chunk.
 */
final class DeltaRule {

  static final Knob<Boolean> NEGATIVE =
      Knob.flag(
          "negative_eigenvalues",
          "whether beta goes up to 2, so that a state can be turned round",
          false);

  /** Added to the squared length of keys and queries, so that zeros stay zeros. */
  private static final double EPSILON = 1e-6;

  private DeltaRule() {}

  /**
   * Describes the rule.
   *
   * @param query {@code [tokens, heads width]}, as key and value
   * @param beta how far a value is corrected, {@code [tokens, heads]}
   * @param decay logarithms {@code [tokens, heads]}, at most 0; none if absent
   */
  static LinearRecurrence.Read of(
      Tensor query,
      Tensor key,
      Tensor value,
      Tensor beta,
      Optional<Tensor> decay,
      int heads,
      int longest) {
    Chunks chunks = Chunks.of(query.shape().size(0), longest);
    Tensor q = chunks.split(query, heads);
    Tensor k = chunks.split(key, heads);
    Tensor rate = chunks.split(beta, heads); // [count heads, size, 1]
    Optional<LinearRecurrence.HeadDecay> faded =
        decay.map(each -> LinearRecurrence.HeadDecay.of(chunks, each, heads));
    Tensor scaled = k.times(rate);
    Tensor inverse = TriangularInverse.of(pairs(chunks, scaled.matmulTransposed(k), faded, 1));
    Tensor values = inverse.matmul(chunks.split(value, heads).times(rate));
    Tensor keys = inverse.matmul(faded.map(each -> scaled.times(each.sinceStart())).orElse(scaled));
    Tensor within = pairs(chunks, q.matmulTransposed(k), faded, 0);
    Tensor leaving = faded.map(each -> k.times(each.untilEnd())).orElse(k);
    Optional<Tensor> whole = faded.map(LinearRecurrence.HeadDecay::whole);

    var corrections = new ArrayList<Tensor>();
    var states = new ArrayList<Tensor>();
    Optional<Tensor> state = Optional.empty();
    for (int i = 0; i < chunks.count(); i++) {
      int chunk = i;
      state.ifPresent(states::add);
      Tensor wanted = chunks.chunk(values, i);
      Tensor correction =
          state.map(s -> wanted.minus(chunks.chunk(keys, chunk).matmul(s))).orElse(wanted);
      corrections.add(correction);
      Tensor added = chunks.chunk(leaving, i).transposedMatmul(correction);
      Optional<Tensor> kept =
          state.map(s -> whole.map(factor -> s.times(chunks.chunk(factor, chunk))).orElse(s));
      state = Optional.of(kept.map(s -> s.plus(added)).orElse(added));
    }
    Tensor output = within.matmul(Tensor.concatenate(0, corrections.toArray(Tensor[]::new)));
    if (!states.isEmpty()) {
      Tensor reading = faded.map(each -> q.times(each.sinceStart())).orElse(q);
      Tensor read =
          reading
              .slice(0, heads, q.shape().size(0))
              .matmul(Tensor.concatenate(0, states.toArray(Tensor[]::new)));
      output = output.plus(read.pad(0, heads, 0));
    }
    return new LinearRecurrence.Read(chunks.join(output, heads), state.orElseThrow());
  }

  /** Products of tokens with those at least {@code offset} earlier, faded since. */
  private static Tensor pairs(
      Chunks chunks, Tensor products, Optional<LinearRecurrence.HeadDecay> decay, int offset) {
    Tensor factors =
        decay
            .map(each -> each.pairs(offset))
            .orElseGet(
                () ->
                    Tensor.constant(
                        Chunks.lower(chunks.size(), offset), chunks.size(), chunks.size()));
    return products.times(factors);
  }

  /** Channels of all keys and of all values. */
  record Widths(int keys, int values) {

    static Widths of(int channels, double keyRatio, double valueRatio) {
      return new Widths(Chunks.width(channels, keyRatio), Chunks.width(channels, valueRatio));
    }

    /** Numbers kept from token to token: the state, and what the convolutions look back to. */
    long state(Setting setting) {
      return Chunks.state(setting.of(Chunks.HEADS), keys, values) + 3L * (2 * keys + values);
    }

    int heads(Setting setting) {
      return Chunks.heads(setting.of(Chunks.HEADS), keys, values);
    }
  }

  /**
   * What tokens read from the state that they write, normalised for each head, {@code [tokens,
   * values]}.
   *
   * @param decay logarithms {@code [tokens, heads]}, at most 0; none if absent
   */
  static Tensor read(Tensor tokens, Widths widths, Optional<Tensor> decay, Setting setting) {
    int heads = widths.heads(setting);
    Tensor query = project("query", tokens, widths.keys());
    Tensor key = project("key", tokens, widths.keys());
    Tensor value = project("value", tokens, widths.values());
    LinearRecurrence.Read read =
        of(
            normalised(query, heads, 1 / Math.sqrt((double) widths.keys() / heads)),
            normalised(key, heads, 1),
            value,
            rate(tokens, heads, setting.of(NEGATIVE)),
            decay,
            heads,
            setting.of(Chunks.CHUNK));
    return Gates.normalised(read.output(), heads);
  }

  /** A linear layer, a convolution over the last four tokens, SiLU. */
  static Tensor project(String name, Tensor tokens, int width) {
    Init start = new Init.Normal(0.02);
    return Scope.in(
        name,
        () -> {
          Tensor projected = tokens.linear(width, start);
          return Scope.in("conv", () -> SequenceConvolution.causal(projected, 4, start))
              .apply(Function.SILU);
        });
  }

  /** Each head's part of each token brought to a length. */
  static Tensor normalised(Tensor x, int heads, double length) {
    int width = x.shape().size(1) / heads;
    Tensor gain = Tensor.constant(Values.of(width, _ -> length / Math.sqrt(width)), width);
    return x.reshape(x.shape().size(0), heads, width)
        .normalise(Op.Extent.CHANNELS, false, EPSILON / width, gain)
        .reshape(x.shape());
  }

  /** How far values are corrected, {@code [tokens, heads]}. */
  static Tensor rate(Tensor tokens, int heads, boolean negative) {
    Tensor rate =
        Scope.in("beta", () -> tokens.linear(heads, new Init.Normal(0.02))).apply(Function.SIGMOID);
    return negative ? rate.times(2) : rate;
  }
}
