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

/** Mean 0 and variance 1 over all tokens and channels of an example: GroupNorm of one group. */
@AutoService(Norm.class)
public final class GroupNorm implements Norm {

  public static final Knob<Double> EPSILON = Epsilon.of(1e-5);
  public static final Knob<Boolean> BIAS =
      Knob.flag("bias", "whether channels are shifted after the gain", true);

  @Override
  public String id() {
    return "group_norm";
  }

  @Override
  public String title() {
    return "Group norm (one group)";
  }

  @Override
  public String summary() {
    return "Gives all tokens and channels of an example together mean 0 and variance 1, so tokens "
        + "keep their relative size. PoolFormer's choice.";
  }

  @Override
  public String family() {
    return "Normalisation";
  }

  @Override
  public Source source() {
    return new Source("Group Normalization", "Wu and He", 2018, "https://arxiv.org/abs/1803.08494");
  }

  @Override
  public Traits traits() {
    // the shared statistics let a little of each token leak to all; no mixing to speak of
    return new Traits(
        Traits.Mixing.NONE, Traits.Causality.NEVER, Traits.Layout.BOTH, "O(N)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(EPSILON, BIAS);
  }

  @Override
  public Tensor normalise(Tensor x, Setting setting) {
    return setting.of(BIAS)
        ? x.groupNorm(setting.of(EPSILON))
        : x.normalise(
            Op.Extent.EXAMPLE,
            true,
            setting.of(EPSILON),
            Tensor.offset("gain", Init.ONES, x.shape().size(-1)));
  }
}
