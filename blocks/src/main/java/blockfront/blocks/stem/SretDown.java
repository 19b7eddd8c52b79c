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
import java.math.BigInteger;
import java.util.List;

/** A convolution of 3x3 with stride 2, as many groups as channels. */
@AutoService(Downsampling.class)
public final class SretDown implements Downsampling {

  @Override
  public String id() {
    return "sret_down";
  }

  @Override
  public String title() {
    return "Grouped 3x3 convolution";
  }

  @Override
  public String summary() {
    return "Each channel becomes several at half the resolution, by convolutions of its " + "own. ";
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
  public Tensor reduce(Tensor x, int width, Setting setting) {
    Tensor grid = Tokens.grid("Grouped downsampling", x);
    int channels = grid.shape().size(2);
    int groups = BigInteger.valueOf(channels).gcd(BigInteger.valueOf(width)).intValueExact();
    if (groups != channels) {
      Scope.repaired(
          "%d channels cannot become %d each by itself; used %d groups"
              .formatted(channels, width, groups));
    }
    return Strided.weighted(grid, width, 3, 2, 1, groups, Init.TRUNCATED_NORMAL_002)
        .plus(Tensor.offset("bias", Init.ZEROS, width));
  }
}
