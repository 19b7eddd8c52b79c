package blockfront.blocks.norm;

import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Norm;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** A gain and a bias for each channel, nothing else. */
@AutoService(Norm.class)
public final class AffineNorm implements Norm {

  @Override
  public String id() {
    return "affine";
  }

  @Override
  public String title() {
    return "Affine";
  }

  @Override
  public String summary() {
    return "A learned scale and shift of each channel, with no statistics at all. ResMLP "
        + "does without norms so.";
  }

  @Override
  public String family() {
    return "Normalisation";
  }

  @Override
  public Source source() {
    return new Source(
        "ResMLP: Feedforward networks for image classification with data-efficient " + "training",
        "Touvron et al.",
        2021,
        "https://arxiv.org/abs/2105.03404");
  }

  @Override
  public Traits traits() {
    return Traits.PER_TOKEN;
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of();
  }

  @Override
  public Tensor normalise(Tensor x, Setting setting) {
    int channels = x.shape().size(-1);
    return x.times(Tensor.offset("gain", Init.ONES, channels))
        .plus(Tensor.offset("bias", Init.ZEROS, channels));
  }
}
