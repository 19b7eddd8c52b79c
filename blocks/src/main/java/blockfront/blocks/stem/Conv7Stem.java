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

/** A convolution of 7x7 at every fourth pixel. */
@AutoService(Stem.class)
public final class Conv7Stem implements Stem {

  public static final Knob<Boolean> NORM =
      Knob.flag("norm", "whether a layer norm without bias follows", false);

  @Override
  public String id() {
    return "conv7_stem";
  }

  @Override
  public String title() {
    return "7x7 convolution";
  }

  @Override
  public String summary() {
    return "Maps overlapping patches of seven by seven pixels to tokens, one for each four by "
        + "four pixels. PoolFormer starts so.";
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
  public Tensor embed(Tensor input, int width, Setting setting) {
    Tensor tokens = Strided.convolve(Tokens.grid("7x7 stem", input), width, 7, 4, 2);
    return setting.of(NORM) ? Image.centred(tokens) : tokens;
  }
}
