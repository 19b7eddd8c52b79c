package blockfront.blocks.layout;

import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.head.ClassToken;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Layout;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/**
 * One layer after another, the first of them over the grid alone; then a learned token joins in
 * front. The head {@code class_token} reads it, its {@code entry} set to {@code later}.
 */
@AutoService(Layout.class)
public final class LateClassToken implements Layout {

  public static final Knob<Integer> BEFORE =
      Knob.integer("before", "layers before the token joins", 10, 0, 1000, 10);

  @Override
  public String id() {
    return "late_class_token";
  }

  @Override
  public String title() {
    return "Class token joins later";
  }

  @Override
  public String summary() {
    return "Layers one after another. The class token joins after some of them, so that these "
        + "may need a grid.";
  }

  @Override
  public String family() {
    return "Layout";
  }

  @Override
  public Source source() {
    return new Source(
        "ConViT: Improving Vision Transformers with Soft Convolutional Inductive Biases",
        "d'Ascoli et al.",
        2021,
        "https://arxiv.org/abs/2103.10697");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.NONE, Traits.Causality.NEVER, Traits.Layout.BOTH, "O(N)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(BEFORE);
  }

  @Override
  public Tensor arrange(Tensor x, Layers layers, Setting setting) {
    int before = Math.min(setting.of(BEFORE), layers.count());
    if (before != setting.of(BEFORE)) {
      Scope.repaired(
          "There are no %d layers before the class token; used %d"
              .formatted(setting.of(BEFORE), before));
    }
    Tensor y = x;
    for (int i = 0; i < layers.count(); i++) {
      y = layers.apply(i, i == before ? ClassToken.joined(y) : y);
    }
    return before == layers.count() ? ClassToken.joined(y) : y;
  }
}
