package blockfront.blocks.mixer;

import blockfront.blocks.graph.Init;
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

/**
 * Retrieval from a modern Hopfield network: states take steps {@code s <- softmax(b s K') K}
 * towards stored patterns before they read {@code softmax(b s K') V}. Without steps it is
 * attention.
 *
 * <p>Steps are of a fixed number; those after convergence change nothing.
 */
@AutoService(TokenMixer.class)
public final class HopfieldAssociation implements TokenMixer {

  public static final Knob<String> STORED =
      Knob.option("stored", "what is stored: the tokens, or learned patterns", "tokens", "learned");
  public static final Knob<Integer> PATTERNS =
      Knob.integer("patterns", "learned patterns, where these are stored", 64, 1, 65_536, 64);
  public static final Knob<Integer> STEPS =
      Knob.integer("steps", "steps before reading", 1, 0, 5, 0, 1, 2, 3);
  public static final Knob<Double> BETA =
      Knob.decimal(
          "beta", "how sharply patterns are told apart; 0 for 1 / sqrt(d)", 0, 0, 1000, 0.0);
  public static final Knob<Boolean> BETA_LEARNED =
      Knob.flag("beta_learned", "whether each head learns how sharply", false);
  public static final Knob<Boolean> NORMS =
      Knob.flag("norms", "whether states, patterns and contents are normalised first", true);
  public static final Knob<Integer> HEAD_DIM = SoftmaxAttention.HEAD_DIM;
  public static final Knob<Boolean> QKV_BIAS = SoftmaxAttention.QKV_BIAS;

  @Override
  public String id() {
    return "hopfield";
  }

  @Override
  public String title() {
    return "Hopfield association";
  }

  @Override
  public String summary() {
    return "Attention that first moves each query towards the patterns it resembles, a "
        + "step or more. Patterns are the tokens, or learned.";
  }

  @Override
  public String family() {
    return "Memory";
  }

  @Override
  public Source source() {
    return new Source(
        "Hopfield Networks is All You Need",
        "Ramsauer et al.",
        2020,
        "https://arxiv.org/abs/2008.02217");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.NEVER, Traits.Layout.BOTH, "O(N²)", false, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(STORED, PATTERNS, STEPS, BETA, BETA_LEARNED, NORMS, HEAD_DIM, QKV_BIAS);
  }

  @Override
  public long state(Shape tokens, Setting setting) {
    return setting.of(STORED).equals("learned") ? 0 : 2 * tokens.elements();
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Tensor tokens = Tokens.sequence(x);
    int channels = tokens.shape().size(1);
    boolean learned = setting.of(STORED).equals("learned");
    int patterns = setting.of(PATTERNS);
    Tensor stored =
        learned ? Tensor.weight("patterns", Init.TRUNCATED_NORMAL_002, patterns, channels) : tokens;
    Tensor contents =
        learned ? Tensor.weight("contents", Init.TRUNCATED_NORMAL_002, patterns, channels) : tokens;
    Tensor joined = read(tokens, stored, contents, setting);
    return Scope.in("out", () -> joined.linear(channels)).reshape(x.shape());
  }

  /**
   * What states {@code [states, channels]} find, {@code [states, channels]}, all but the last
   * linear layer.
   */
  public static Tensor read(Tensor states, Tensor stored, Tensor contents, Setting setting) {
    int channels = states.shape().size(1);
    int heads = Heads.count(channels, setting.of(HEAD_DIM));
    Tensor state = Scope.in("state", () -> projected(states, heads, setting));
    Tensor key = Scope.in("stored", () -> projected(stored, heads, setting));
    Tensor value = Scope.in("contents", () -> projected(contents, heads, setting));
    double sharpness =
        setting.of(BETA) > 0 ? setting.of(BETA) : 1 / Math.sqrt((double) channels / heads);
    Tensor beta =
        setting.of(BETA_LEARNED)
            ? Tensor.offset("beta", new Init.Constant(sharpness), heads, 1, 1)
            : Tensor.constant(Values.of(sharpness), 1);
    for (int step = 0; step < setting.of(STEPS); step++) {
      state = associated(state, key, beta).matmul(key);
    }
    return Heads.join(associated(state, key, beta).matmul(value));
  }

  /** How much each state resembles each pattern: {@code softmax(b s K')}. */
  static Tensor associated(Tensor state, Tensor stored, Tensor beta) {
    return state.times(beta).matmulTransposed(stored).softmax();
  }

  private static Tensor projected(Tensor x, int heads, Setting setting) {
    int channels = x.shape().size(1);
    Tensor normed = setting.of(NORMS) ? Scope.in("norm", () -> x.layerNorm(1e-5)) : x;
    return Heads.split(
        setting.of(QKV_BIAS)
            ? normed.linear(channels)
            : normed.linear(channels, Init.TRUNCATED_NORMAL_002),
        heads);
  }
}
