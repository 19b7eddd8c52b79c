package blockfront.blocks.mixer;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;
import java.util.Optional;

/**
 * The gated delta rule: {@code S_t = exp(g_t) (I - b_t k_t k_t') S_{t-1} + b_t k_t v_t'} with
 * {@code g = -exp(A) softplus(x W + c)} for each head; the result, normalised for each head, is
 * gated by {@code SiLU(x G)}.
 */
@AutoService(TokenMixer.class)
public final class GatedDeltaNet implements TokenMixer {

  public static final Knob<Integer> HEADS = Chunks.HEADS;
  public static final Knob<Double> KEY_RATIO =
      Knob.decimal("key_ratio", "channels of the keys for each channel", 0.75, 0.0625, 4, 0.75);
  public static final Knob<Double> VALUE_RATIO =
      Knob.decimal("value_ratio", "channels of the values for each channel", 1.5, 0.0625, 4, 1.5);
  public static final Knob<Boolean> NEGATIVE_EIGENVALUES = DeltaRule.NEGATIVE;
  public static final Knob<Integer> CHUNK = Chunks.CHUNK;

  private static final Init START = new Init.Normal(0.02);

  @Override
  public String id() {
    return "gated_deltanet";
  }

  @Override
  public String title() {
    return "Gated delta rule";
  }

  @Override
  public String summary() {
    return "The delta rule with a state that also fades: each token says how much of the whole past"
        + " goes, and corrects what it remembers of its own key.";
  }

  @Override
  public String family() {
    return "Linear attention";
  }

  @Override
  public Source source() {
    return new Source(
        "Gated Delta Networks: Improving Mamba2 with Delta Rule",
        "Yang et al.",
        2024,
        "https://arxiv.org/abs/2412.06464");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.ALWAYS, Traits.Layout.BOTH, "O(N)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(HEADS, KEY_RATIO, VALUE_RATIO, NEGATIVE_EIGENVALUES, CHUNK);
  }

  @Override
  public long state(Shape tokens, Setting setting) {
    return widths(tokens.size(-1), setting).state(setting);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Tensor tokens = Tokens.sequence(x);
    int channels = tokens.shape().size(1);
    DeltaRule.Widths widths = widths(channels, setting);
    Tensor decay = Scope.in("decay", () -> decay(tokens, widths.heads(setting)));
    Tensor read = DeltaRule.read(tokens, widths, Optional.of(decay), setting);
    Tensor gate =
        Scope.in("gate", () -> tokens.linear(widths.values(), START)).apply(Function.SILU);
    return Scope.in("out", () -> read.times(gate).linear(channels, START)).reshape(x.shape());
  }

  private static DeltaRule.Widths widths(int channels, Setting setting) {
    return DeltaRule.Widths.of(channels, setting.of(KEY_RATIO), setting.of(VALUE_RATIO));
  }

  /** Logarithms, {@code [tokens, heads]}: minus softplus is the logarithm of a sigmoid. */
  private static Tensor decay(Tensor tokens, int heads) {
    Tensor step =
        tokens
            .linear(heads, START)
            .plus(Tensor.offset("step", new Init.LogUniformSoftplus(1e-3, 0.1), heads));
    Tensor rate = Tensor.offset("rate", new Init.LogOfUniform(16), heads).apply(Function.EXP);
    return Gates.logSigmoid(step.times(-1)).times(rate);
  }
}
