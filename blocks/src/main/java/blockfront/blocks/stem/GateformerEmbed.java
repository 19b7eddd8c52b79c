package blockfront.blocks.stem;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Stem;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** Every series a token: {@code s t + (1 - s) g}, t from its patches, g from the whole of it. */
@AutoService(Stem.class)
public final class GateformerEmbed implements Stem {

  public static final Knob<Integer> PATCH =
      Knob.integer("patch", "time steps of a patch", 8, 1, 1024, 4, 8, 16);
  public static final Knob<Integer> HEADS =
      Knob.integer("heads", "heads of both attentions", 4, 1, 64, 4);
  public static final Knob<Boolean> VARIATES =
      Knob.flag("variates", "whether series attend to each other before the first layer", true);

  @Override
  public String id() {
    return "gateformer_embed";
  }

  @Override
  public String title() {
    return "Gated series embedding";
  }

  @Override
  public String summary() {
    return "For several series side by side, one column each, time downwards: every series "
        + "becomes one token, from its patches and from the whole of it, and the tokens "
        + "attend to each other. Ignores level and scale of a series.";
  }

  @Override
  public String family() {
    return "Series";
  }

  @Override
  public Source source() {
    return new Source(
        "Gateformer: Advancing Multivariate Time Series Forecasting through Temporal and "
            + "Variate-Wise Attention with Gated Representations",
        "Lan et al.",
        2025,
        "https://arxiv.org/abs/2505.00307");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL,
        Traits.Causality.NEVER,
        Traits.Layout.GRID,
        "O(P² + V²)",
        false,
        true);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(PATCH, HEADS, VARIATES);
  }

  @Override
  public Tensor embed(Tensor input, int width, Setting setting) {
    Tensor series = series(Tokens.grid("Series embedding", input)); // [variates, time]
    int patch = setting.of(PATCH);
    int heads = Tokens.largestDivisor(width, setting.of(HEADS));
    Tensor temporal = Scope.in("patches", () -> ofPatches(series, width, patch, heads));
    Tensor whole = Scope.in("whole", () -> series.linear(width));
    Tensor embedded =
        Scope.in("gate", () -> gated(whole.linear(width).plus(weigh(temporal)), temporal, whole));
    Tensor tokens =
        setting.of(VARIATES)
            ? Scope.in("variates", () -> acrossVariates(embedded, heads))
            : embedded;
    return tokens.reshape(1, tokens.shape().size(0), width);
  }

  /** Each column of each channel as a row, with mean 0 and variance 1 over time. */
  private static Tensor series(Tensor grid) {
    int time = grid.shape().size(0);
    int variates = grid.shape().size(1) * grid.shape().size(2);
    Tensor rows = grid.reshape(time, variates).permute(1, 0);
    Tensor centred = rows.minus(rows.mean(1));
    Tensor deviation = centred.apply(Function.SQUARE).mean(1).plus(1e-5).apply(Function.SQRT);
    return centred.dividedBy(deviation);
  }

  /** One transformer layer over the patches of each series, all of them read at once. */
  private static Tensor ofPatches(Tensor series, int width, int patch, int heads) {
    int variates = series.shape().size(0);
    int time = series.shape().size(1);
    int count = Math.ceilDiv(time, patch);
    Tensor patches = series.pad(1, 0, count * patch - time).reshape(variates, count, patch);
    Tensor tokens =
        Scope.in("embed", () -> patches.linear(width))
            .plus(Tensor.offset("position", Init.TRUNCATED_NORMAL_002, count, width));
    Tensor mixed = tokens.plus(Scope.in("attention", () -> attention(tokens, heads)));
    Tensor hidden =
        Scope.in("expand", () -> mixed.layerNorm(1e-6).linear(2 * width)).apply(Function.GELU);
    Tensor encoded = mixed.plus(Scope.in("contract", () -> hidden.linear(width)));
    return Scope.in("read", () -> encoded.reshape(variates, count * width).linear(width));
  }

  /** Over the last but one axis of {@code [series, tokens, channels]}. */
  private static Tensor attention(Tensor x, int heads) {
    int rows = x.shape().size(0);
    int tokens = x.shape().size(1);
    int width = x.shape().size(2);
    Tensor qkv = Scope.in("qkv", () -> x.layerNorm(1e-6).linear(3 * width));
    var parts = new Tensor[3];
    for (int i = 0; i < 3; i++) {
      parts[i] =
          qkv.slice(2, i * width, (i + 1) * width)
              .reshape(rows, tokens, heads, width / heads)
              .permute(0, 2, 1, 3);
    }
    double scale = 1 / Math.sqrt((double) width / heads);
    Tensor seen = parts[0].times(scale).matmulTransposed(parts[1]).softmax().matmul(parts[2]);
    Tensor joined = seen.permute(0, 2, 1, 3).reshape(rows, tokens, width);
    return Scope.in("out", () -> joined.linear(width));
  }

  /** Attention among series; a gate chooses between what it brings and what was there. */
  private static Tensor acrossVariates(Tensor x, int heads) {
    int variates = x.shape().size(0);
    int width = x.shape().size(1);
    Tensor seen =
        Scope.in("attention", () -> attention(x.reshape(1, variates, width), heads))
            .reshape(variates, width);
    return Scope.in("gate", () -> gated(x.linear(width).plus(weigh(seen)), seen, x));
  }

  private static Tensor weigh(Tensor x) {
    return x.linear(x.shape().size(-1), Init.TRUNCATED_NORMAL_002);
  }

  /** {@code s a + (1 - s) b} with {@code s = sigmoid(logits)}. */
  private static Tensor gated(Tensor logits, Tensor a, Tensor b) {
    Tensor open = logits.apply(Function.SIGMOID);
    return open.times(a).plus(open.times(-1).plus(1).times(b));
  }
}
