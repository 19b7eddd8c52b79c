package blockfront.blocks.position;

import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Position;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** Leaves the tokens as they are. */
@AutoService(Position.class)
public final class NoPosition implements Position {

  @Override
  public String id() {
    return "no_position";
  }

  @Override
  public String title() {
    return "No positions";
  }

  @Override
  public String summary() {
    return "Adds nothing: for mixers that know where tokens are, such as convolutions and filters.";
  }

  @Override
  public String family() {
    return "Position";
  }

  @Override
  public Source source() {
    return new Source(
        "MetaFormer Is Actually What You Need for Vision",
        "Yu et al.",
        2021,
        "https://arxiv.org/abs/2111.11418");
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
  public Tensor locate(Tensor x, Setting setting) {
    return x;
  }
}
