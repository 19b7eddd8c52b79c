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

/**
 * {@code norm(conv(GELU(conv(x))))}, both 3x3, the first to half of the width.
 *
 * <p>Two small convolutions instead of one large: for images so small that patches would lose too
 * much.
 */
@AutoService(Stem.class)
public final class ConvStem implements Stem {

  public static final Knob<Integer> STRIDE =
      new Knob<>(
          "stride",
          "pixels from one token to the next",
          Integer.class,
          2,
          List.of(1, 2, 4),
          List.of());

  @Override
  public String id() {
    return "conv_stem";
  }

  @Override
  public String title() {
    return "3x3 convolutions";
  }

  @Override
  public String summary() {
    return "Two small convolutions lead from the image to tokens, at full, half or a quarter of "
        + "the resolution. For small images.";
  }

  @Override
  public String family() {
    return "Convolution";
  }

  @Override
  public Source source() {
    return new Source(
        "Early Convolutions Help Transformers See Better",
        "Xiao et al.",
        2021,
        "https://arxiv.org/abs/2106.14881");
  }

  @Override
  public Traits traits() {
    return Image.TRAITS;
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(STRIDE);
  }

  @Override
  public Tensor embed(Tensor input, int width, Setting setting) {
    Tensor image = Tokens.grid("Convolution stem", input);
    int stride = setting.of(STRIDE);
    int first = Math.min(stride, 2);
    Tensor half =
        Scope.in("conv1", () -> Strided.convolve(image, Math.ceilDiv(width, 2), 3, first, 1))
            .apply(Function.GELU);
    Tensor tokens = Scope.in("conv2", () -> Strided.convolve(half, width, 3, stride / first, 1));
    return tokens.layerNorm(1e-6);
  }
}
