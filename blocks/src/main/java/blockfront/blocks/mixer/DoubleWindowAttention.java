package blockfront.blocks.mixer;

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
import java.util.Optional;

/**
 * Attention of half of the heads within plain windows and of the other half within shifted ones.
 */
@AutoService(TokenMixer.class)
public final class DoubleWindowAttention implements TokenMixer {

  public static final Knob<Integer> WINDOW = WindowAttention.WINDOW;
  public static final Knob<Integer> HEAD_DIM = SoftmaxAttention.HEAD_DIM;
  public static final Knob<Boolean> QKV_BIAS = SoftmaxAttention.QKV_BIAS;

  @Override
  public String id() {
    return "styleswin_double";
  }

  @Override
  public String title() {
    return "Double window attention";
  }

  @Override
  public String summary() {
    return "Half of the heads attend within windows, the other half within windows "
        + "shifted by half their side: one layer sees as far as two of Swin.";
  }

  @Override
  public String family() {
    return "Window attention";
  }

  @Override
  public Source source() {
    return new Source(
        "StyleSwin: Transformer-based GAN for High-resolution Image Generation",
        "Zhang et al.",
        2021,
        "https://arxiv.org/abs/2112.10762");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.LOCAL, Traits.Causality.NEVER, Traits.Layout.GRID, "O(N w²)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(WINDOW, HEAD_DIM, QKV_BIAS);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Tensor grid = Tokens.grid("Double window attention", x);
    int channels = grid.shape().size(2);
    if (channels % 2 != 0) {
      throw new IllegalArgumentException(
          "Double window attention cannot halve %d channels".formatted(channels));
    }
    int heads = Heads.count(channels / 2, setting.of(HEAD_DIM));
    Tiles plain = WindowAttention.tiles(grid, setting.of(WINDOW), false);
    Tiles shifted = WindowAttention.tiles(grid, setting.of(WINDOW), true);
    Tensor qkv = WindowAttention.qkv(grid, setting.of(QKV_BIAS));
    Tensor first = Scope.in("plain", () -> half(qkv, 0, plain, heads));
    Tensor second = Scope.in("shifted", () -> half(qkv, channels / 2, shifted, heads));
    Tensor joined = Tensor.concatenate(2, first, second);
    return Scope.in("out", () -> joined.linear(channels));
  }

  private static Tensor half(Tensor qkv, int from, Tiles tiles, int heads) {
    int channels = qkv.shape().size(2) / 3;
    int to = from + channels / 2;
    return tiles.joined(
        tiles.attend(
            qkv.slice(2, from, to),
            qkv.slice(2, channels + from, channels + to),
            qkv.slice(2, 2 * channels + from, 2 * channels + to),
            heads,
            Optional.of(WindowAttention.bias(heads, tiles))));
  }
}
