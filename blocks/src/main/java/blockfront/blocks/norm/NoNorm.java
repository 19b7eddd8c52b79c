package blockfront.blocks.norm;

import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Norm;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** Leaves activations as they are. */
@AutoService(Norm.class)
public final class NoNorm implements Norm {

  @Override
  public String id() {
    return "no_norm";
  }

  @Override
  public String title() {
    return "No norm";
  }

  @Override
  public String summary() {
    return "Leaves activations as they are.";
  }

  @Override
  public String family() {
    return "Normalisation";
  }

  @Override
  public Source source() {
    return new Source(
        "Activator: GLU Activations as The Core Functions of a Vision Transformer",
        "Abdullah and Aydin",
        2024,
        "https://arxiv.org/abs/2405.15953");
  }

  @Override
  public Traits traits() {
    return Traits.PER_TOKEN;
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of();
  }

  @Override
  public Tensor normalise(Tensor x, Setting setting) {
    return x;
  }
}
