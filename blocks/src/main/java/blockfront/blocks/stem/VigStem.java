package blockfront.blocks.stem;

import blockfront.blocks.graph.Function;
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

/** Two convolutions of 3x3 with stride 2 and layer norms, SiLU between. */
@AutoService(Stem.class)
public final class VigStem implements Stem {

  @Override
  public String id() {
    return "vig_stem";
  }

  @Override
  public String title() {
    return "Two 3x3 convolutions with norms";
  }

  @Override
  public String summary() {
    return "Two convolutions, each at every second pixel and with a layer norm, a SiLU "
        + "between: one token for four by four pixels.";
  }

  @Override
  public String family() {
    return "Convolution";
  }

  @Override
  public Source source() {
    return new Source(
        "ViG: Linear-complexity Visual Sequence Learning with Gated Linear Attention",
        "Liao et al.",
        2024,
        "https://arxiv.org/abs/2405.18425");
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
    Tensor image = Tokens.grid("ViG stem", input);
    Tensor half =
        Scope.in(
            "conv1",
            () -> Strided.convolve(image, Math.ceilDiv(width, 2), 3, 2, 1).layerNorm(1e-6));
    Tensor active = half.apply(Function.SILU);
    return Scope.in("conv2", () -> Strided.convolve(active, width, 3, 2, 1).layerNorm(1e-6));
  }
}
