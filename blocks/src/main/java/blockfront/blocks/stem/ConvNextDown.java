package blockfront.blocks.stem;

import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Downsampling;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** A layer norm, then a linear map of 2x2 patches. */
@AutoService(Downsampling.class)
public final class ConvNextDown implements Downsampling {

  public static final Knob<Boolean> NORM =
      Knob.flag("norm", "whether a layer norm comes first; GFNet has none", true);

  @Override
  public String id() {
    return "convnext_down";
  }

  @Override
  public String title() {
    return "2x2 patches with norm";
  }

  @Override
  public String summary() {
    return "Normalises the tokens and maps each two by two of them to one.";
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
    return List.of(NORM);
  }

  @Override
  public Tensor reduce(Tensor x, int width, Setting setting) {
    Tensor grid = Tokens.grid("ConvNeXt downsampling", x);
    return Strided.convolve(setting.of(NORM) ? grid.layerNorm(1e-6) : grid, width, 2, 2, 0);
  }
}
