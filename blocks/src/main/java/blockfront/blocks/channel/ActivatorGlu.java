package blockfront.blocks.channel;

import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.ActivatorUnit;
import blockfront.blocks.spi.ChannelMixer;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** Activator's unit as a channel mixer; see {@link ActivatorUnit}. */
@AutoService(ChannelMixer.class)
public final class ActivatorGlu implements ChannelMixer {

  public static final Knob<Integer> EXPANSION = ActivatorUnit.EXPANSION;
  public static final Knob<Boolean> AS_RELEASED = ActivatorUnit.AS_RELEASED;

  @Override
  public String id() {
    return "activator_glu";
  }

  @Override
  public String title() {
    return "Activator unit";
  }

  @Override
  public String summary() {
    return "A gated linear unit with normalised halves. Acts on each token alone: without "
        + "another mixer the network sees a bag of patches.";
  }

  @Override
  public String family() {
    return "Gated MLP";
  }

  @Override
  public Source source() {
    return new Source(
        "Activator: GLU Activations as The Core Functions of a Vision Transformer",
        "Abdullah and Aydin",
        2024,
        "https://arxiv.org/abs/2405.15953");
  }

  @Override
  public Traits traits() {
    return Traits.PER_TOKEN;
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(EXPANSION, AS_RELEASED);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    return ActivatorUnit.of(x, setting);
  }
}
