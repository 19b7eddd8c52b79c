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

/**
 * {@code GELU(h + dw(h)) W2 + b2} with {@code h = x W1 + b1} and a depthwise convolution of 3x3.
 */
@AutoService(ChannelMixer.class)
public final class ScaleAwareMlp implements ChannelMixer {

  public static final Knob<Integer> EXPANSION =
      Knob.integer("expansion", "hidden channels for each channel", 4, 1, 16, 1, 2, 3, 4);

  @Override
  public String id() {
    return "smt_mlp";
  }

  @Override
  public String title() {
    return "MLP with local detail";
  }

  @Override
  public String summary() {
    return "An MLP whose hidden channels get a depthwise convolution of three by three "
        + "added before the GELU. Where the kernels are 0 it is the plain MLP.";
  }

  @Override
  public String family() {
    return "MLP";
  }

  @Override
  public Source source() {
    return new Source(
        "Scale-Aware Modulation Meet Transformer",
        "Lin et al.",
        2023,
        "https://arxiv.org/abs/2307.08579");
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
    int channels = Tokens.grid("MLP with local detail", x).shape().size(2);
    int hidden = Math.multiplyExact(setting.of(EXPANSION), channels);
    Tensor expanded = Scope.in("expand", () -> x.linear(hidden));
    Tensor detail = Scope.in("local", () -> Depthwise.convolve(expanded));
    Tensor active = expanded.plus(detail).apply(Function.GELU);
    return Scope.in("contract", () -> active.linear(channels));
  }
}
