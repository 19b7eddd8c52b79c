package blockfront.blocks.head;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Head;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;
import java.util.function.UnaryOperator;

/** One layer of class attention over all tokens; the answers of single tokens help. */
@AutoService(Head.class)
public final class ClassAttentionHead implements Head {

  public static final Knob<Integer> HEADS =
      Knob.integer("heads", "heads of the attention", 4, 1, 64, 4);
  public static final Knob<Integer> EXPANSION =
      Knob.integer("expansion", "hidden channels for each channel", 4, 1, 16, 4);
  public static final Knob<Boolean> TOKENS =
      Knob.flag("tokens", "whether half of the greatest answer of any token is added", true);

  @Override
  public String id() {
    return "class_attention";
  }

  @Override
  public String title() {
    return "Class attention";
  }

  @Override
  public String summary() {
    return "The mean token attends to all others, passes an MLP and gives the answer; the "
        + "strongest answer of any token is added to it, as token labelling wants.";
  }

  @Override
  public String family() {
    return "Head";
  }

  @Override
  public Source source() {
    return new Source(
        "All Tokens Matter: Token Labeling for Training Better Vision Transformers",
        "Jiang et al.",
        2021,
        "https://arxiv.org/abs/2104.10858");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.NEVER, Traits.Layout.BOTH, "O(N)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(HEADS, EXPANSION, TOKENS);
  }

  @Override
  public Tensor read(Tensor x, UnaryOperator<Tensor> norm, int classes, Setting setting) {
    Tensor tokens = Tokens.sequence(x);
    int count = tokens.shape().size(0);
    Tensor mean = tokens.mean(0);
    Tensor all = Tensor.concatenate(0, mean, tokens);
    Tensor seen = mean.plus(Scope.in("attention", () -> attention(all, setting.of(HEADS))));
    int hidden = Math.multiplyExact(setting.of(EXPANSION), mean.shape().size(1));
    Tensor expanded =
        Scope.in("expand", () -> Scope.in("norm", () -> seen.layerNorm(1e-6)).linear(hidden))
            .apply(Function.GELU);
    Tensor answer = seen.plus(Scope.in("contract", () -> expanded.linear(mean.shape().size(1))));
    Tensor normed = norm.apply(Tensor.concatenate(0, answer, tokens));
    Tensor logits = Scope.in("logits", () -> normed.slice(0, 0, 1).linear(classes));
    if (!setting.of(TOKENS)) {
      return logits.reshape(classes);
    }
    Tensor each = Scope.in("tokens", () -> normed.slice(0, 1, count + 1).linear(classes));
    return logits.plus(greatest(each).times(0.5)).reshape(classes);
  }

  /** Of the first token alone to all. */
  private static Tensor attention(Tensor x, int wanted) {
    Tensor normed = Scope.in("norm", () -> x.layerNorm(1e-6));
    int width = x.shape().size(1);
    int heads = Tokens.largestDivisor(width, wanted);
    if (heads != wanted) {
      Scope.repaired("%d heads do not divide %d channels; used %d".formatted(wanted, width, heads));
    }
    Tensor query = split(Scope.in("query", () -> normed.slice(0, 0, 1).linear(width)), heads);
    Tensor both = Scope.in("key_value", () -> normed.linear(2 * width));
    Tensor key = split(both.slice(1, 0, width), heads);
    Tensor value = split(both.slice(1, width, 2 * width), heads);
    double scale = 1 / Math.sqrt((double) width / heads);
    Tensor weighed = query.times(scale).matmulTransposed(key).softmax().matmul(value);
    Tensor joined = weighed.permute(1, 0, 2).reshape(1, width);
    return Scope.in("out", () -> joined.linear(width));
  }

  private static Tensor split(Tensor x, int heads) {
    return x.reshape(x.shape().size(0), heads, x.shape().size(1) / heads).permute(1, 0, 2);
  }

  /** The greatest of each column, by comparing halves until one row is left. */
  private static Tensor greatest(Tensor x) {
    Tensor rows = x;
    while (rows.shape().size(0) > 1) {
      int count = rows.shape().size(0);
      int half = Math.ceilDiv(count, 2);
      Tensor a = rows.slice(0, 0, half);
      Tensor b = rows.slice(0, count - half, count);
      rows = a.plus(b.minus(a).apply(Function.RELU));
    }
    return rows;
  }
}
