package blockfront.blocks.channel;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.ChannelMixer;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** {@code (GELU(x W1) * x W2) W3}, no biases. */
@AutoService(ChannelMixer.class)
public final class GeGlu implements ChannelMixer {

  public static final Knob<Integer> EXPANSION = GatedLinear.EXPANSION;
  public static final Knob<Integer> MULTIPLE = GatedLinear.MULTIPLE;

  @Override
  public String id() {
    return "geglu";
  }

  @Override
  public String title() {
    return "GEGLU";
  }

  @Override
  public String summary() {
    return "An MLP in which one half of the hidden channels, after a GELU, gates the other. "
        + "Often better than a plain MLP of the same cost.";
  }

  @Override
  public String family() {
    return "Gated MLP";
  }

  @Override
  public Source source() {
    return new Source(
        "GLU Variants Improve Transformer", "Shazeer", 2020, "https://arxiv.org/abs/2002.05202");
  }

  @Override
  public Traits traits() {
    return Traits.PER_TOKEN;
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(EXPANSION, MULTIPLE);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    return GatedLinear.mix(x, Function.GELU, setting.of(EXPANSION), setting.of(MULTIPLE));
  }
}
