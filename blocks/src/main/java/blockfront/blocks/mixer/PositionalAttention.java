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

/**
 * Attention by content and by position, mixed by a gate a head: {@code ((1 - s) softmax(q k' /
 * sqrt(d)) + s softmax(p)) v} with {@code s = sigmoid(gate)} and {@code p = w · (Δx, Δy, Δx² + Δy²)
 * + b}, learned for each head and starting as one tap of a convolution.
 */
@AutoService(TokenMixer.class)
public final class PositionalAttention implements TokenMixer {

  public static final Knob<Integer> HEAD_DIM =
      Knob.integer("head_dim", "channels of one head", 48, 1, 1024, 8, 16, 48, 64);
  public static final Knob<Double> LOCALITY =
      Knob.decimal("locality", "how sharply heads look at their tap at first", 1, 0, 1000, 1.0);
  public static final Knob<Boolean> QKV_BIAS =
      Knob.flag("qkv_bias", "whether queries, keys and values have a bias", false);
  public static final Knob<Boolean> AS_RELEASED =
      Knob.flag(
          "as_released",
          "whether taps of an even number a side lie between tokens, as was released, not on the "
              + "token up and left of there",
          false);

  @Override
  public String id() {
    return "convit_gpsa";
  }

  @Override
  public String title() {
    return "Gated positional attention";
  }

  @Override
  public String summary() {
    return "Each head starts as one tap of a convolution and learns how far to look at "
        + "content instead of position: a convolution that may become attention.";
  }

  @Override
  public String family() {
    return "Attention";
  }

  @Override
  public Source source() {
    return new Source(
        "ConViT: Improving Vision Transformers with Soft Convolutional Inductive " + "Biases",
        "d'Ascoli et al.",
        2021,
        "https://arxiv.org/abs/2103.10697");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.NEVER, Traits.Layout.GRID, "O(N²)", false, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(HEAD_DIM, LOCALITY, QKV_BIAS, AS_RELEASED);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Tensor grid = Tokens.grid("Gated positional attention", x);
    Tensor tokens = Tokens.sequence(grid);
    int channels = tokens.shape().size(1);
    int heads = Heads.count(channels, setting.of(HEAD_DIM));
    boolean bias = setting.of(QKV_BIAS);
    Tensor both =
        Scope.in("query_key", () -> linear(tokens, 2 * channels, bias, Init.TRUNCATED_NORMAL_002));
    Tensor value =
        Heads.split(
            Scope.in("value", () -> linear(tokens, channels, bias, identity(channels))), heads);
    Tensor query = Heads.split(both.slice(1, 0, channels), heads);
    Tensor key = Heads.split(both.slice(1, channels, 2 * channels), heads);
    Tensor content =
        query.times(1 / Math.sqrt((double) channels / heads)).matmulTransposed(key).softmax();
    Tensor place = Scope.in("position", () -> positional(grid.shape(), heads, setting));
    Tensor share = Tensor.offset("gate", Init.ONES, heads, 1, 1).apply(Function.SIGMOID);
    // a mixture of rows that sum to 1 does so too
    Tensor weights = content.times(share.times(-1).plus(1)).plus(place.times(share));
    Tensor joined = Heads.join(weights.matmul(value));
    return Scope.in("out", () -> joined.linear(channels)).reshape(x.shape());
  }

  private static Tensor linear(Tensor x, int out, boolean bias, Init start) {
    Tensor product = x.linear(out, start);
    return bias ? product.plus(Tensor.offset("bias", Init.ZEROS, out)) : product;
  }

  private static Init identity(int channels) {
    return new Init.Given(
        Values.of(channels * channels, i -> i / channels == i % channels ? 1 : 0));
  }

  /** Where heads look whatever is there, {@code [heads, tokens, tokens]}. */
  private static Tensor positional(Shape grid, int heads, Setting setting) {
    int tokens = grid.size(0) * grid.size(1);
    int columns = grid.size(1);
    Tensor offsets =
        Tensor.constant(
            Values.of(
                tokens * tokens * 3,
                i -> {
                  int query = i / 3 / tokens;
                  int key = i / 3 % tokens;
                  double right = key % columns - query % columns;
                  double down = Math.floorDiv(key, columns) - Math.floorDiv(query, columns);
                  return switch (i % 3) {
                    case 0 -> right;
                    case 1 -> down;
                    default -> right * right + down * down;
                  };
                }),
            tokens * tokens,
            3);
    return offsets
        .matmul(weight(heads, setting))
        .plus(Tensor.offset("bias", Init.ZEROS, heads))
        .permute(1, 0)
        .reshape(heads, tokens, tokens)
        .softmax();
  }

  /** Of heads in a square, each by its tap; those left over start anywhere. */
  private static Tensor weight(int heads, Setting setting) {
    int side = (int) Math.sqrt(heads);
    int placed = side * side;
    double locality = setting.of(LOCALITY);
    int middle = side / 2;
    double centre = side % 2 == 0 && setting.of(AS_RELEASED) ? middle - 0.5 : middle;
    Init taps =
        new Init.Given(
            Values.of(
                3 * placed,
                i -> {
                  int row = i % placed / side;
                  double down = row - centre;
                  double right = i % placed % side - centre;
                  return locality
                      * switch (i / placed) {
                        case 0 -> 2 * right;
                        case 1 -> 2 * down;
                        default -> -1;
                      };
                }));
    Tensor weight = Tensor.weight("weight", taps, 3, placed);
    return placed == heads
        ? weight
        : Tensor.concatenate(
            1, weight, Tensor.weight("more", Init.TRUNCATED_NORMAL_002, 3, heads - placed));
  }
}
