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

/** A convolution of 3x3 with stride 2, batch norm and ReLU; patches of 2x2; a layer norm. */
@AutoService(Stem.class)
public final class SmtStem implements Stem {

  public static final Knob<Integer> SIZE =
      new Knob<>("size", "side of the first kernel", Integer.class, 3, List.of(3, 7), List.of());

  @Override
  public String id() {
    return "smt_stem";
  }

  @Override
  public String title() {
    return "3x3 convolution and 2x2 patches";
  }

  @Override
  public String summary() {
    return "A small convolution at every second pixel, then patches of two by two: one "
        + "token for four by four pixels.";
  }

  @Override
  public String family() {
    return "Convolution";
  }

  @Override
  public Source source() {
    return new Source(
        "Scale-Aware Modulation Meet Transformer",
        "Lin et al.",
        2023,
        "https://arxiv.org/abs/2307.08579");
  }

  @Override
  public Traits traits() {
    return Image.TRAITS;
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(SIZE);
  }

  @Override
  public Tensor embed(Tensor input, int width, Setting setting) {
    Tensor image = Tokens.grid("SMT stem", input);
    int size = setting.of(SIZE);
    Tensor half =
        Scope.in("conv1", () -> Strided.normed(image, width, size, 2, size / 2))
            .apply(Function.RELU);
    return Scope.in("conv2", () -> Strided.convolve(half, width, 2, 2, 0)).layerNorm(1e-5);
  }
}
