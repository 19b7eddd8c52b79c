package blockfront.blocks.mixer;

import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Category;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** {@code concat(softmax(q k' / sqrt(d)) v) W + b} with any number of heads of any size. */
@AutoService(TokenMixer.class)
public final class WideAttention implements TokenMixer {

  public static final Knob<Integer> HEADS =
      Knob.integer("heads", "heads, whatever the channels", 4, 1, 256, 1, 2, 4, 8, 12);
  public static final Knob<Integer> HEAD_DIM = SoftmaxAttention.HEAD_DIM;
  public static final Knob<Boolean> QKV_BIAS = SoftmaxAttention.QKV_BIAS;
  public static final Knob<Boolean> CAUSAL = SoftmaxAttention.CAUSAL;

  @Override
  public String id() {
    return "wide_attention";
  }

  @Override
  public String title() {
    return "Wide attention";
  }

  @Override
  public String summary() {
    return "Softmax attention whose heads together may be wider than the tokens: few layers "
        + "with many heads instead of many with few.";
  }

  @Override
  public String family() {
    return "Attention";
  }

  @Override
  public Category category() {
    return Category.LAYOUT;
  }

  @Override
  public Source source() {
    return new Source(
        "Wide Attention Is The Way Forward For Transformers?",
        "Brown et al.",
        2022,
        "https://arxiv.org/abs/2210.00640");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.OPTIONAL, Traits.Layout.BOTH, "O(N²)", false, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(HEADS, HEAD_DIM, QKV_BIAS, CAUSAL);
  }

  @Override
  public long state(Shape tokens, Setting setting) {
    return 2L * Tokens.count(tokens) * setting.of(HEADS) * setting.of(HEAD_DIM);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Tensor tokens = Tokens.sequence(x);
    int channels = tokens.shape().size(1);
    int heads = setting.of(HEADS);
    int width = Math.multiplyExact(heads, setting.of(HEAD_DIM));
    Tensor qkv =
        Scope.in(
            "qkv",
            () ->
                setting.of(QKV_BIAS)
                    ? tokens.linear(3 * width)
                    : tokens.linear(3 * width, Init.TRUNCATED_NORMAL_002));
    var all =
        new Heads(
            tokens,
            Heads.split(qkv.slice(1, 0, width), heads),
            Heads.split(qkv.slice(1, width, 2 * width), heads),
            Heads.split(qkv.slice(1, 2 * width, 3 * width), heads));
    Tensor joined = Heads.join(all.scores(setting.of(CAUSAL)).softmax().matmul(all.value()));
    return Scope.in("out", () -> joined.linear(channels)).reshape(x.shape());
  }
}
