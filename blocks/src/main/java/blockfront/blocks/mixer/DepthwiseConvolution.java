package blockfront.blocks.mixer;

import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Window;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** A convolution of each channel with a kernel of its own. */
@AutoService(TokenMixer.class)
public final class DepthwiseConvolution implements TokenMixer {

  public static final Knob<Integer> KERNEL =
      Knob.integer("kernel", "side of the kernel in tokens, odd", 7, 1, 31, 3, 5, 7);

  @Override
  public String id() {
    return "dwconv";
  }

  @Override
  public String title() {
    return "Depthwise convolution";
  }

  @Override
  public String summary() {
    return "Each channel is filtered by a small learned kernel. Local, cheap, and aware of where "
        + "tokens are.";
  }

  @Override
  public String family() {
    return "Convolution";
  }

  @Override
  public Source source() {
    return new Source(
        "A ConvNet for the 2020s", "Liu et al.", 2022, "https://arxiv.org/abs/2201.03545");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.LOCAL, Traits.Causality.NEVER, Traits.Layout.GRID, "O(N)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(KERNEL);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Shape shape = Tokens.grid("Depthwise convolution", x).shape();
    return convolve(x, fitting(setting.of(KERNEL), shape));
  }

  /** With a bias; the grid stays. */
  static Tensor convolve(Tensor x, int size) {
    int channels = x.shape().size(2);
    return unbiased(x, size).plus(Tensor.offset("bias", Init.ZEROS, channels));
  }

  static Tensor unbiased(Tensor x, int size) {
    int channels = x.shape().size(2);
    Tensor kernel = Tensor.weight("weight", Init.TRUNCATED_NORMAL_002, size, size, 1, channels);
    return x.convolve(kernel, Window.same(size), channels);
  }

  /** The largest odd size not above the wanted one that a grid can use; a repair is told. */
  static int fitting(int size, Shape grid) {
    if (size % 2 == 0) {
      throw new IllegalArgumentException(
          "Depthwise convolution needs a kernel of odd size, got " + size);
    }
    // beyond this some taps only ever meet padding
    int greatest = 2 * Math.min(grid.size(0), grid.size(1)) - 1;
    if (size <= greatest) {
      return size;
    }
    Scope.repaired(
        "Kernel of %d is more than a grid of %dx%d can use; used %d"
            .formatted(size, grid.size(0), grid.size(1), greatest));
    return greatest;
  }
}
