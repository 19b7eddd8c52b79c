package blockfront.blocks.stem;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Init;
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

/** Three convolutions of 3x3 with stride 2, batch norms and ReLUs. */
@AutoService(Stem.class)
public final class SretStem implements Stem {

  @Override
  public String id() {
    return "sret_stem";
  }

  @Override
  public String title() {
    return "Three 3x3 convolutions";
  }

  @Override
  public String summary() {
    return "Three convolutions, each at every second pixel: one token for eight by eight "
        + "pixels.";
  }

  @Override
  public String family() {
    return "Convolution";
  }

  @Override
  public Source source() {
    return new Source(
        "Sliced Recursive Transformer", "Shen et al.", 2021, "https://arxiv.org/abs/2111.05297");
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
    Tensor image = Tokens.grid("SReT stem", input);
    Tensor first =
        Scope.in("conv1", () -> biased(image, Math.ceilDiv(width, 2))).apply(Function.RELU);
    Tensor second = Scope.in("conv2", () -> biased(first, width)).apply(Function.RELU);
    return Scope.in("conv3", () -> biased(second, width)).apply(Function.RELU);
  }

  /** The bias before the norm changes nothing, but was released. */
  private static Tensor biased(Tensor x, int width) {
    return Strided.convolve(x, width, 3, 2, 1).batchNorm(1e-5, 0.1, Init.ONES);
  }
}
