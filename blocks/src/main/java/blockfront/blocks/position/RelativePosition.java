package blockfront.blocks.position;

import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Position;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A learned bias for each head and each offset from a query to a key, added to the scores of
 * attention; each layer has a table of its own.
 */
@AutoService(Position.class)
public final class RelativePosition implements Position {

  @Override
  public String id() {
    return "relative_position";
  }

  @Override
  public String title() {
    return "Relative positions";
  }

  @Override
  public String summary() {
    return "Adds a learned number to each score of attention, one for each head and offset between "
        + "two tokens. Ties the network to one image size.";
  }

  @Override
  public String family() {
    return "Position";
  }

  @Override
  public Source source() {
    return new Source(
        "Swin Transformer: Hierarchical Vision Transformer using Shifted Windows",
        "Liu et al.",
        2021,
        "https://arxiv.org/abs/2103.14030");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.NONE, Traits.Causality.ALWAYS, Traits.Layout.BOTH, "O(N²)", false, true);
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
  public Tensor bias(Tensor scores, Shape tokens, Setting setting) {
    int heads = scores.shape().size(0);
    int count = scores.shape().size(1);
    int columns = tokens.rank() == 3 ? tokens.size(1) : count;
    int rows = count / columns;
    int across = 2 * columns - 1;
    List<Integer> offsets =
        IntStream.range(0, count * count)
            .map(
                i -> {
                  int query = i / count;
                  int key = i % count;
                  int down = key / columns - query / columns + rows - 1;
                  int right = key % columns - query % columns + columns - 1;
                  return down * across + right;
                })
            .boxed()
            .toList();
    Tensor table =
        Scope.in(
            "position",
            () ->
                Tensor.offset("table", Init.TRUNCATED_NORMAL_002, heads, (2 * rows - 1) * across));
    return scores.plus(table.select(1, offsets).reshape(heads, count, count));
  }
}
