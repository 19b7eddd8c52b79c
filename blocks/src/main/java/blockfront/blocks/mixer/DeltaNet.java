package blockfront.blocks.mixer;

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
 * The delta rule: {@code S_t = (I - b_t k_t k_t') S_{t-1} + b_t k_t v_t'}, {@code o_t = q_t S_t /
 * sqrt(d)} with keys and queries of length 1, all through a short convolution and SiLU; {@code b =
 * sigmoid(x B)} for each head.
 */
@AutoService(TokenMixer.class)
public final class DeltaNet implements TokenMixer {

  public static final Knob<Integer> HEADS = Chunks.HEADS;
  public static final Knob<Double> KEY_RATIO =
      Knob.decimal("key_ratio", "channels of the keys for each channel", 1, 0.0625, 4, 0.5, 1.0);
  public static final Knob<Double> VALUE_RATIO =
      Knob.decimal("value_ratio", "channels of the values for each channel", 1, 0.0625, 4, 1.0);
  public static final Knob<Boolean> NEGATIVE_EIGENVALUES = DeltaRule.NEGATIVE;
  public static final Knob<Integer> CHUNK = Chunks.CHUNK;

  private static final Init START = new Init.Normal(0.02);

  @Override
  public String id() {
    return "deltanet";
  }

  @Override
  public String title() {
    return "Delta rule";
  }

  @Override
  public String summary() {
    return "Linear attention that corrects what it remembers of a key instead of adding to it, so"
        + " that a new value takes the place of the old. Recalls better than other linear"
        + " attentions.";
  }

  @Override
  public String family() {
    return "Linear attention";
  }

  @Override
  public Source source() {
    return new Source(
        "Parallelizing Linear Transformers with the Delta Rule over Sequence Length",
        "Yang et al.",
        2024,
        "https://arxiv.org/abs/2406.06484");
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
    Tensor read = DeltaRule.read(tokens, widths, Optional.empty(), setting);
    return Scope.in("out", () -> read.linear(channels, START)).reshape(x.shape());
  }

  private static DeltaRule.Widths widths(int channels, Setting setting) {
    return DeltaRule.Widths.of(channels, setting.of(KEY_RATIO), setting.of(VALUE_RATIO));
  }
}
