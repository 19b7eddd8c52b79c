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

/** Convolutions of 9x9 with stride 8 and of 3x3 with stride 2, each with a layer norm. */
@AutoService(Stem.class)
public final class VigPatches implements Stem {

  @Override
  public String id() {
    return "vig_patches";
  }

  @Override
  public String title() {
    return "9x9 and 3x3 convolutions";
  }

  @Override
  public String summary() {
    return "Two overlapping convolutions, at every eighth and then every second pixel, lead "
        + "to one token for sixteen by sixteen pixels.";
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
    Tensor image = Tokens.grid("ViG patches", input);
    Tensor eighth =
        Scope.in(
            "conv1",
            () -> Strided.convolve(image, Math.ceilDiv(width, 2), 9, 8, 1).layerNorm(1e-5));
    Tensor active = eighth.apply(Function.SILU);
    return Scope.in("conv2", () -> Strided.convolve(active, width, 3, 2, 1).layerNorm(1e-5));
  }
}
