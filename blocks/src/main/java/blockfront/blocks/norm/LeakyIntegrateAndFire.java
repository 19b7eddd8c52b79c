package blockfront.blocks.norm;

import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Category;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Neuron;
import blockfront.blocks.spi.Norm;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.TimeSteps;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;
import java.util.stream.Stream;

/**
 * Spiking neurons where other layers have a norm: what follows sees spikes, or how often neurons
 * fire if the tokens have no time axis. See {@link Neuron}.
 */
@AutoService(Norm.class)
public final class LeakyIntegrateAndFire implements Norm {

  @Override
  public String id() {
    return "lif";
  }

  @Override
  public String title() {
    return "Leaky integrate-and-fire neurons";
  }

  @Override
  public String summary() {
    return "Potentials gather what arrives and leak; one that reaches the threshold fires and is "
        + "set back. Stands in the place of a norm: the layer behind sees spikes.";
  }

  @Override
  public String family() {
    return "Spiking";
  }

  @Override
  public Category category() {
    return Category.NEURON;
  }

  @Override
  public Source source() {
    return new Source(
        "Incorporating Learnable Membrane Time Constant to Enhance Learning of Spiking Neural"
            + " Networks",
        "Fang et al.",
        2020,
        "https://arxiv.org/abs/2007.05785");
  }

  @Override
  public Traits traits() {
    return Traits.PER_TOKEN;
  }

  @Override
  public List<Knob<?>> knobs() {
    return Stream.concat(Stream.of(TimeSteps.STEPS), Neuron.KNOBS.stream()).toList();
  }

  @Override
  public Tensor normalise(Tensor x, Setting setting) {
    return TimeSteps.over(x, setting.of(TimeSteps.STEPS), Neuron.of(setting)::spikes);
  }
}
