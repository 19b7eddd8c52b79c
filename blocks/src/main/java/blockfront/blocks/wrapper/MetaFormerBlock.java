package blockfront.blocks.wrapper;

import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Traits;
import blockfront.blocks.spi.Wrapper;
import com.google.auto.service.AutoService;
import java.util.List;
import java.util.function.UnaryOperator;

/** {@code x + mix(norm(x))}, then {@code x + channel(norm(x))}. */
@AutoService(Wrapper.class)
public final class MetaFormerBlock implements Wrapper {

  public static final Knob<Boolean> SHARED_NORM =
      Knob.flag(
          "shared_norm",
          "whether both branches use one norm, as Activator and NiNformer were released",
          false);
  public static final Knob<Boolean> RESIDUAL_SCALE =
      Knob.flag("residual_scale", "whether residuals have a learned scale for each channel", false);

  @Override
  public String id() {
    return "metaformer_block";
  }

  @Override
  public String title() {
    return "MetaFormer block";
  }

  @Override
  public String summary() {
    return "Two residual branches: first the token mixer, then the channel mixer, each on "
        + "normalised tokens. The layer of nearly all transformers.";
  }

  @Override
  public String family() {
    return "Residual";
  }

  @Override
  public Source source() {
    return new Source(
        "MetaFormer Is Actually What You Need for Vision",
        "Yu et al.",
        2021,
        "https://arxiv.org/abs/2111.11418");
  }

  @Override
  public Traits traits() {
    return Inherited.TRAITS;
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(SHARED_NORM, RESIDUAL_SCALE);
  }

  @Override
  public Tensor wrap(Tensor x, Parts parts, Setting setting) {
    boolean shared = setting.of(SHARED_NORM) || parts.sharesNorm();
    UnaryOperator<Tensor> norm = shared ? parts::sharedNorm : parts::norm;
    boolean scaled = setting.of(RESIDUAL_SCALE);
    Tensor y = x;
    if (parts.mixesTokens()) {
      Tensor branch = parts.branch(parts.mixTokens(norm.apply(y)));
      y = residual("residual1", y, scaled).plus(branch);
    }
    if (parts.mixesChannels()) {
      Tensor branch = parts.branch(parts.mixChannels(norm.apply(y)));
      y = residual("residual2", y, scaled).plus(branch);
    }
    return y;
  }

  private static Tensor residual(String name, Tensor x, boolean scaled) {
    return scaled
        ? Scope.in(name, () -> x.times(Tensor.offset("scale", Init.ONES, x.shape().size(-1))))
        : x;
  }
}
