package blockfront.blocks.channel;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Window;
import blockfront.blocks.spi.ChannelMixer;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/**
 * {@code y * σ(relu(mean(y) W3 + b3) W4 + b4)}, the mean being that of the grid, of what two
 * convolutions of 3x3 (a leaky ReLU between) or an MLP make of the tokens: the residual blocks
 * beside MAXIM's gates.
 */
@AutoService(ChannelMixer.class)
public final class ChannelAttention implements ChannelMixer {

  public static final Knob<String> FORM =
      Knob.option("form", "what comes before: two convolutions, or an MLP", "convolution", "mlp");
  public static final Knob<Integer> REDUCTION =
      Knob.integer("reduction", "channels for each hidden one of the attention", 4, 1, 64, 4);

  private static final int SIZE = 3;
  private static final double LEAK = 0.2;

  @Override
  public String id() {
    return "maxim_rcab";
  }

  @Override
  public String title() {
    return "Convolutions with channel attention";
  }

  @Override
  public String summary() {
    return "Two small convolutions, or an MLP; then the mean of all tokens says how much of each "
        + "channel passes.";
  }

  @Override
  public String family() {
    return "Convolution";
  }

  @Override
  public Source source() {
    return new Source(
        "MAXIM: Multi-Axis MLP for Image Processing",
        "Tu et al.",
        2022,
        "https://arxiv.org/abs/2201.02973");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.NEVER, Traits.Layout.GRID, "O(N)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(FORM, REDUCTION);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Tensor grid = Tokens.grid("Channel attention", x);
    int channels = grid.shape().size(2);
    boolean convolved = setting.of(FORM).equals("convolution");
    Tensor first = Scope.in("expand", () -> convolved ? convolve(grid) : grid.linear(channels));
    Tensor active = convolved ? leaky(first) : first.apply(Function.GELU);
    Tensor second =
        Scope.in("contract", () -> convolved ? convolve(active) : active.linear(channels));
    int hidden = Math.max(1, channels / setting.of(REDUCTION));
    Tensor squeezed =
        Scope.in("squeeze", () -> second.mean(0, 1).linear(hidden)).apply(Function.RELU);
    Tensor passed = Scope.in("excite", () -> squeezed.linear(channels)).apply(Function.SIGMOID);
    return second.times(passed);
  }

  private static Tensor convolve(Tensor x) {
    int channels = x.shape().size(2);
    Tensor kernel =
        Tensor.weight("weight", Init.TRUNCATED_NORMAL_002, SIZE, SIZE, channels, channels);
    return x.convolve(kernel, Window.same(SIZE), 1)
        .plus(Tensor.offset("bias", Init.ZEROS, channels));
  }

  /** {@code relu(x) - 0.2 relu(-x)}. */
  private static Tensor leaky(Tensor x) {
    return x.apply(Function.RELU).minus(x.times(-1).apply(Function.RELU).times(LEAK));
  }
}
