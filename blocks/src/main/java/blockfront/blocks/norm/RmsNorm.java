package blockfront.blocks.norm;

import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Norm;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** Mean square 1 over the channels of each token, then a gain. */
@AutoService(Norm.class)
public final class RmsNorm implements Norm {

  public static final Knob<Double> EPSILON = Epsilon.of(1e-6);

  @Override
  public String id() {
    return "rms_norm";
  }

  @Override
  public String title() {
    return "RMS norm";
  }

  @Override
  public String summary() {
    return "Divides each token by its root mean square: a layer norm without the centring and the "
        + "bias, cheaper and about as good.";
  }

  @Override
  public String family() {
    return "Normalisation";
  }

  @Override
  public Source source() {
    return new Source(
        "Root Mean Square Layer Normalization",
        "Zhang and Sennrich",
        2019,
        "https://arxiv.org/abs/1910.07467");
  }

  @Override
  public Traits traits() {
    return Traits.PER_TOKEN;
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(EPSILON);
  }

  @Override
  public Tensor normalise(Tensor x, Setting setting) {
    return x.rmsNorm(setting.of(EPSILON));
  }
}
