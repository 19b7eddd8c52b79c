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

/** A linear map of patches that do not overlap. */
@AutoService(Stem.class)
public final class PatchEmbed implements Stem {

  public static final Knob<Integer> PATCH =
      Knob.integer("patch", "side of a patch in pixels", 16, 1, 64, 1, 2, 4, 8, 16);

  @Override
  public String id() {
    return "patch_embed";
  }

  @Override
  public String title() {
    return "Patches";
  }

  @Override
  public String summary() {
    return "Cuts the image into square patches and maps each to a token. An image that does not "
        + "divide is padded with zeros at the bottom and right.";
  }

  @Override
  public String family() {
    return "Patches";
  }

  @Override
  public Source source() {
    return new Source(
        "An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale",
        "Dosovitskiy et al.",
        2020,
        "https://arxiv.org/abs/2010.11929");
  }

  @Override
  public Traits traits() {
    return Image.TRAITS;
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(PATCH);
  }

  @Override
  public Tensor embed(Tensor input, int width, Setting setting) {
    int patch = setting.of(PATCH);
    return Strided.convolve(Tokens.grid("Patch embedding", input), width, patch, patch, 0);
  }
}
