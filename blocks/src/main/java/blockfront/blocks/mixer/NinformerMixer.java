package blockfront.blocks.mixer;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/**
 * {@code (x W + b) * g} where the gate g is what a layer of MLP-Mixer makes of x: {@code t = x +
 * mlp(norm(x)')'} over tokens, {@code g = t + mlp(norm(t))} over channels.
 */
@AutoService(TokenMixer.class)
public final class NinformerMixer implements TokenMixer {

  public static final Knob<Integer> EXPANSION =
      Knob.integer(
          "expansion",
          "hidden width of both MLPs of the gate, for each channel",
          2,
          1,
          16,
          1,
          2,
          4);
  public static final Knob<Boolean> SHARED_NORM =
      Knob.flag(
          "shared_norm",
          "whether the layer has one norm for both its branches, as was released",
          true);

  private static final double EPSILON = 1e-5;

  @Override
  public String id() {
    return "ninformer";
  }

  @Override
  public String title() {
    return "Gate made by an MLP-Mixer";
  }

  @Override
  public String summary() {
    return "A layer of MLP-Mixer looks at all tokens and says how much of each channel of each "
        + "token passes. Fits one image size.";
  }

  @Override
  public String family() {
    return "Gated MLP";
  }

  @Override
  public Source source() {
    return new Source(
        "NiNformer: A Network in Network Transformer with Token Mixing Generated Gating Function",
        "Abdullah and Aydin",
        2024,
        "https://arxiv.org/abs/2403.02411");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.NEVER, Traits.Layout.BOTH, "O(N)", true, true);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(EXPANSION, SHARED_NORM);
  }

  @Override
  public boolean sharesNorm(Setting setting) {
    return setting.of(SHARED_NORM);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Tensor tokens = Tokens.sequence(x); // [tokens, channels]
    int channels = tokens.shape().size(1);
    int hidden = Math.multiplyExact(setting.of(EXPANSION), channels);
    Tensor gate = Scope.in("gate", () -> gate(tokens, hidden));
    return Scope.in("content", () -> tokens.linear(channels)).times(gate).reshape(x.shape());
  }

  private static Tensor gate(Tensor x, int hidden) {
    int count = x.shape().size(0);
    int channels = x.shape().size(1);
    Tensor normed = Scope.in("norm1", () -> x.layerNorm(EPSILON));
    Tensor expanded = Scope.in("tokens.expand", () -> across(normed, hidden)).apply(Function.GELU);
    Tensor mixed = x.plus(Scope.in("tokens.contract", () -> across(expanded, count)));
    Tensor again = Scope.in("norm2", () -> mixed.layerNorm(EPSILON));
    Tensor wide = Scope.in("channels.expand", () -> again.linear(hidden)).apply(Function.GELU);
    return mixed.plus(Scope.in("channels.contract", () -> wide.linear(channels)));
  }

  /** A linear layer over the tokens; weights from the left, so that nothing is transposed. */
  private static Tensor across(Tensor x, int out) {
    return Tensor.weight("weight", Init.TRUNCATED_NORMAL_002, out, x.shape().size(0))
        .matmul(x)
        .plus(Tensor.offset("bias", Init.ZEROS, out, 1));
  }
}
