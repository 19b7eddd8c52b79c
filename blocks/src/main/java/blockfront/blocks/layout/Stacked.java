package blockfront.blocks.layout;

import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Layout;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** Each layer once, one after another. */
@AutoService(Layout.class)
public final class Stacked implements Layout {

  @Override
  public String id() {
    return "stacked";
  }

  @Override
  public String title() {
    return "One after another";
  }

  @Override
  public String summary() {
    return "Each layer once, one after another.";
  }

  @Override
  public String family() {
    return "Layout";
  }

  @Override
  public Source source() {
    return new Source(
        "Deep Residual Learning for Image Recognition",
        "He et al.",
        2015,
        "https://arxiv.org/abs/1512.03385");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.NONE, Traits.Causality.INHERITED, Traits.Layout.BOTH, "O(N)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of();
  }

  @Override
  public Tensor arrange(Tensor x, Layers layers, Setting setting) {
    Tensor y = x;
    for (int i = 0; i < layers.count(); i++) {
      y = layers.apply(i, y);
    }
    return y;
  }
}
