package blockfront.blocks.norm;

import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Norm;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** Mean 0 and variance 1 over the channels of each token, then a gain and a bias. */
@AutoService(Norm.class)
public final class LayerNorm implements Norm {

  public static final Knob<Double> EPSILON = Epsilon.of(1e-6);
  public static final Knob<Boolean> BIAS =
      Knob.flag("bias", "whether channels are shifted after the gain", true);

  @Override
  public String id() {
    return "layer_norm";
  }

  @Override
  public String title() {
    return "Layer norm";
  }

  @Override
  public String summary() {
    return "Gives the channels of each token mean 0 and variance 1. The usual choice of transformers.";
  }

  @Override
  public String family() {
    return "Normalisation";
  }

  @Override
  public Source source() {
    return new Source(
        "Layer Normalization", "Ba, Kiros and Hinton", 2016, "https://arxiv.org/abs/1607.06450");
  }

  @Override
  public Traits traits() {
    return Traits.PER_TOKEN;
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(EPSILON, BIAS);
  }

  @Override
  public Tensor normalise(Tensor x, Setting setting) {
    return setting.of(BIAS)
        ? x.layerNorm(setting.of(EPSILON))
        : x.normalise(
            Op.Extent.CHANNELS,
            true,
            setting.of(EPSILON),
            Tensor.offset("gain", Init.ONES, x.shape().size(-1)));
  }
}
