package blockfront.blocks.mixer;

import blockfront.blocks.graph.Function;
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
 * Window attention beside a convolution whose channels are weighed by squeeze and excitation:
 * {@code wmsa(x) + c se(conv(GELU(conv(x))))}.
 */
@AutoService(TokenMixer.class)
public final class HybridAttention implements TokenMixer {

  public static final Knob<Integer> WINDOW =
      Knob.integer("window", "side of a window in tokens", 16, 1, 256, 4, 8, 16);
  public static final Knob<Integer> HEAD_DIM = SoftmaxAttention.HEAD_DIM;
  public static final Knob<String> SHIFT = WindowAttention.SHIFT;
  public static final Knob<Double> SCALE =
      Knob.decimal("conv_scale", "weight of the convolution branch", 0.01, 0, 100, 0.01);
  public static final Knob<Integer> COMPRESSION =
      Knob.integer("compression", "channels for each one between the convolutions", 3, 1, 64, 3);
  public static final Knob<Integer> SQUEEZE =
      Knob.integer("squeeze", "channels for each one that weighs them", 30, 1, 256, 30);
  public static final Knob<Boolean> QKV_BIAS = SoftmaxAttention.QKV_BIAS;

  @Override
  public String id() {
    return "hat_hab";
  }

  @Override
  public String title() {
    return "Hybrid attention";
  }

  @Override
  public String summary() {
    return "Window attention and, beside it, a small convolution branch that weighs "
        + "whole channels. Made for restoring images, where details count.";
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
        Traits.Mixing.GLOBAL, Traits.Causality.NEVER, Traits.Layout.GRID, "O(N w²)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(WINDOW, HEAD_DIM, SHIFT, SCALE, COMPRESSION, SQUEEZE, QKV_BIAS);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Tensor grid = Tokens.grid("Hybrid attention", x);
    int channels = grid.shape().size(2);
    Tensor windows =
        WindowAttention.windows(grid, setting, setting.of(WINDOW), setting.of(HEAD_DIM));
    Tensor attended = Scope.in("out", () -> windows.linear(channels));
    Tensor convolved = Scope.in("conv", () -> convolved(grid, setting));
    return attended.plus(convolved.times(setting.of(SCALE)));
  }

  private static Tensor convolved(Tensor grid, Setting setting) {
    int channels = grid.shape().size(2);
    int hidden = Math.max(1, channels / setting.of(COMPRESSION));
    int squeezed = Math.max(1, channels / setting.of(SQUEEZE));
    Tensor narrow =
        Scope.in("compress", () -> Convolutions.full(grid, hidden)).apply(Function.GELU);
    Tensor wide = Scope.in("expand", () -> Convolutions.full(narrow, channels));
    Tensor small = Scope.in("squeeze", () -> wide.mean(0, 1).linear(squeezed)).apply(Function.RELU);
    return wide.times(Scope.in("excite", () -> small.linear(channels)).apply(Function.SIGMOID));
  }
}
