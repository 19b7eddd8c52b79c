package blockfront.blocks.position;

import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Position;
import blockfront.blocks.spi.Rotary;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/**
 * Queries and keys of attention turned by {@link Rotary}: on a grid half of the channels by the row
 * and half by the column.
 */
@AutoService(Position.class)
public final class RotaryPosition implements Position {

  @Override
  public String id() {
    return "rotary_position";
  }

  @Override
  public String title() {
    return "Rotary positions";
  }

  @Override
  public String summary() {
    return "Turns the queries and keys of attention by their places, so that only distances count. "
        + "Mixers that have no queries and keys do not notice.";
  }

  @Override
  public String family() {
    return "Position";
  }

  @Override
  public Source source() {
    return new Source(
        "RoFormer: Enhanced Transformer with Rotary Position Embedding",
        "Su et al.",
        2021,
        "https://arxiv.org/abs/2104.09864");
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

  @Override
  public Tensor turn(Tensor x, Shape tokens, Setting setting) {
    return tokens.rank() == 3
        ? Rotary.grid(x, 1, tokens.size(1))
        : Rotary.sequence(x, 1, x.shape().size(2));
  }
}
