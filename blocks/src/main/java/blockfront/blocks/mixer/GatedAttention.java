package blockfront.blocks.mixer;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Category;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** {@code concat(softmax(q k' / sqrt(d)) v * sigmoid(x G)) W + b}. */
@AutoService(TokenMixer.class)
public final class GatedAttention implements TokenMixer {

  public static final Knob<Integer> HEAD_DIM = SoftmaxAttention.HEAD_DIM;
  public static final Knob<Boolean> QKV_BIAS = SoftmaxAttention.QKV_BIAS;
  public static final Knob<Boolean> CAUSAL = SoftmaxAttention.CAUSAL;
  public static final Knob<String> GATE =
      Knob.option("gate", "one gate a channel or one a head", "elementwise", "headwise");

  @Override
  public String id() {
    return "gated_sdpa";
  }

  @Override
  public String title() {
    return "Gated attention";
  }

  @Override
  public String summary() {
    return "Softmax attention whose result is gated, channel by channel or head by head, by "
        + "the token itself. Removes the attention sink on the first token and trains more "
        + "calmly.";
  }

  @Override
  public String family() {
    return "Attention";
  }

  @Override
  public Category category() {
    return Category.NORM;
  }

  @Override
  public Source source() {
    return new Source(
        "Gated Attention for Large Language Models: Non-linearity, Sparsity, and "
            + "Attention-Sink-Free",
        "Qiu et al.",
        2025,
        "https://arxiv.org/abs/2505.06708");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.OPTIONAL, Traits.Layout.BOTH, "O(N²)", false, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(HEAD_DIM, GATE, QKV_BIAS, CAUSAL);
  }

  @Override
  public long state(Shape tokens, Setting setting) {
    return 2 * tokens.elements();
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Heads heads = Heads.of(x, setting.of(HEAD_DIM), setting.of(QKV_BIAS));
    Tensor tokens = heads.tokens();
    int channels = tokens.shape().size(1);
    Tensor seen = heads.scores(setting.of(CAUSAL)).softmax().matmul(heads.value());
    boolean elementwise = setting.of(GATE).equals("elementwise");
    int gates = elementwise ? channels : heads.count();
    Tensor gate =
        Scope.in("gate", () -> tokens.linear(gates, Init.TRUNCATED_NORMAL_002))
            .apply(Function.SIGMOID);
    // [heads, tokens, channels of a head], or 1 in their place
    Tensor gated = Heads.join(seen.times(Heads.split(gate, heads.count())));
    return Scope.in("out", () -> gated.linear(channels)).reshape(x.shape());
  }
}
