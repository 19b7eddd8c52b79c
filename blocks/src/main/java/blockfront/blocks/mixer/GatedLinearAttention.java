package blockfront.blocks.mixer;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.SequenceConvolution;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;
import java.util.Optional;

/**
 * Gated linear attention: {@code S_t = diag(exp g_t) S_{t-1} + k_t v_t'}, {@code o_t = q_t S_t /
 * sqrt(d)}, with decays {@code g = log sigmoid(x W1 W2 + b) / temperature}; the result, normalised
 * for each head, is gated by {@code SiLU(x G)}.
 */
@AutoService(TokenMixer.class)
public final class GatedLinearAttention implements TokenMixer {

  public static final Knob<Integer> HEADS = Chunks.HEADS;
  public static final Knob<Double> KEY_RATIO =
      Knob.decimal("key_ratio", "channels of the keys for each channel", 0.5, 0.0625, 4, 0.5, 1.0);
  public static final Knob<Double> VALUE_RATIO =
      Knob.decimal("value_ratio", "channels of the values for each channel", 1, 0.0625, 4, 1.0);
  public static final Knob<Integer> GATE_RANK =
      Knob.integer("gate_rank", "channels the decay is made of", 16, 1, 1024, 16);
  public static final Knob<Double> TEMPERATURE =
      Knob.decimal(
          "temperature",
          "divides the logarithm of the decay: the greater, the slower",
          16,
          1,
          1024,
          16.0);
  public static final Knob<Boolean> SHORT_CONVOLUTION =
      Knob.flag(
          "short_convolution",
          "whether queries, keys and values see the three tokens before through a convolution",
          false);
  public static final Knob<Integer> CHUNK = Chunks.CHUNK;

  private static final Init START = new Init.Normal(0.02);

  @Override
  public String id() {
    return "gla";
  }

  @Override
  public String title() {
    return "Gated linear attention";
  }

  @Override
  public String summary() {
    return "A state of keys and values that each token fades, channel by channel, and adds to. "
        + "Reads the sequence in order, at a cost that grows with its length only.";
  }

  @Override
  public String family() {
    return "Linear attention";
  }

  @Override
  public Source source() {
    return new Source(
        "Gated Linear Attention Transformers with Hardware-Efficient Training",
        "Yang et al.",
        2023,
        "https://arxiv.org/abs/2312.06635");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.ALWAYS, Traits.Layout.BOTH, "O(N)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(HEADS, KEY_RATIO, VALUE_RATIO, GATE_RANK, TEMPERATURE, SHORT_CONVOLUTION, CHUNK);
  }

  @Override
  public long state(Shape tokens, Setting setting) {
    int channels = tokens.size(-1);
    int keys = Chunks.width(channels, setting.of(KEY_RATIO));
    int values = Chunks.width(channels, setting.of(VALUE_RATIO));
    long convolved = setting.of(SHORT_CONVOLUTION) ? 3L * (2 * keys + values) : 0;
    return Chunks.state(setting.of(HEADS), keys, values) + convolved;
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Tensor tokens = Tokens.sequence(x);
    int channels = tokens.shape().size(1);
    int keys = Chunks.width(channels, setting.of(KEY_RATIO));
    int values = Chunks.width(channels, setting.of(VALUE_RATIO));
    int heads = Chunks.heads(setting.of(HEADS), keys, values);
    boolean convolved = setting.of(SHORT_CONVOLUTION);
    Tensor query = project("query", tokens, keys, convolved);
    Tensor key = project("key", tokens, keys, convolved);
    Tensor value = project("value", tokens, values, convolved);
    Tensor rank = Scope.in("decay1", () -> tokens.linear(setting.of(GATE_RANK), START));
    Tensor logits = Scope.in("decay2", () -> Gates.linear(rank, keys, START));
    double temperature = setting.of(TEMPERATURE);
    Tensor read =
        LinearRecurrence.of(
                query.times(1 / Math.sqrt((double) keys / heads)),
                key,
                value,
                heads,
                Gates.decay(logits, temperature),
                setting.of(CHUNK),
                Optional.empty())
            .output();
    Tensor normed = Gates.normalised(read, heads);
    Tensor gate = Scope.in("gate", () -> tokens.linear(values, START)).apply(Function.SILU);
    return Scope.in("out", () -> normed.times(gate).linear(channels, START)).reshape(x.shape());
  }

  private static Tensor project(String name, Tensor tokens, int width, boolean convolved) {
    return Scope.in(
        name,
        () -> {
          Tensor projected = tokens.linear(width, START);
          return convolved
              ? Scope.in("conv", () -> SequenceConvolution.causal(projected, 4, START))
                  .apply(Function.SILU)
              : projected;
        });
  }
}
