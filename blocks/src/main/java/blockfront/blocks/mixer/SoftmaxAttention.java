package blockfront.blocks.mixer;

import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** Multi-head attention: {@code concat(softmax(q k' / sqrt(d)) v) W + b}. */
@AutoService(TokenMixer.class)
public final class SoftmaxAttention implements TokenMixer {

  public static final Knob<Integer> HEAD_DIM =
      Knob.integer("head_dim", "channels of one head", 32, 1, 1024, 8, 16, 32, 64);
  public static final Knob<Boolean> QKV_BIAS =
      Knob.flag("qkv_bias", "whether queries, keys and values have a bias", true);

  public static final Knob<Boolean> OUT_BIAS =
      Knob.flag("out_bias", "whether the last linear layer has a bias", true);

  /** Of every attention that can be kept from looking ahead. */
  public static final Knob<Boolean> CAUSAL = Knob.CAUSAL;

  @Override
  public String id() {
    return "softmax_mha";
  }

  @Override
  public String title() {
    return "Softmax attention";
  }

  @Override
  public String summary() {
    return "Each token looks at all others and takes a weighted mean, by several heads at once. "
        + "Strong, but its cost grows with the square of the tokens.";
  }

  @Override
  public String family() {
    return "Attention";
  }

  @Override
  public Source source() {
    return new Source(
        "Attention Is All You Need", "Vaswani et al.", 2017, "https://arxiv.org/abs/1706.03762");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.OPTIONAL, Traits.Layout.BOTH, "O(N²)", false, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(HEAD_DIM, QKV_BIAS, OUT_BIAS, CAUSAL);
  }

  @Override
  public long state(Shape tokens, Setting setting) {
    return 2 * tokens.elements();
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Heads heads = Heads.of(x, setting.of(HEAD_DIM), setting.of(QKV_BIAS));
    int channels = heads.tokens().shape().size(1);
    Tensor weights = heads.scores(setting.of(CAUSAL)).softmax(); // [heads, tokens, tokens]
    Tensor joined = Heads.join(weights.matmul(heads.value()));
    return Scope.in(
            "out",
            () ->
                setting.of(OUT_BIAS)
                    ? joined.linear(channels)
                    : joined.linear(channels, Init.TRUNCATED_NORMAL_002))
        .reshape(x.shape());
  }
}
