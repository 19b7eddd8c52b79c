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

/** A convolution of 7x7 with stride 4, then a layer norm. */
@AutoService(Stem.class)
public final class CswinStem implements Stem {

  public static final Knob<Integer> PADDING =
      Knob.integer("padding", "zeros above and at the left; 3 in PVT v2 and FaViT", 2, 0, 3, 2);

  @Override
  public String id() {
    return "cswin_stem";
  }

  @Override
  public String title() {
    return "7x7 convolution with norm";
  }

  @Override
  public String summary() {
    return "Maps overlapping patches of seven by seven pixels to normalised tokens, one for "
        + "each four by four pixels.";
  }

  @Override
  public String family() {
    return "Convolution";
  }

  @Override
  public Source source() {
    return new Source(
        "CSWin Transformer: A General Vision Transformer Backbone with Cross-Shaped " + "Windows",
        "Dong et al.",
        2021,
        "https://arxiv.org/abs/2107.00652");
  }

  @Override
  public Traits traits() {
    return Image.TRAITS;
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(PADDING);
  }

  @Override
  public Tensor embed(Tensor input, int width, Setting setting) {
    return Strided.convolve(Tokens.grid("CSWin stem", input), width, 7, 4, setting.of(PADDING))
        .layerNorm(1e-5);
  }
}
