package blockfront.blocks.mixer;

import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Window;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.StarRelu;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** {@code dw(StarReLU(x W1)) W2} with a depthwise convolution, no biases. */
@AutoService(TokenMixer.class)
public final class SeparableConvolution implements TokenMixer {

  public static final Knob<Integer> KERNEL =
      Knob.integer("kernel", "side of the kernel in tokens, odd", 7, 1, 31, 3, 5, 7);
  public static final Knob<Integer> EXPANSION =
      Knob.integer("expansion", "hidden channels for each channel", 2, 1, 8, 1, 2);

  @Override
  public String id() {
    return "sep_conv";
  }

  @Override
  public String title() {
    return "Separable convolution";
  }

  @Override
  public String summary() {
    return "Twice the channels, a depthwise convolution among them, and back: ConvFormer "
        + "mixes so.";
  }

  @Override
  public String family() {
    return "Convolution";
  }

  @Override
  public Source source() {
    return new Source(
        "MetaFormer Baselines for Vision", "Yu et al.", 2022, "https://arxiv.org/abs/2210.13452");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.LOCAL, Traits.Causality.NEVER, Traits.Layout.GRID, "O(N)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(KERNEL, EXPANSION);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Tensor grid = Tokens.grid("Separable convolution", x);
    int size = setting.of(KERNEL);
    if (size % 2 == 0) {
      throw new IllegalArgumentException(
          "Separable convolution needs a kernel of odd size, got " + size);
    }
    int channels = grid.shape().size(2);
    int hidden = Math.multiplyExact(setting.of(EXPANSION), channels);
    Tensor expanded = Scope.in("expand", () -> grid.linear(hidden, Init.TRUNCATED_NORMAL_002));
    Tensor active = Scope.in("activation", () -> StarRelu.of(expanded));
    Tensor local =
        Scope.in(
            "local",
            () ->
                active.convolve(
                    Tensor.weight("weight", Init.TRUNCATED_NORMAL_002, size, size, 1, hidden),
                    Window.same(size),
                    hidden));
    return Scope.in("contract", () -> local.linear(channels, Init.TRUNCATED_NORMAL_002));
  }
}
