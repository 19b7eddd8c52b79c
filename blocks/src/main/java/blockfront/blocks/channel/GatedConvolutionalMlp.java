package blockfront.blocks.channel;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Init;
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

/** {@code (GELU(a) * b) W2} with {@code [a, b] = dw(x W1)}, no biases. */
@AutoService(ChannelMixer.class)
public final class GatedConvolutionalMlp implements ChannelMixer {

  public static final Knob<Double> EXPANSION =
      Knob.decimal(
          "expansion",
          "hidden channels for each channel, of either half",
          2.66,
          1,
          16,
          1.0,
          2.0,
          2.66,
          4.0);

  @Override
  public String id() {
    return "gdfn";
  }

  @Override
  public String title() {
    return "Gated MLP with convolution";
  }

  @Override
  public String summary() {
    return "Two hidden copies of the tokens, each seen through a depthwise convolution of "
        + "three by three; one, after a GELU, gates the other. From image restoration.";
  }

  @Override
  public String family() {
    return "Gated MLP";
  }

  @Override
  public Source source() {
    return new Source(
        "Restormer: Efficient Transformer for High-Resolution Image Restoration",
        "Zamir et al.",
        2021,
        "https://arxiv.org/abs/2111.09881");
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
    int channels = Tokens.grid("Gated MLP with convolution", x).shape().size(2);
    int hidden = (int) (setting.of(EXPANSION) * channels);
    Tensor both = Scope.in("expand", () -> x.linear(2 * hidden, Init.TRUNCATED_NORMAL_002));
    Tensor local = Scope.in("local", () -> Depthwise.weighted(both));
    Tensor gate = local.slice(2, 0, hidden).apply(Function.GELU);
    Tensor gated = gate.times(local.slice(2, hidden, 2 * hidden));
    return Scope.in("contract", () -> gated.linear(channels, Init.TRUNCATED_NORMAL_002));
  }
}
