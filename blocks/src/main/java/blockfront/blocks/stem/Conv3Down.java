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

/** A convolution of 3x3 at every second token. */
@AutoService(Downsampling.class)
public final class Conv3Down implements Downsampling {

  public static final Knob<Boolean> NORM =
      Knob.flag("norm", "whether a layer norm without bias comes first", false);

  @Override
  public String id() {
    return "conv3_down";
  }

  @Override
  public String title() {
    return "3x3 convolution";
  }

  @Override
  public String summary() {
    return "Maps overlapping neighbourhoods of three by three tokens to one, at every second row "
        + "and column.";
  }

  @Override
  public String family() {
    return "Convolution";
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
    return Image.TRAITS;
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(NORM);
  }

  @Override
  public Tensor reduce(Tensor x, int width, Setting setting) {
    Tensor grid = Tokens.grid("3x3 downsampling", x);
    return Strided.convolve(setting.of(NORM) ? Image.centred(grid) : grid, width, 3, 2, 1);
  }
}
