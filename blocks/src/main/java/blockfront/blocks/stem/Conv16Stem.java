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

/** Four convolutions of 3x3 with stride 2 and batch norms, ReLU between. */
@AutoService(Stem.class)
public final class Conv16Stem implements Stem {

  @Override
  public String id() {
    return "conv16_stem";
  }

  @Override
  public String title() {
    return "Four 3x3 convolutions";
  }

  @Override
  public String summary() {
    return "Four convolutions, each at every second pixel and with a batch norm, lead to "
        + "one token for sixteen by sixteen pixels: few tokens, so the rest is cheap.";
  }

  @Override
  public String family() {
    return "Convolution";
  }

  @Override
  public Source source() {
    return new Source(
        "SHViT: Single-Head Vision Transformer with Memory Efficient Macro Design",
        "Yun and Ro",
        2024,
        "https://arxiv.org/abs/2401.16456");
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
    Tensor x = Tokens.grid("16x stem", input);
    for (int i = 0; i < 4; i++) {
      Tensor in = i == 0 ? x : x.apply(Function.RELU);
      int out = Math.ceilDiv(width, 8 >> i);
      x = Scope.in("conv" + (i + 1), () -> Strided.normed(in, out, 3, 2, 1));
    }
    return x;
  }
}
