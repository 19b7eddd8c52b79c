package blockfront.blocks.mixer;

import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Window;
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
 * Attention of half of the heads within vertical stripes and of the other half within horizontal
 * ones, each with a depthwise convolution of the values in its stripe: {@code softmax(q k' /
 * sqrt(d)) v + dw(v)}. Where stripes are as large as the grid, all heads attend to all of it.
 */
@AutoService(TokenMixer.class)
public final class CrossWindowAttention implements TokenMixer {

  private static final int SIZE = 3;

  public static final Knob<Integer> STRIPE =
      Knob.integer("stripe", "width of a stripe in tokens", 7, 1, 256, 1, 2, 7);
  public static final Knob<Integer> HEAD_DIM = SoftmaxAttention.HEAD_DIM;
  public static final Knob<Boolean> QKV_BIAS = SoftmaxAttention.QKV_BIAS;

  @Override
  public String id() {
    return "cswin_cross";
  }

  @Override
  public String title() {
    return "Cross-shaped windows";
  }

  @Override
  public String summary() {
    return "Half of the heads attend within vertical stripes and half within horizontal "
        + "ones, so each token sees a cross; a small convolution of the values tells "
        + "where they are. Two layers see the whole image.";
  }

  @Override
  public String family() {
    return "Window attention";
  }

  @Override
  public Source source() {
    return new Source(
        "CSWin Transformer: A General Vision Transformer Backbone with Cross-Shaped " + "Windows",
        "Dong et al.",
        2021,
        "https://arxiv.org/abs/2107.00652");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL,
        Traits.Causality.NEVER,
        Traits.Layout.GRID,
        "O(N sw √N)",
        false,
        false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(STRIPE, HEAD_DIM, QKV_BIAS);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Tensor grid = Tokens.grid("Cross-shaped window attention", x);
    int rows = grid.shape().size(0);
    int columns = grid.shape().size(1);
    int channels = grid.shape().size(2);
    int stripe = setting.of(STRIPE);
    int height = Math.min(stripe, rows);
    int width = Math.min(stripe, columns);
    if (height != stripe || width != stripe) {
      Scope.repaired(
          "Stripes of %d are wider than a grid of %dx%d; used %d columns and %d rows"
              .formatted(stripe, rows, columns, width, height));
    }
    Tensor qkv = WindowAttention.qkv(grid, setting.of(QKV_BIAS));
    Tensor joined;
    if (height == rows && width == columns) {
      int heads = Heads.count(channels, setting.of(HEAD_DIM));
      joined =
          Scope.in("whole", () -> branch(qkv, 0, channels, Tiles.of(grid, rows, columns), heads));
    } else if (channels % 2 != 0 || channels < 2 * setting.of(HEAD_DIM)) {
      // what cannot be halved looks one way only
      Scope.repaired(
          "%d channels are no two halves of heads of %d; used vertical stripes only"
              .formatted(channels, setting.of(HEAD_DIM)));
      int heads = Heads.count(channels, setting.of(HEAD_DIM));
      joined =
          Scope.in("vertical", () -> branch(qkv, 0, channels, Tiles.of(grid, rows, width), heads));
    } else {
      int half = channels / 2;
      int heads = Heads.count(half, setting.of(HEAD_DIM));
      joined =
          Tensor.concatenate(
              2,
              Scope.in("vertical", () -> branch(qkv, 0, half, Tiles.of(grid, rows, width), heads)),
              Scope.in(
                  "horizontal",
                  () -> branch(qkv, half, channels, Tiles.of(grid, height, columns), heads)));
    }
    return Scope.in("out", () -> joined.linear(channels));
  }

  /** Of some channels, within tiles. */
  private static Tensor branch(Tensor qkv, int from, int to, Tiles tiles, int heads) {
    int channels = qkv.shape().size(2) / 3;
    Tensor query = qkv.slice(2, from, to);
    Tensor key = qkv.slice(2, channels + from, channels + to);
    Tensor value = qkv.slice(2, 2 * channels + from, 2 * channels + to);
    Tensor seen = tiles.attend(query, key, value, heads, Optional.empty());
    return tiles.joined(seen.plus(Scope.in("local", () -> local(value, tiles))));
  }

  /** A depthwise convolution that does not look over the edge of a tile. */
  private static Tensor local(Tensor value, Tiles tiles) {
    int channels = value.shape().size(2);
    int count = tiles.count();
    // tiles side by side as channels, all with one kernel
    Tensor stacked =
        tiles.cut(value).permute(1, 0, 2).reshape(tiles.height(), tiles.width(), count * channels);
    Tensor kernel =
        Tensor.weight("weight", Convolutions.fanOut(SIZE, 1), SIZE, SIZE, 1, 1, channels)
            .broadcast(Shape.of(SIZE, SIZE, 1, count, channels))
            .reshape(SIZE, SIZE, 1, count * channels);
    return stacked
        .convolve(kernel, Window.same(SIZE), count * channels)
        .reshape(tiles.tokens(), count, channels)
        .permute(1, 0, 2)
        .plus(Tensor.offset("bias", Init.ZEROS, channels));
  }
}
