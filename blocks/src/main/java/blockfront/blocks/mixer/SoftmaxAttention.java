package blockfront.blocks.mixer;

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

/** Multi-head attention: {@code concat(softmax(q k' / sqrt(d)) v) W + b}. */
@AutoService(TokenMixer.class)
public final class SoftmaxAttention implements TokenMixer {

  public static final Knob<Integer> HEAD_DIM =
      Knob.integer("head_dim", "channels of one head", 32, 1, 1024, 8, 16, 32, 64);
  public static final Knob<Boolean> QKV_BIAS =
      Knob.flag("qkv_bias", "whether queries, keys and values have a bias", true);

  public static final Knob<Boolean> OUT_BIAS =
      Knob.flag("out_bias", "whether the last linear layer has a bias", true);

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
        Traits.Mixing.GLOBAL, Traits.Causality.NEVER, Traits.Layout.BOTH, "O(N²)", false, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(HEAD_DIM, QKV_BIAS, OUT_BIAS);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Tensor tokens = Tokens.sequence(x); // [tokens, channels]
    int channels = tokens.shape().size(1);
    int heads = heads(channels, setting.of(HEAD_DIM));
    Tensor qkv =
        Scope.in(
            "qkv",
            () ->
                setting.of(QKV_BIAS)
                    ? tokens.linear(3 * channels)
                    : tokens.linear(3 * channels, Init.TRUNCATED_NORMAL_002));
    Tensor query = split(qkv.slice(1, 0, channels), heads); // [heads, tokens, channels/heads]
    Tensor key = split(qkv.slice(1, channels, 2 * channels), heads);
    Tensor value = split(qkv.slice(1, 2 * channels, 3 * channels), heads);
    double scale = 1 / Math.sqrt((double) channels / heads);
    Tensor attention =
        query.times(scale).matmulTransposed(key).softmax(); // [heads, tokens, tokens]
    Tensor joined = attention.matmul(value).permute(1, 0, 2).reshape(tokens.shape());
    return Scope.in(
            "out",
            () ->
                setting.of(OUT_BIAS)
                    ? joined.linear(channels)
                    : joined.linear(channels, Init.TRUNCATED_NORMAL_002))
        .reshape(x.shape());
  }

  private static int heads(int channels, int headDim) {
    int wanted = Math.max(1, channels / headDim);
    int heads = Tokens.largestDivisor(channels, wanted);
    if (heads * headDim != channels) {
      Scope.repaired(
          "Heads of %d channels do not divide %d channels; used %d of %d"
              .formatted(headDim, channels, heads, channels / heads));
    }
    return heads;
  }

  private static Tensor split(Tensor x, int heads) {
    int tokens = x.shape().size(0);
    return x.reshape(tokens, heads, x.shape().size(1) / heads).permute(1, 0, 2);
  }
}
