package blockfront.blocks.mixer;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code s_t = f_t s_{t-1} + (1 - f_t) SiLU(x I)} for each channel, with {@code f = b + (1 - b)
 * sigmoid(x F)}; the state, normalised, is gated by {@code SiLU(x G)}. The bound b grows from layer
 * to layer.
 */
@AutoService(TokenMixer.class)
public final class GatedRecurrence implements TokenMixer {

  public static final Knob<Integer> CHUNK = Chunks.CHUNK;

  private static final Init START = new Init.Normal(0.02);

  @Override
  public String id() {
    return "hgrn";
  }

  @Override
  public String title() {
    return "Gated recurrence";
  }

  @Override
  public String summary() {
    return "Each channel is a running mean of its own: what a token keeps of the past, it does not "
        + "take of itself. No keys and queries; later layers forget more slowly.";
  }

  @Override
  public String family() {
    return "Linear attention";
  }

  @Override
  public Source source() {
    return new Source(
        "Hierarchically Gated Recurrent Neural Network for Sequence Modeling",
        "Qin et al.",
        2023,
        "https://arxiv.org/abs/2311.04823");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.ALWAYS, Traits.Layout.BOTH, "O(N)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(CHUNK);
  }

  @Override
  public long state(Shape tokens, Setting setting) {
    return tokens.size(-1);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Tensor tokens = Tokens.sequence(x);
    int channels = tokens.shape().size(1);
    Tensor opened =
        Scope.in("forget", () -> tokens.linear(channels, START)).apply(Function.SIGMOID);
    Tensor forget = Gates.above(Gates.lowerBound(channels), opened);
    Tensor content = Scope.in("value", () -> tokens.linear(channels, START)).apply(Function.SILU);
    Tensor state = recurrence(forget, content.times(forget.times(-1).plus(1)), setting.of(CHUNK));
    Tensor normed = Gates.normalisedPlainly(state, 1);
    Tensor gate = Scope.in("gate", () -> tokens.linear(channels, START)).apply(Function.SILU);
    return Scope.in("out", () -> normed.times(gate).linear(channels, START)).reshape(x.shape());
  }

  /**
   * {@code s_t = factor_t s_{t-1} + added_t}, all {@code [tokens, channels]}: within a chunk by
   * doubling what each token has gathered, then from chunk to chunk. Nothing but products of
   * factors is made, which cannot grow.
   */
  static Tensor recurrence(Tensor factor, Tensor added, int longest) {
    Chunks chunks = Chunks.of(factor.shape().size(0), longest);
    int size = chunks.size();
    Tensor kept = chunks.split(factor, 1); // [chunks, size, channels]
    Tensor state = chunks.split(added, 1);
    for (int distance = 1; distance < size; distance *= 2) {
      int before = distance;
      state = state.plus(kept.times(earlier(state, before)));
      Tensor ones = Tensor.constant(Values.of(size, i -> i < before ? 1 : 0), size, 1);
      kept = kept.times(earlier(kept, before).plus(ones));
    }
    if (chunks.count() > 1) {
      var carried = new ArrayList<Tensor>();
      Tensor last = end(state, chunks, 0);
      carried.add(last);
      for (int i = 1; i < chunks.count() - 1; i++) {
        last = end(kept, chunks, i).times(last).plus(end(state, chunks, i));
        carried.add(last);
      }
      Tensor before = Tensor.concatenate(0, carried.toArray(Tensor[]::new)).pad(0, 1, 0);
      state = state.plus(kept.times(before));
    }
    return chunks.join(state, 1);
  }

  /** Of each token, the one so far before it in its chunk; zeros before the first. */
  private static Tensor earlier(Tensor x, int distance) {
    return x.slice(1, 0, x.shape().size(1) - distance).pad(1, distance, 0);
  }

  /** The last token of a chunk, {@code [1, 1, channels]}. */
  private static Tensor end(Tensor x, Chunks chunks, int chunk) {
    return chunks.chunk(x, chunk).slice(1, chunks.size() - 1, chunks.size());
  }
}
