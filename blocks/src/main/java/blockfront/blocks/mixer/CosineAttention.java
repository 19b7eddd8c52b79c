package blockfront.blocks.mixer;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
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
 * {@code o_i = sum_j w_ij v_j / sum_j w_ij} with {@code w_ij = relu(q_i) relu(k_j) cos(π (i - j) /
 * 2N)}: the cosine of a difference is a sum of products, so keys and values are added up before
 * queries come.
 */
@AutoService(TokenMixer.class)
public final class CosineAttention implements TokenMixer {

  public static final Knob<Integer> HEAD_DIM = SoftmaxAttention.HEAD_DIM;
  public static final Knob<Boolean> QKV_BIAS = SoftmaxAttention.QKV_BIAS;
  public static final Knob<Boolean> CAUSAL = Knob.CAUSAL;
  public static final Knob<Integer> CHUNK = Chunks.CHUNK;

  /** What no sum of weights is below. */
  private static final double LEAST = 1e-6;

  @Override
  public String id() {
    return "cosformer";
  }

  @Override
  public String title() {
    return "Cosine-weighted linear attention";
  }

  @Override
  public String summary() {
    return "Attention without softmax: only positive products count, and near tokens for more than "
        + "far ones. Its cost grows with the tokens only.";
  }

  @Override
  public String family() {
    return "Linear attention";
  }

  @Override
  public Source source() {
    return new Source(
        "cosFormer: Rethinking Softmax in Attention",
        "Qin et al.",
        2022,
        "https://arxiv.org/abs/2202.08791");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.OPTIONAL, Traits.Layout.BOTH, "O(N)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(HEAD_DIM, QKV_BIAS, CAUSAL, CHUNK);
  }

  @Override
  public long state(Shape tokens, Setting setting) {
    int channels = tokens.size(-1);
    int wanted = Math.max(1, channels / setting.of(HEAD_DIM));
    int width = channels / Tokens.largestDivisor(channels, wanted);
    // the sums of keys and values, and of keys
    return 2L * channels * (width + 1);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Heads heads = Heads.of(x, setting.of(HEAD_DIM), setting.of(QKV_BIAS));
    int count = heads.count();
    Tensor query = turned(heads.query().apply(Function.RELU)); // [heads, tokens, 2 width]
    Tensor key = turned(heads.key().apply(Function.RELU));
    Tensor joined =
        setting.of(CAUSAL)
            ? causal(Heads.join(query), Heads.join(key), Heads.join(heads.value()), count, setting)
            : Heads.join(all(query, key, heads.value()));
    int channels = heads.tokens().shape().size(1);
    return Scope.in("out", () -> joined.linear(channels)).reshape(x.shape());
  }

  /** The cosine's and the sine's part of each token, one beside the other. */
  private static Tensor turned(Tensor x) {
    int tokens = x.shape().size(1);
    Tensor cosines = Tensor.constant(Values.of(tokens, i -> Math.cos(angle(i, tokens))), tokens, 1);
    Tensor sines = Tensor.constant(Values.of(tokens, i -> Math.sin(angle(i, tokens))), tokens, 1);
    return Tensor.concatenate(2, x.times(cosines), x.times(sines));
  }

  private static double angle(int token, int tokens) {
    return Math.PI * token / (2.0 * tokens);
  }

  private static Tensor all(Tensor query, Tensor key, Tensor value) {
    Tensor weights = query.times(key.sum(1)).sum(2); // [heads, tokens, 1]
    return query.matmul(key.transposedMatmul(value)).dividedBy(positive(weights));
  }

  /** All but the heads as {@code [tokens, heads width]}. */
  private static Tensor causal(Tensor query, Tensor key, Tensor value, int heads, Setting setting) {
    LinearRecurrence.Decay none = new LinearRecurrence.None();
    int longest = setting.of(CHUNK);
    Tensor read =
        LinearRecurrence.of(query, key, value, heads, none, longest, Optional.empty()).output();
    int tokens = query.shape().size(0);
    Tensor ones = Tensor.constant(Values.of(tokens * heads, _ -> 1), tokens, heads);
    Tensor weights =
        LinearRecurrence.of(query, key, ones, heads, none, longest, Optional.empty()).output();
    int width = value.shape().size(1) / heads;
    return read.reshape(tokens, heads, width)
        .dividedBy(positive(weights).reshape(tokens, heads, 1))
        .reshape(tokens, heads * width);
  }

  private static Tensor positive(Tensor weights) {
    return weights.plus(-LEAST).apply(Function.RELU).plus(LEAST);
  }
}
