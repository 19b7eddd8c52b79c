package blockfront.blocks.mixer;

import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** {@code W x} over the tokens, one matrix for all channels. */
@AutoService(TokenMixer.class)
public final class SpatialFc implements TokenMixer {

  public static final Knob<Boolean> BIAS =
      Knob.flag("bias", "whether each token has a bias, as in ResMLP", false);
  public static final Knob<Boolean> CAUSAL = Knob.CAUSAL;

  @Override
  public String id() {
    return "spatial_fc";
  }

  @Override
  public String title() {
    return "Linear over tokens";
  }

  @Override
  public String summary() {
    return "One learned matrix says how much each token takes of each other, the same for every "
        + "image and channel.";
  }

  @Override
  public String family() {
    return "Token MLP";
  }

  @Override
  public Source source() {
    return new Source(
        "MetaFormer Is Actually What You Need for Vision",
        "Yu et al.",
        2021,
        "https://arxiv.org/abs/2111.11418");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.OPTIONAL, Traits.Layout.BOTH, "O(N²)", false, true);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(BIAS, CAUSAL);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Tensor tokens = Tokens.sequence(x);
    int count = tokens.shape().size(0);
    Tensor weight = Tensor.weight("weight", Init.TRUNCATED_NORMAL_002, count, count);
    Tensor mixed = masked(weight, setting.of(CAUSAL)).matmul(tokens);
    return (setting.of(BIAS) ? mixed.plus(Tensor.offset("bias", Init.ZEROS, count, 1)) : mixed)
        .reshape(x.shape());
  }

  /** Without what later tokens would give, if that is wanted. */
  static Tensor masked(Tensor weight, boolean causal) {
    int count = weight.shape().size(0);
    return causal ? weight.times(Tensor.constant(Chunks.lower(count, 0), count, count)) : weight;
  }
}
