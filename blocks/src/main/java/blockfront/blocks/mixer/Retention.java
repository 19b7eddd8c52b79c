package blockfront.blocks.mixer;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Rotary;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;
import java.util.Optional;

/**
 * Retention: {@code S_t = c_j S_{t-1} + k_t v_t'}, {@code o_t = q_t S_t / sqrt(d)} with {@code c_j
 * = 1 - 2^(-5-j)} in head j, rotary queries and keys, and twice as many channels of values; the
 * result, normalised for each head, is gated by {@code SiLU(x G)}.
 */
@AutoService(TokenMixer.class)
public final class Retention implements TokenMixer {

  public static final Knob<Integer> HEADS = Chunks.HEADS;
  public static final Knob<Integer> CHUNK = Chunks.CHUNK;

  private static final Init START = new Init.Normal(0.02);

  @Override
  public String id() {
    return "retnet";
  }

  @Override
  public String title() {
    return "Retention";
  }

  @Override
  public String summary() {
    return "Linear attention that forgets at a fixed rate, another one in each head. Reads the "
        + "sequence in order; keys and queries know their places.";
  }

  @Override
  public String family() {
    return "Linear attention";
  }

  @Override
  public Source source() {
    return new Source(
        "Retentive Network: A Successor to Transformer for Large Language Models",
        "Sun et al.",
        2023,
        "https://arxiv.org/abs/2307.08621");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.ALWAYS, Traits.Layout.BOTH, "O(N)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(HEADS, CHUNK);
  }

  @Override
  public long state(Shape tokens, Setting setting) {
    int channels = tokens.size(-1);
    return Chunks.state(setting.of(HEADS), channels, 2 * channels);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Tensor tokens = Tokens.sequence(x);
    int channels = tokens.shape().size(1);
    int values = Math.multiplyExact(2, channels);
    int heads = Chunks.heads(setting.of(HEADS), channels);
    Tensor query = Scope.in("query", () -> tokens.linear(channels, START));
    Tensor key = Scope.in("key", () -> tokens.linear(channels, START));
    Tensor value = Scope.in("value", () -> tokens.linear(values, START));
    Tensor read =
        LinearRecurrence.of(
                placed(query, heads).times(1 / Math.sqrt((double) channels / heads)),
                placed(key, heads),
                value,
                heads,
                new LinearRecurrence.Fixed(decays(heads)),
                setting.of(CHUNK),
                Optional.empty())
            .output();
    Tensor normed = Gates.normalisedPlainly(read, heads);
    Tensor gate = Scope.in("gate", () -> tokens.linear(values, START)).apply(Function.SILU);
    return Scope.in("out", () -> normed.times(gate).linear(channels, START)).reshape(x.shape());
  }

  /** Logarithms of the decay of each head. */
  static Values decays(int heads) {
    return Values.of(heads, head -> Math.log1p(-Math.pow(2, -5 - head)));
  }

  private static Tensor placed(Tensor x, int heads) {
    int tokens = x.shape().size(0);
    int width = x.shape().size(1) / heads;
    return Rotary.sequence(x.reshape(tokens, heads, width), 0, width).reshape(x.shape());
  }
}
