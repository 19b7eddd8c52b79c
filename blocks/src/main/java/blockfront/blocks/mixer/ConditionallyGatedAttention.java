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

/** {@code concat(softmax(q k' / sqrt(d)) v * sigmoid(f(x))) W + b}, f for each head on its own. */
@AutoService(TokenMixer.class)
public final class ConditionallyGatedAttention implements TokenMixer {

  public static final Knob<Integer> HEAD_DIM = SoftmaxAttention.HEAD_DIM;
  public static final Knob<Boolean> QKV_BIAS = SoftmaxAttention.QKV_BIAS;
  public static final Knob<Boolean> CAUSAL = SoftmaxAttention.CAUSAL;
  public static final Knob<String> GATE =
      Knob.option(
          "gate",
          "a linear layer or an MLP on the head's slice of the token, or one layer for all heads",
          "linear",
          "mlp",
          "all_heads");
  public static final Knob<Double> OPENING =
      Knob.decimal("opening", "how far open the gates are at first", 0.5, 0.01, 0.99, 0.25, 0.5);

  @Override
  public String id() {
    return "cond_attn_gate";
  }

  @Override
  public String title() {
    return "Attention with a gate a head";
  }

  @Override
  public String summary() {
    return "Softmax attention in which each head looks at its own slice of the token and "
        + "decides whether to speak. A head that has nothing to say needs no outliers to "
        + "say it.";
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
        "Quantizable Transformers: Removing Outliers by Helping Attention Heads Do " + "Nothing",
        "Bondarenko et al.",
        2023,
        "https://arxiv.org/abs/2306.12929");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.OPTIONAL, Traits.Layout.BOTH, "O(N²)", false, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(HEAD_DIM, GATE, OPENING, QKV_BIAS, CAUSAL);
  }

  @Override
  public long state(Shape tokens, Setting setting) {
    return 2 * tokens.elements();
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Heads heads = Heads.of(x, setting.of(HEAD_DIM), setting.of(QKV_BIAS));
    int channels = heads.tokens().shape().size(1);
    Tensor seen = heads.scores(setting.of(CAUSAL)).softmax().matmul(heads.value());
    Tensor gate = Scope.in("gate", () -> gate(heads, setting)).apply(Function.SIGMOID);
    Tensor joined = Heads.join(seen.times(gate));
    return Scope.in("out", () -> joined.linear(channels)).reshape(x.shape());
  }

  /** Before the sigmoid, {@code [heads, tokens, 1]}. */
  private static Tensor gate(Heads heads, Setting setting) {
    double opening = setting.of(OPENING);
    Init start = new Init.Constant(Math.log(opening / (1 - opening)));
    int count = heads.count();
    Tensor tokens = heads.tokens();
    if (setting.of(GATE).equals("all_heads")) {
      Tensor logits =
          tokens.linear(count, Init.TRUNCATED_NORMAL_002).plus(Tensor.offset("bias", start, count));
      return Heads.split(logits, count);
    }
    Tensor slices = Heads.split(tokens, count); // [heads, tokens, channels of a head]
    if (setting.of(GATE).equals("linear")) {
      return ofEach(slices, 1, start);
    }
    int hidden = Math.max(1, slices.shape().size(2) / 4);
    Tensor first = Scope.in("expand", () -> ofEach(slices, hidden, Init.ZEROS));
    return Scope.in("contract", () -> ofEach(first.apply(Function.RELU), 1, start));
  }

  /** A linear layer of its own for each head. */
  private static Tensor ofEach(Tensor slices, int out, Init bias) {
    int count = slices.shape().size(0);
    int in = slices.shape().size(2);
    return slices
        .matmul(Tensor.weight("weight", Init.TRUNCATED_NORMAL_002, count, in, out))
        .plus(Tensor.offset("bias", bias, count, 1, out));
  }
}
