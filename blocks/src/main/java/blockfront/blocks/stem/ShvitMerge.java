package blockfront.blocks.stem;

import blockfront.blocks.graph.Function;
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
import java.util.List;

/** Two residual refinements around an inverted bottleneck with stride 2. */
@AutoService(Downsampling.class)
public final class ShvitMerge implements Downsampling {

  @Override
  public String id() {
    return "shvit_merge";
  }

  @Override
  public String title() {
    return "Inverted bottleneck";
  }

  @Override
  public String summary() {
    return "Widens the tokens four times, brings neighbours together by a strided depthwise "
        + "convolution, weighs the channels and narrows to the new width; a small "
        + "convolution and an MLP before and after.";
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
  public Tensor reduce(Tensor x, int width, Setting setting) {
    Tensor before = Scope.in("before", () -> refined(Tokens.grid("SHViT merging", x)));
    int hidden = 4 * x.shape().size(2);
    Tensor wide =
        Scope.in("expand", () -> Strided.normed(before, hidden, 1, 1, 0)).apply(Function.RELU);
    Tensor fewer =
        Scope.in("merge", () -> Strided.normed(wide, hidden, 3, 2, 1, hidden, Init.ONES))
            .apply(Function.RELU);
    Tensor weighed = Scope.in("squeeze", () -> excited(fewer));
    Tensor narrow = Scope.in("contract", () -> Strided.normed(weighed, width, 1, 1, 0));
    return Scope.in("after", () -> refined(narrow));
  }

  /** Adds a depthwise convolution, then an MLP; both start as nothing. */
  private static Tensor refined(Tensor x) {
    int channels = x.shape().size(2);
    Tensor local =
        x.plus(Scope.in("local", () -> Strided.normed(x, channels, 3, 1, 1, channels, Init.ZEROS)));
    Tensor hidden =
        Scope.in("expand", () -> Strided.normed(local, 2 * channels, 1, 1, 0)).apply(Function.RELU);
    return local.plus(
        Scope.in("contract", () -> Strided.normed(hidden, channels, 1, 1, 0, 1, Init.ZEROS)));
  }

  /** Each channel weighed by what all of them are on average: squeeze and excitation. */
  private static Tensor excited(Tensor x) {
    int channels = x.shape().size(2);
    // a quarter, to the nearest multiple of 8
    int squeezed = Math.max(8, (channels / 4 + 4) / 8 * 8);
    Tensor mean = x.mean(0, 1);
    Tensor small = Scope.in("reduce", () -> mean.linear(squeezed)).apply(Function.RELU);
    return x.times(Scope.in("expand", () -> small.linear(channels)).apply(Function.SIGMOID));
  }
}
