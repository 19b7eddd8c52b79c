package blockfront.blocks.stem;

import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Stem;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** Two convolutions of 3x3 with stride 2, then a layer norm. */
@AutoService(Stem.class)
public final class OverlapStem implements Stem {

  @Override
  public String id() {
    return "overlap_stem2";
  }

  @Override
  public String title() {
    return "Two 3x3 convolutions with norm";
  }

  @Override
  public String summary() {
    return "Two overlapping convolutions, each at every second pixel, and a layer norm: one "
        + "token for four by four pixels.";
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
    return List.of();
  }

  @Override
  public Tensor embed(Tensor input, int width, Setting setting) {
    Tensor image = Tokens.grid("Overlapping stem", input);
    Tensor half = Scope.in("conv1", () -> Strided.convolve(image, Math.ceilDiv(width, 2), 3, 2, 1));
    return Scope.in("conv2", () -> Strided.convolve(half, width, 3, 2, 1)).layerNorm(1e-5);
  }
}
