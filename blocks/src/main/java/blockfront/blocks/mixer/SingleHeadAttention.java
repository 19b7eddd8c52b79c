package blockfront.blocks.mixer;

import blockfront.blocks.graph.Function;
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

/**
 * One head of attention on some of the channels, then a linear layer over all of them: {@code
 * bn(relu([softmax(q k' / 4) v, rest]) W)}.
 */
@AutoService(TokenMixer.class)
public final class SingleHeadAttention implements TokenMixer {

  public static final Knob<Integer> PARTIAL =
      Knob.integer("partial", "channels that attend; 0 for three of fourteen", 0, 0, 4096, 0);
  public static final Knob<Integer> QUERY_DIM =
      Knob.integer("query_dim", "channels of a query and a key", 16, 1, 1024, 8, 16);
  public static final Knob<Boolean> AS_RELEASED =
      Knob.flag(
          "as_released",
          "whether the channels that pass by are not normalised, as in the paper and its code",
          true);

  @Override
  public String id() {
    return "shvit_shsa";
  }

  @Override
  public String title() {
    return "Single-head attention";
  }

  @Override
  public String summary() {
    return "One narrow head attends for a fifth of the channels, the others pass by; a "
        + "linear layer brings them together. Nearly as cheap as no attention.";
  }

  @Override
  public String family() {
    return "Attention";
  }

  @Override
  public Source source() {
    return new Source(
        "SHViT: Single-Head Vision Transformer with Memory Efficient Macro Design",
        "Yun and Ro",
        2024,
        "https://arxiv.org/abs/2401.16456");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.NEVER, Traits.Layout.GRID, "O(N²)", false, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(PARTIAL, QUERY_DIM, AS_RELEASED);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Tensor grid = Tokens.grid("Single-head attention", x);
    int channels = grid.shape().size(2);
    int partial = partial(channels, setting.of(PARTIAL));
    boolean all = partial == channels;
    Tensor own = Scope.in("norm", () -> grid.slice(2, 0, partial).groupNorm(1e-5));
    Tensor attended = attended(own, setting.of(QUERY_DIM));
    Tensor joined = all ? attended : Tensor.concatenate(2, attended, rest(grid, partial, setting));
    return Scope.in(
        "out", () -> Convolutions.normed(joined.apply(Function.RELU), channels, Init.ZEROS));
  }

  private static Tensor rest(Tensor grid, int partial, Setting setting) {
    Tensor rest = grid.slice(2, partial, grid.shape().size(2));
    return setting.of(AS_RELEASED) ? rest : Scope.in("rest", () -> rest.groupNorm(1e-5));
  }

  /** One head over the whole grid. */
  static Tensor attended(Tensor grid, int queryDim) {
    int width = grid.shape().size(2);
    Tensor tokens = Tokens.sequence(grid);
    Tensor qkv =
        Scope.in("qkv", () -> Convolutions.normed(tokens, 2 * queryDim + width, Init.ONES));
    Tensor query = qkv.slice(1, 0, queryDim);
    Tensor key = qkv.slice(1, queryDim, 2 * queryDim);
    Tensor value = qkv.slice(1, 2 * queryDim, 2 * queryDim + width);
    Tensor weights = query.times(1 / Math.sqrt(queryDim)).matmulTransposed(key).softmax();
    return weights.matmul(value).reshape(grid.shape());
  }

  private static int partial(int channels, int wanted) {
    int partial = wanted == 0 ? Math.max(1, 3 * channels / 14) : wanted;
    if (partial > channels) {
      Scope.repaired("%d of %d channels cannot attend; used all".formatted(partial, channels));
      return channels;
    }
    return partial;
  }
}
