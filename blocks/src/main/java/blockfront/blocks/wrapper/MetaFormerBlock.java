package blockfront.blocks.wrapper;

import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Traits;
import blockfront.blocks.spi.Wrapper;
import com.google.auto.service.AutoService;
import java.util.List;

/** {@code x + mix(norm(x))}, then {@code x + channel(norm(x))}. */
@AutoService(Wrapper.class)
public final class MetaFormerBlock implements Wrapper {

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
    return List.of();
  }

  @Override
  public Tensor wrap(Tensor x, Parts parts, Setting setting) {
    Tensor y = x;
    if (parts.mixesTokens()) {
      y = y.plus(parts.branch(parts.mixTokens(parts.norm(y))));
    }
    if (parts.mixesChannels()) {
      y = y.plus(parts.branch(parts.mixChannels(parts.norm(y))));
    }
    return y;
  }
}
