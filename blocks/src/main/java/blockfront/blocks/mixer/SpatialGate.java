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
 * {@code (u * (W norm(v) + b)) V} with {@code [u, v] = GELU(x U)}: half of the hidden channels
 * gates the other half after mixing over the tokens.
 */
@AutoService(TokenMixer.class)
public final class SpatialGate implements TokenMixer {

  public static final Knob<Integer> RATIO =
      Knob.integer("ratio", "hidden channels for each channel", 4, 1, 16, 2, 4, 6);
  public static final Knob<Boolean> CAUSAL = Knob.CAUSAL;

  @Override
  public String id() {
    return "gmlp_sgu";
  }

  @Override
  public String title() {
    return "Spatial gating";
  }

  @Override
  public String summary() {
    return "Half of the channels, mixed over all tokens by a learned matrix, decides how much of "
        + "the other half passes. Mixes tokens and channels; fits one image size.";
  }

  @Override
  public String family() {
    return "Gated MLP";
  }

  @Override
  public Source source() {
    return new Source(
        "Pay Attention to MLPs", "Liu et al.", 2021, "https://arxiv.org/abs/2105.08050");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.OPTIONAL, Traits.Layout.BOTH, "O(N²)", false, true);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(RATIO, CAUSAL);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Tensor tokens = Tokens.sequence(x); // [tokens, channels]
    int channels = tokens.shape().size(1);
    int hidden = Math.multiplyExact(setting.of(RATIO), channels);
    if (hidden % 2 != 0) {
      throw new IllegalArgumentException(
          "Spatial gating cannot halve %d hidden channels".formatted(hidden));
    }
    Tensor expanded = Scope.in("expand", () -> tokens.linear(hidden)).apply(Function.GELU);
    Tensor content = expanded.slice(1, 0, hidden / 2);
    Tensor gate =
        Scope.in("gate", () -> gate(expanded.slice(1, hidden / 2, hidden), setting.of(CAUSAL)));
    return Scope.in("contract", () -> content.times(gate).linear(channels)).reshape(x.shape());
  }

  private static Tensor gate(Tensor x, boolean causal) {
    int count = x.shape().size(0);
    // starts as the constant 1: at first every token passes as it is
    Tensor weight = Tensor.weight("weight", new Init.Normal(1e-6), count, count);
    return SpatialFc.masked(weight, causal)
        .matmul(x.layerNorm(1e-6))
        .plus(Tensor.offset("bias", Init.ONES, count, 1));
  }
}
