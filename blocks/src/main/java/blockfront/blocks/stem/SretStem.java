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
        Scope.in("conv1", () -> Strided.normed(image, Math.ceilDiv(width, 2), 3, 2, 1))
            .apply(Function.RELU);
    Tensor second =
        Scope.in("conv2", () -> Strided.normed(first, width, 3, 2, 1)).apply(Function.RELU);
    return Scope.in("conv3", () -> Strided.normed(second, width, 3, 2, 1)).apply(Function.RELU);
  }
}
