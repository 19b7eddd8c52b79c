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

/** Convolutions of 7x7 with stride 2, 3x3 twice, and 3x3 with stride 2; then a layer norm. */
@AutoService(Stem.class)
public final class Conv4Stem implements Stem {

  public static final Knob<Integer> HIDDEN =
      Knob.integer("hidden", "channels before the last convolution", 64, 1, 1024, 32, 64);

  @Override
  public String id() {
    return "conv4_stem";
  }

  @Override
  public String title() {
    return "7x7 and 3x3 convolutions";
  }

  @Override
  public String summary() {
    return "A large convolution, two small ones and one that leads to tokens: one token for "
        + "four by four pixels, with a good look at the image first.";
  }

  @Override
  public String family() {
    return "Convolution";
  }

  @Override
  public Source source() {
    return new Source(
        "SpectFormer: Frequency and Attention is what you need in a Vision Transformer",
        "Patro, Namboodiri and Agneeswaran",
        2023,
        "https://arxiv.org/abs/2304.06446");
  }

  @Override
  public Traits traits() {
    return Image.TRAITS;
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(HIDDEN);
  }

  @Override
  public Tensor embed(Tensor input, int width, Setting setting) {
    Tensor image = Tokens.grid("Convolution stem of four", input);
    int hidden = setting.of(HIDDEN);
    Tensor first =
        Scope.in("conv1", () -> Strided.normed(image, hidden, 7, 2, 3)).apply(Function.RELU);
    Tensor second =
        Scope.in("conv2", () -> Strided.normed(first, hidden, 3, 1, 1)).apply(Function.RELU);
    Tensor third =
        Scope.in("conv3", () -> Strided.normed(second, hidden, 3, 1, 1)).apply(Function.RELU);
    return Scope.in("conv4", () -> Strided.convolve(third, width, 3, 2, 1)).layerNorm(1e-5);
  }
}
