package blockfront.blocks.stem;

import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Stem;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** A linear map of 4x4 patches, then a layer norm. */
@AutoService(Stem.class)
public final class ConvNextStem implements Stem {

  @Override
  public String id() {
    return "convnext_stem";
  }

  @Override
  public String title() {
    return "4x4 patches with norm";
  }

  @Override
  public String summary() {
    return "Cuts the image into patches of four by four pixels, maps each to a token and "
        + "normalises it.";
  }

  @Override
  public String family() {
    return "Patches";
  }

  @Override
  public Source source() {
    return new Source(
        "A ConvNet for the 2020s", "Liu et al.", 2022, "https://arxiv.org/abs/2201.03545");
  }

  @Override
  public Traits traits() {
    return Image.TRAITS;
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of();
  }

  @Override
  public Tensor embed(Tensor input, int width, Setting setting) {
    return Strided.convolve(Tokens.grid("ConvNeXt stem", input), width, 4, 4, 0).layerNorm(1e-6);
  }
}
