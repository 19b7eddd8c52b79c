package blockfront.blocks.channel;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.ChannelMixer;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** {@code GELU(dw(x W1 + b1)) W2 + b2} with a depthwise convolution of 3x3. */
@AutoService(ChannelMixer.class)
public final class ConvolutionalMlp implements ChannelMixer {

  public static final Knob<Integer> EXPANSION =
      Knob.integer("expansion", "hidden channels for each channel", 4, 1, 16, 1, 2, 3, 4);

  @Override
  public String id() {
    return "pvt2_convffn";
  }

  @Override
  public String title() {
    return "Convolutional MLP";
  }

  @Override
  public String summary() {
    return "An MLP with a depthwise convolution of three by three before its GELU, so "
        + "tokens also see their neighbours. Needs no positions.";
  }

  @Override
  public String family() {
    return "MLP";
  }

  @Override
  public Source source() {
    return new Source(
        "PVT v2: Improved Baselines with Pyramid Vision Transformer",
        "Wang et al.",
        2021,
        "https://arxiv.org/abs/2106.13797");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.LOCAL, Traits.Causality.NEVER, Traits.Layout.GRID, "O(N)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(EXPANSION);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    int channels = Tokens.grid("Convolutional MLP", x).shape().size(2);
    int hidden = Math.multiplyExact(setting.of(EXPANSION), channels);
    Tensor expanded = Scope.in("expand", () -> x.linear(hidden));
    Tensor local = Scope.in("local", () -> Depthwise.convolve(expanded)).apply(Function.GELU);
    return Scope.in("contract", () -> local.linear(channels));
  }
}
