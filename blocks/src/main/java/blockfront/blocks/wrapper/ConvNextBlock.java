package blockfront.blocks.wrapper;

import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Category;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Traits;
import blockfront.blocks.spi.Wrapper;
import com.google.auto.service.AutoService;
import java.util.List;

/** {@code x + channel(norm(mix(x)))}. */
@AutoService(Wrapper.class)
public final class ConvNextBlock implements Wrapper {

  @Override
  public String id() {
    return "convnext_block";
  }

  @Override
  public String title() {
    return "ConvNeXt block";
  }

  @Override
  public String summary() {
    return "One residual branch: the token mixer sees the tokens as they are, the channel mixer "
        + "the normalised result.";
  }

  @Override
  public String family() {
    return "Residual";
  }

  @Override
  public Category category() {
    return Category.TOKEN_MIXER;
  }

  @Override
  public Source source() {
    return new Source(
        "A ConvNet for the 2020s", "Liu et al.", 2022, "https://arxiv.org/abs/2201.03545");
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
    Tensor mixed = parts.mixTokens(x);
    Tensor branch = parts.mixesChannels() ? parts.mixChannels(parts.norm(mixed)) : mixed;
    return x.plus(parts.branch(branch));
  }
}
