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

/** Mean 0 and variance 1 of each channel over all tokens of the batch, then a gain and a bias. */
@AutoService(Norm.class)
public final class BatchNorm implements Norm {

  public static final Knob<Double> EPSILON = Epsilon.of(1e-5);
  public static final Knob<Double> MOMENTUM =
      Knob.decimal(
          "momentum", "how far a step moves the statistics used to answer", 0.1, 1e-3, 1, 0.1);

  @Override
  public String id() {
    return "batch_norm";
  }

  @Override
  public String title() {
    return "Batch norm";
  }

  @Override
  public String summary() {
    return "Gives each channel mean 0 and variance 1 over all tokens of a batch; answers with the "
        + "statistics gathered in training, as a mere scale and shift. Wants batches of 8 or more.";
  }

  @Override
  public String family() {
    return "Normalisation";
  }

  @Override
  public Source source() {
    return new Source(
        "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate"
            + " Shift",
        "Ioffe and Szegedy",
        2015,
        "https://arxiv.org/abs/1502.03167");
  }

  @Override
  public Traits traits() {
    // in training the statistics of later tokens reach earlier ones
    return new Traits(
        Traits.Mixing.NONE, Traits.Causality.NEVER, Traits.Layout.BOTH, "O(N)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(EPSILON, MOMENTUM);
  }

  @Override
  public Tensor normalise(Tensor x, Setting setting) {
    return x.batchNorm(setting.of(EPSILON), setting.of(MOMENTUM), Init.ONES);
  }
}
