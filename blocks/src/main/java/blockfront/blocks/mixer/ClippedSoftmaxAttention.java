package blockfront.blocks.mixer;

import blockfront.blocks.graph.Function;
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

/** {@code concat(clip((zeta - gamma) softmax(q k' / sqrt(d)) + gamma, 0, 1) v) W + b}. */
@AutoService(TokenMixer.class)
public final class ClippedSoftmaxAttention implements TokenMixer {

  public static final Knob<Integer> HEAD_DIM = SoftmaxAttention.HEAD_DIM;
  public static final Knob<Boolean> QKV_BIAS = SoftmaxAttention.QKV_BIAS;
  public static final Knob<Boolean> CAUSAL = SoftmaxAttention.CAUSAL;
  public static final Knob<String> STRETCH =
      Knob.option(
          "stretch",
          "gamma = -alpha / tokens and zeta as set, or the preset (-.005:1.005)",
          "length",
          "preset");
  public static final Knob<Double> ALPHA =
      Knob.decimal(
          "alpha", "how far below 0 weights are stretched, times tokens", 4, 0, 100, 1.0, 2.0, 4.0);
  public static final Knob<Double> ZETA =
      Knob.decimal("zeta", "how far weights of 1 are stretched", 1, 1, 2, 1.0);
  public static final Knob<Boolean> AS_RELEASED =
      Knob.flag(
          "as_released", "whether the preset's gamma is -.003, as released, not -.005", false);

  @Override
  public String id() {
    return "clipped_softmax";
  }

  @Override
  public String title() {
    return "Attention with clipped softmax";
  }

  @Override
  public String summary() {
    return "Softmax attention whose weights are stretched a little and clipped, so that a "
        + "head can attend to nothing at all. Keeps activations free of outliers, for 8 "
        + "bit use.";
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
    return List.of(HEAD_DIM, STRETCH, ALPHA, ZETA, QKV_BIAS, CAUSAL, AS_RELEASED);
  }

  @Override
  public long state(Shape tokens, Setting setting) {
    return 2 * tokens.elements();
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Heads heads = Heads.of(x, setting.of(HEAD_DIM), setting.of(QKV_BIAS));
    int channels = heads.tokens().shape().size(1);
    Tensor weights =
        clipped(
            heads.scores(setting.of(CAUSAL)).softmax(),
            gamma(setting, heads.tokens().shape().size(0)),
            zeta(setting));
    Tensor joined = Heads.join(weights.matmul(heads.value()));
    return Scope.in("out", () -> joined.linear(channels)).reshape(x.shape());
  }

  /** {@code clip((zeta - gamma) p + gamma, 0, 1)}. */
  static Tensor clipped(Tensor weights, double gamma, double zeta) {
    Tensor stretched = weights.times(zeta - gamma).plus(gamma);
    Tensor fromZero = stretched.apply(Function.RELU);
    return fromZero.minus(stretched.plus(-1).apply(Function.RELU));
  }

  private static double gamma(Setting setting, int tokens) {
    if (setting.of(STRETCH).equals("length")) {
      return -setting.of(ALPHA) / tokens;
    }
    return setting.of(AS_RELEASED) ? -0.003 : -0.005;
  }

  private static double zeta(Setting setting) {
    return setting.of(STRETCH).equals("length") ? setting.of(ZETA) : 1.005;
  }
}
