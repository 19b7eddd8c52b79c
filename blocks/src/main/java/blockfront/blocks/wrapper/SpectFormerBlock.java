package blockfront.blocks.wrapper;

import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Traits;
import blockfront.blocks.spi.Wrapper;
import com.google.auto.service.AutoService;
import java.util.List;

/** {@code x + channel(norm(mix(norm(x))))}. */
@AutoService(Wrapper.class)
public final class SpectFormerBlock implements Wrapper {

  @Override
  public String id() {
    return "spectformer_sgn";
  }

  @Override
  public String title() {
    return "SpectFormer block";
  }

  @Override
  public String summary() {
    return "One residual branch through token mixer and channel mixer, each on normalised tokens. "
        + "GFNet and the spectral layers of SpectFormer are built so.";
  }

  @Override
  public String family() {
    return "Residual";
  }

  @Override
  public Source source() {
    return new Source(
        "SpectFormer: Frequency and Attention is what you need in a Vision Transformer",
        "Patro, Namboodiri and Agneeswaran",
        2023,
        "https://arxiv.org/abs/2304.06446");
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
    if (!parts.mixesTokens() && !parts.mixesChannels()) {
      return x;
    }
    Tensor branch = x;
    if (parts.mixesTokens()) {
      branch = parts.mixTokens(parts.norm(branch));
    }
    if (parts.mixesChannels()) {
      branch = parts.mixChannels(parts.norm(branch));
    }
    return x.plus(parts.branch(branch));
  }
}
