package blockfront.blocks.mixer;

import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Depth;
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
 * Attention within windows of a grid, with a learned bias for each offset: {@code concat(softmax(q
 * k' / sqrt(d) + B) v) W + b}.
 */
@AutoService(TokenMixer.class)
public final class WindowAttention implements TokenMixer {

  public static final Knob<Integer> WINDOW =
      Knob.integer("window", "side of a window in tokens", 7, 1, 256, 4, 7, 8);
  public static final Knob<Integer> HEAD_DIM = SoftmaxAttention.HEAD_DIM;
  public static final Knob<String> SHIFT =
      Knob.option(
          "shift",
          "where windows lie half a window lower and to the right: in every second layer of a "
              + "stage, in none, or in all",
          "alternate",
          "none",
          "all");
  public static final Knob<Boolean> QKV_BIAS = SoftmaxAttention.QKV_BIAS;

  @Override
  public String id() {
    return "swin_wmsa";
  }

  @Override
  public String title() {
    return "Window attention";
  }

  @Override
  public String summary() {
    return "Softmax attention within small square windows, which lie shifted by half a "
        + "window in every second layer so that neighbours meet. Its cost grows with "
        + "the tokens only.";
  }

  @Override
  public String family() {
    return "Window attention";
  }

  @Override
  public Source source() {
    return new Source(
        "Swin Transformer: Hierarchical Vision Transformer using Shifted Windows",
        "Liu et al.",
        2021,
        "https://arxiv.org/abs/2103.14030");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.LOCAL, Traits.Causality.NEVER, Traits.Layout.GRID, "O(N w²)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(WINDOW, HEAD_DIM, SHIFT, QKV_BIAS);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Tensor grid = Tokens.grid("Window attention", x);
    int channels = grid.shape().size(2);
    Tensor joined = windows(grid, setting, setting.of(WINDOW), setting.of(HEAD_DIM));
    return Scope.in("out", () -> joined.linear(channels));
  }

  /** All but the last linear layer; {@link #SHIFT} and {@link #QKV_BIAS} as set. */
  static Tensor windows(Tensor grid, Setting setting, int window, int headDim) {
    int channels = grid.shape().size(2);
    int heads = Heads.count(channels, headDim);
    Tiles tiles = tiles(grid, window, shifted(setting));
    Tensor qkv = qkv(grid, setting.of(QKV_BIAS));
    Tensor attended =
        tiles.attend(
            qkv.slice(2, 0, channels),
            qkv.slice(2, channels, 2 * channels),
            qkv.slice(2, 2 * channels, 3 * channels),
            heads,
            Optional.of(bias(heads, tiles)));
    return tiles.joined(attended);
  }

  /** Queries, keys and values of each token, one after another. */
  static Tensor qkv(Tensor x, boolean bias) {
    int width = 3 * x.shape().size(-1);
    return Scope.in(
        "qkv", () -> bias ? x.linear(width) : x.linear(width, Init.TRUNCATED_NORMAL_002));
  }

  static Tensor bias(int heads, Tiles tiles) {
    return RelativeBias.of(
        heads,
        RelativeBias.Axis.between(tiles.height(), tiles.height()),
        RelativeBias.Axis.between(tiles.width(), tiles.width()));
  }

  /** Square windows, at most as large as the grid; one that leaves no other is never shifted. */
  static Tiles tiles(Tensor grid, int window, boolean shifted) {
    int side = side(grid, window);
    boolean others = Math.min(grid.shape().size(0), grid.shape().size(1)) > side;
    return Tiles.of(grid, side, side, shifted && others ? side / 2 : 0);
  }

  static int side(Tensor grid, int window) {
    int rows = grid.shape().size(0);
    int columns = grid.shape().size(1);
    int side = Math.min(window, Math.min(rows, columns));
    if (side != window) {
      Scope.repaired(
          "Windows of %d are larger than a grid of %dx%d; used %d"
              .formatted(window, rows, columns, side));
    }
    return side;
  }

  private static boolean shifted(Setting setting) {
    return switch (setting.of(SHIFT)) {
      case "none" -> false;
      case "all" -> true;
      default -> Depth.current().layer() % 2 == 1;
    };
  }
}
