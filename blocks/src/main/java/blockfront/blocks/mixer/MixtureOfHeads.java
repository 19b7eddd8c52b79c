package blockfront.blocks.mixer;

import blockfront.blocks.graph.Function;
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
import java.util.Optional;

/**
 * Attention whose heads are weighed by each token: some always work, of the others the {@code k}
 * that a router likes best: {@code concat(g_i o_i) W + b}.
 */
@AutoService(TokenMixer.class)
public final class MixtureOfHeads implements TokenMixer {

  public static final Knob<Integer> HEAD_DIM = SoftmaxAttention.HEAD_DIM;
  public static final Knob<Double> SHARED =
      Knob.decimal("shared", "share of the heads that always work", 0.25, 0, 1, 0.0, 0.25, 0.5);
  public static final Knob<Double> ACTIVE =
      Knob.decimal(
          "active",
          "share of the heads that work for a token, those that always do included",
          0.75,
          0,
          1,
          0.5,
          0.75,
          1.0);
  public static final Knob<Double> BALANCE =
      Knob.decimal(
          "balance", "how much training wants all routed heads chosen as often", 0.01, 0, 10, 0.01);
  public static final Knob<Boolean> QKV_BIAS = SoftmaxAttention.QKV_BIAS;
  public static final Knob<Boolean> CAUSAL = SoftmaxAttention.CAUSAL;

  @Override
  public String id() {
    return "moh";
  }

  @Override
  public String title() {
    return "Mixture of heads";
  }

  @Override
  public String summary() {
    return "Each token weighs the heads of attention and listens to the best of them "
        + "only; some heads always speak. Zero routers leave plain attention.";
  }

  @Override
  public String family() {
    return "Attention";
  }

  @Override
  public Source source() {
    return new Source(
        "MoH: Multi-Head Attention as Mixture-of-Head Attention",
        "Jin et al.",
        2024,
        "https://arxiv.org/abs/2410.11842");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.OPTIONAL, Traits.Layout.BOTH, "O(N²)", false, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(HEAD_DIM, SHARED, ACTIVE, BALANCE, QKV_BIAS, CAUSAL);
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
    Working working = working(heads.count(), setting);
    Tensor gates =
        Scope.in(
            "router", () -> gates(heads.tokens(), working, setting.of(BALANCE))); // [tokens, heads]
    Tensor joined = Heads.join(seen.times(Heads.split(gates, heads.count())));
    return Scope.in("out", () -> joined.linear(channels)).reshape(x.shape());
  }

  /**
   * Which heads work for a token.
   *
   * @param shared always
   * @param routed sometimes
   * @param chosen of the routed ones
   */
  record Working(int shared, int routed, int chosen) {}

  static Working working(int heads, Setting setting) {
    int shared = (int) Math.round(setting.of(SHARED) * heads);
    int active = (int) Math.round(setting.of(ACTIVE) * heads);
    int routed = heads - shared;
    int least = shared == 0 ? 1 : 0;
    return new Working(
        shared, routed, Math.clamp(active - shared, Math.min(least, routed), routed));
  }

  /**
   * Multiply-adds that are needed where heads that do not work for a token are left out; the
   * network computes them all.
   */
  public static long neededMultiplyAdds(int tokens, int channels, Setting setting) {
    int heads = Tokens.largestDivisor(channels, Math.max(1, channels / setting.of(HEAD_DIM)));
    Working working = working(heads, setting);
    long linear = 4L * tokens * channels * channels;
    long products = 2L * tokens * tokens * channels;
    long router = (long) tokens * channels * routers(working);
    return linear + products * (working.shared() + working.chosen()) / heads + router;
  }

  private static int routers(Working working) {
    int shared = working.shared() > 1 ? working.shared() : 0;
    int balance = working.shared() > 0 && working.chosen() > 0 ? 2 : 0;
    return shared + (working.chosen() > 0 ? working.routed() : 0) + balance;
  }

  /** How loud each head is for each token; on average 1 for those that work. */
  private static Tensor gates(Tensor tokens, Working working, double weight) {
    int shared = working.shared();
    int routed = working.routed();
    Optional<Tensor> always = shared == 0 ? Optional.empty() : Optional.of(shared(tokens, shared));
    if (working.chosen() == 0) {
      // nobody is chosen: the routed heads are silent
      return always.orElseThrow().pad(1, 0, routed);
    }
    Tensor logits = Scope.in("routed", () -> tokens.linear(routed, Init.TRUNCATED_NORMAL_002));
    Scope.penalise(new Scope.Penalty("moh", imbalance(logits, working.chosen()).times(weight)));
    Tensor chosen = chosen(logits, working.chosen());
    return always
        .map(
            loud -> {
              Tensor balance =
                  Scope.in("balance", () -> tokens.linear(2, Init.TRUNCATED_NORMAL_002))
                      .softmax()
                      .times(2);
              return Tensor.concatenate(
                  1, loud.times(balance.slice(1, 0, 1)), chosen.times(balance.slice(1, 1, 2)));
            })
        .orElse(chosen);
  }

  private static Tensor shared(Tensor tokens, int heads) {
    return heads == 1
        ? Tensor.constant(Values.of(tokens.shape().size(0), _ -> 1), tokens.shape().size(0), 1)
            .forEachExample()
        : Scope.in("shared", () -> tokens.linear(heads, Init.TRUNCATED_NORMAL_002))
            .softmax()
            .times(heads);
  }

  /** {@code k p m / sum(p m)}, m the mask of the k greatest. */
  static Tensor chosen(Tensor logits, int k) {
    Tensor share = logits.softmax();
    Tensor kept = share.times(greatest(logits, k));
    return kept.dividedBy(kept.sum(1)).times(k);
  }

  /**
   * {@code h² mean over heads of (mean over tokens of p) (mean over tokens of m)}, {@code [1]}: k
   * where all h heads are liked and chosen alike, more where few are. The paper takes means over a
   * batch, here each example is by itself.
   *
   * @param logits {@code [tokens, heads]}
   */
  static Tensor imbalance(Tensor logits, int k) {
    double heads = logits.shape().size(1);
    Tensor liked = logits.softmax().mean(0);
    Tensor used = greatest(logits, k).mean(0);
    return liked.times(used).mean(1).times(heads * heads).reshape(1);
  }

  /**
   * A 1 for the k greatest of each row, else 0; of equals the earlier ones. It has no gradient.
   *
   * @param x {@code [rows, columns]}
   */
  static Tensor greatest(Tensor x, int k) {
    int rows = x.shape().size(0);
    int columns = x.shape().size(1);
    // how much greater the second of two columns is: [rows, first, second]
    Tensor more = x.reshape(rows, 1, columns).minus(x.reshape(rows, columns, 1));
    Tensor later = more.apply(Function.STEP).times(order(columns, true));
    Tensor notLess = more.times(-1).apply(Function.STEP).times(-1).plus(1);
    Tensor ahead = later.plus(notLess.times(order(columns, false))).sum(2);
    return ahead.times(-1).plus(k - 0.5).apply(Function.STEP).reshape(rows, columns);
  }

  /** A 1 where the second column comes after the first, or before it. */
  private static Tensor order(int columns, boolean after) {
    return Tensor.constant(
        Values.of(
            columns * columns,
            i -> (after ? i % columns > i / columns : i % columns < i / columns) ? 1 : 0),
        columns,
        columns);
  }
}
