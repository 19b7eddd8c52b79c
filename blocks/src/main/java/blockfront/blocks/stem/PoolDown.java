package blockfront.blocks.stem;

import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Window;
import blockfront.blocks.spi.Downsampling;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** The mean of each two by two tokens, and a linear layer where the width changes. */
@AutoService(Downsampling.class)
public final class PoolDown implements Downsampling {

  @Override
  public String id() {
    return "pool_down";
  }

  @Override
  public String title() {
    return "Average pooling";
  }

  @Override
  public String summary() {
    return "Each two by two tokens become their mean; a linear layer follows where the "
        + "width changes.";
  }

  @Override
  public String family() {
    return "Pooling";
  }

  @Override
  public Source source() {
    return new Source(
        "Token Reduction Should Go Beyond Efficiency in Generative Models -- From "
            + "Vision, Language to Multimodality",
        "Kong et al.",
        2025,
        "https://arxiv.org/abs/2505.18227");
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
    Tensor grid = Tokens.grid("Pooling", x);
    Window window =
        new Window(2, 2, 2, 1, 0, grid.shape().size(0) % 2, 0, grid.shape().size(1) % 2);
    Tensor pooled = grid.averagePool(window);
    return pooled.shape().size(2) == width ? pooled : pooled.linear(width);
  }
}
