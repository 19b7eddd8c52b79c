package blockfront.blocks.stem;

import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Normed;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Stem;
import blockfront.blocks.spi.TimeSteps;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** A convolution of 7x7 with stride 2 and a batch norm: the potentials of Meta-SpikeFormer. */
@AutoService(Stem.class)
public final class PotentialStem implements Stem {

  private static final int SIZE = 7;

  @Override
  public String id() {
    return "spike_stem";
  }

  @Override
  public String title() {
    return "Convolution to potentials";
  }

  @Override
  public String summary() {
    return "A convolution at every second pixel whose result is the current of the spiking layers "
        + "behind, the same at every time step.";
  }

  @Override
  public String family() {
    return "Spiking";
  }

  @Override
  public Source source() {
    return PotentialDown.META_SPIKE_FORMER;
  }

  @Override
  public Traits traits() {
    return Image.TRAITS;
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(TimeSteps.STEPS, TimeSteps.KEEP_TIME, Normed.BIAS);
  }

  @Override
  public Tensor embed(Tensor input, int width, Setting setting) {
    Tensor image = Tokens.grid("Convolution to potentials", input);
    Init start = Normed.start(SIZE * SIZE * image.shape().size(2));
    Tensor sums = Strided.weighted(image, width, SIZE, 2, SIZE / 2, 1, start);
    Tensor current = Scope.in("norm", () -> Normed.norm(sums, setting.of(Normed.BIAS)));
    return setting.of(TimeSteps.KEEP_TIME)
        ? TimeSteps.repeated(current, setting.of(TimeSteps.STEPS))
        : current;
  }
}
