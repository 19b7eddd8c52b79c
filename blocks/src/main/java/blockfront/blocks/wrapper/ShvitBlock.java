package blockfront.blocks.wrapper;

import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Window;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import blockfront.blocks.spi.Wrapper;
import com.google.auto.service.AutoService;
import java.util.List;

/**
 * {@code x + bn(dw(x))}, then {@code x + mix(norm(x))}, then {@code x + channel(norm(x))}; the
 * convolution starts as nothing.
 */
@AutoService(Wrapper.class)
public final class ShvitBlock implements Wrapper {

  private static final int SIZE = 3;

  @Override
  public String id() {
    return "shvit_block";
  }

  @Override
  public String title() {
    return "SHViT block";
  }

  @Override
  public String summary() {
    return "Three residual branches: a depthwise convolution of three by three with a batch "
        + "norm, then the token mixer, then the channel mixer.";
  }

  @Override
  public String family() {
    return "Residual";
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
    return new Traits(
        Traits.Mixing.LOCAL, Traits.Causality.NEVER, Traits.Layout.GRID, "O(N)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of();
  }

  @Override
  public Tensor wrap(Tensor x, Parts parts, Setting setting) {
    Tensor grid = Tokens.grid("SHViT block", x);
    Tensor local = x.plus(parts.branch(Scope.in("local", () -> local(grid))));
    Tensor mixed =
        parts.mixesTokens() ? local.plus(parts.branch(parts.mixTokens(parts.norm(local)))) : local;
    return parts.mixesChannels()
        ? mixed.plus(parts.branch(parts.mixChannels(parts.norm(mixed))))
        : mixed;
  }

  private static Tensor local(Tensor x) {
    int channels = x.shape().size(2);
    // variance 2 / fan-out, which is the taps of one kernel
    Init start = new Init.Normal(Math.sqrt(2.0 / (SIZE * SIZE)));
    Tensor kernel = Tensor.weight("weight", start, SIZE, SIZE, 1, channels);
    return x.convolve(kernel, Window.same(SIZE), channels).batchNorm(1e-5, 0.1, Init.ZEROS);
  }
}
