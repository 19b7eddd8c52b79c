package blockfront.blocks.mixer;

import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.ActivatorUnit;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** Activator's unit in the place of a token mixer; it mixes nothing. See {@link ActivatorUnit}. */
@AutoService(TokenMixer.class)
public final class ActivatorMixer implements TokenMixer {

  public static final Knob<Integer> EXPANSION = ActivatorUnit.EXPANSION;
  public static final Knob<Boolean> AS_RELEASED = ActivatorUnit.AS_RELEASED;

  @Override
  public String id() {
    return "activator_mixer";
  }

  @Override
  public String title() {
    return "Activator unit (for attention)";
  }

  @Override
  public String summary() {
    return "A gated linear unit where other networks have attention, as its paper puts it. "
        + "It mixes no tokens: the network sees a bag of patches unless another layer "
        + "mixes.";
  }

  @Override
  public String family() {
    return "No mixing";
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
