package blockfront.blocks.position;

import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Position;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** {@code x + P}, a learnt vector for each place. */
@AutoService(Position.class)
public final class LearnedPosition implements Position {

  @Override
  public String id() {
    return "learned_position";
  }

  @Override
  public String title() {
    return "Learned positions";
  }

  @Override
  public String summary() {
    return "Adds a learned vector for each place, which ties the network to one image size. "
        + "Attention needs it, or it cannot tell where a token is.";
  }

  @Override
  public String family() {
    return "Position";
  }

  @Override
  public Source source() {
    return new Source(
        "An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale",
        "Dosovitskiy et al.",
        2020,
        "https://arxiv.org/abs/2010.11929");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.NONE, Traits.Causality.ALWAYS, Traits.Layout.BOTH, "O(N)", true, true);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of();
  }

  @Override
  public Tensor locate(Tensor x, Setting setting) {
    int[] sizes = x.shape().sizes().stream().mapToInt(Integer::intValue).toArray();
    return x.plus(Tensor.offset("position", Init.TRUNCATED_NORMAL_002, sizes));
  }
}
