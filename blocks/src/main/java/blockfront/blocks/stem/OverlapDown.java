package blockfront.blocks.stem;

import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Downsampling;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** A convolution of 3x3 with stride 2, then a layer norm. */
@AutoService(Downsampling.class)
public final class OverlapDown implements Downsampling {

  public static final Knob<Boolean> BIAS =
      Knob.flag("bias", "whether the convolution has a bias: CSWin, SMT and SpectFormer do", false);

  public static final Knob<Boolean> NORM_BEFORE =
      Knob.flag("norm_before", "whether a layer norm comes before as well", false);

  @Override
  public String id() {
    return "overlap_down2";
  }

  @Override
  public String title() {
    return "3x3 convolution with norm";
  }

  @Override
  public String summary() {
    return "An overlapping convolution of three by three tokens at every second row and "
        + "column, then a layer norm.";
  }

  @Override
  public String family() {
    return "Convolution";
  }

  @Override
  public Source source() {
    return new Source(
        "Neighborhood Attention Transformer",
        "Hassani et al.",
        2022,
        "https://arxiv.org/abs/2204.07143");
  }

  @Override
  public Traits traits() {
    return Image.TRAITS;
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(BIAS, NORM_BEFORE);
  }

  @Override
  public Tensor reduce(Tensor x, int width, Setting setting) {
    Tensor tokens = Tokens.grid("Overlapping downsampling", x);
    Tensor grid =
        setting.of(NORM_BEFORE) ? Scope.in("before", () -> tokens.layerNorm(1e-6)) : tokens;
    Tensor reduced =
        setting.of(BIAS)
            ? Strided.convolve(grid, width, 3, 2, 1)
            : Strided.weighted(grid, width, 3, 2, 1, 1, Init.TRUNCATED_NORMAL_002);
    return reduced.layerNorm(1e-5);
  }
}
