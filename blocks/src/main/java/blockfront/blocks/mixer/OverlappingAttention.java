package blockfront.blocks.mixer;

import blockfront.blocks.graph.Scope;
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
import java.util.stream.IntStream;

/**
 * The tokens of each window attend to a larger window about it, with a learned bias for each
 * offset.
 */
@AutoService(TokenMixer.class)
public final class OverlappingAttention implements TokenMixer {

  public static final Knob<Integer> WINDOW = HybridAttention.WINDOW;
  public static final Knob<Double> OVERLAP =
      Knob.decimal(
          "overlap", "how much wider the window of keys is, as a share", 0.5, 0, 4, 0.25, 0.5, 1.0);
  public static final Knob<Integer> HEAD_DIM = SoftmaxAttention.HEAD_DIM;
  public static final Knob<Boolean> QKV_BIAS = SoftmaxAttention.QKV_BIAS;
  public static final Knob<Boolean> AS_RELEASED =
      Knob.flag(
          "as_released",
          "whether zeros beyond the edge take part in the softmax, as was released",
          false);

  @Override
  public String id() {
    return "hat_ocab";
  }

  @Override
  public String title() {
    return "Overlapping attention";
  }

  @Override
  public String summary() {
    return "Queries of a window look at keys of a larger window around it, so that "
        + "windows share what lies between them.";
  }

  @Override
  public String family() {
    return "Window attention";
  }

  @Override
  public Source source() {
    return new Source(
        "HAT: Hybrid Attention Transformer for Image Restoration",
        "Chen et al.",
        2023,
        "https://arxiv.org/abs/2309.05239");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.LOCAL, Traits.Causality.NEVER, Traits.Layout.GRID, "O(N w²)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(WINDOW, OVERLAP, HEAD_DIM, QKV_BIAS, AS_RELEASED);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Tensor grid = Tokens.grid("Overlapping attention", x);
    int channels = grid.shape().size(2);
    int heads = Heads.count(channels, setting.of(HEAD_DIM));
    int side = WindowAttention.side(grid, setting.of(WINDOW));
    int margin = margin(side, setting.of(OVERLAP));
    int keySide = side + 2 * margin;
    Tiles tiles = Tiles.of(grid, side, side);
    Tensor qkv = WindowAttention.qkv(grid, setting.of(QKV_BIAS));
    Tensor query = Tiles.split(tiles.cut(qkv.slice(2, 0, channels)), heads);
    Tensor key = around(qkv.slice(2, channels, 2 * channels), tiles, margin);
    Tensor value = around(qkv.slice(2, 2 * channels, 3 * channels), tiles, margin);
    var offsets = RelativeBias.Axis.between(side, keySide);
    Tensor attended =
        Tiles.attend(
            query,
            Tiles.split(key, heads),
            Tiles.split(value, heads),
            Optional.of(RelativeBias.of(heads, offsets, offsets)),
            setting.of(AS_RELEASED) ? Optional.empty() : mask(tiles, margin));
    return Scope.in("out", () -> tiles.joined(attended).linear(channels));
  }

  /** Tokens that a window of keys goes beyond one of queries on each side. */
  private static int margin(int side, double overlap) {
    int more = (int) (overlap * side);
    if (more % 2 != 0) {
      Scope.repaired("An overlap of %d tokens has no middle; used %d".formatted(more, more - 1));
    }
    return more / 2;
  }

  /** What lies in and about each tile, zeros beyond the grid: {@code [tiles, keys, channels]}. */
  private static Tensor around(Tensor grid, Tiles tiles, int margin) {
    int channels = grid.shape().size(2);
    int side = tiles.height();
    int keySide = side + 2 * margin;
    int down = tiles.paddedRows() / side;
    int right = tiles.paddedColumns() / side;
    return grid.pad(0, margin, margin + tiles.paddedRows() - tiles.rows())
        .pad(1, margin, margin + tiles.paddedColumns() - tiles.columns())
        .select(0, starts(down, side, keySide))
        .select(1, starts(right, side, keySide))
        .reshape(down, keySide, right, keySide, channels)
        .permute(0, 2, 1, 3, 4)
        .reshape(down * right, keySide * keySide, channels);
  }

  private static List<Integer> starts(int windows, int stride, int side) {
    return IntStream.range(0, windows * side)
        .map(i -> i / side * stride + i % side)
        .boxed()
        .toList();
  }

  /** Minus infinity where a key lies beyond the grid, {@code [tiles, 1, 1, keys]}. */
  private static Optional<Tensor> mask(Tiles tiles, int margin) {
    int side = tiles.height();
    int keySide = side + 2 * margin;
    int keys = keySide * keySide;
    int right = tiles.paddedColumns() / side;
    Values values =
        Values.of(
            tiles.count() * keys,
            i -> {
              int tile = i / keys;
              int row = Math.floorDiv(tile, right) * side - margin + i % keys / keySide;
              int column = tile % right * side - margin + i % keys % keySide;
              boolean there =
                  row >= 0 && row < tiles.rows() && column >= 0 && column < tiles.columns();
              return there ? 0 : Double.NEGATIVE_INFINITY;
            });
    boolean all = IntStream.range(0, values.size()).allMatch(i -> values.at(i) == 0);
    return all ? Optional.empty() : Optional.of(Tensor.constant(values, tiles.count(), 1, 1, keys));
  }
}
