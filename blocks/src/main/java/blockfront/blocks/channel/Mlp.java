package blockfront.blocks.channel;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.ChannelMixer;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** {@code GELU(x W1 + b1) W2 + b2}. */
@AutoService(ChannelMixer.class)
public final class Mlp implements ChannelMixer {

  public static final Knob<Integer> EXPANSION =
      Knob.integer("expansion", "hidden channels for each channel", 4, 1, 16, 1, 2, 3, 4);
  public static final Knob<String> ACTIVATION =
      Knob.option("activation", "exact GELU or its tanh approximation", "gelu", "gelu_tanh");

  @Override
  public String id() {
    return "mlp";
  }

  @Override
  public String title() {
    return "MLP";
  }

  @Override
  public String summary() {
    return "Two linear layers with a GELU between, for each token alone. The plain choice.";
  }

  @Override
  public String family() {
    return "MLP";
  }

  @Override
  public Source source() {
    return new Source(
        "Attention Is All You Need", "Vaswani et al.", 2017, "https://arxiv.org/abs/1706.03762");
  }

  @Override
  public Traits traits() {
    return Traits.PER_TOKEN;
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(EXPANSION, ACTIVATION);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    int channels = x.shape().size(-1);
    int hidden = Math.multiplyExact(setting.of(EXPANSION), channels);
    Function activation =
        setting.of(ACTIVATION).equals("gelu") ? Function.GELU : Function.GELU_TANH;
    Tensor expanded = Scope.in("expand", () -> x.linear(hidden)).apply(activation);
    return Scope.in("contract", () -> expanded.linear(channels));
  }
}
