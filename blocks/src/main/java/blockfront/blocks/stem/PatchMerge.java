package blockfront.blocks.stem;

import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Downsampling;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** {@code norm([2x2 neighbours]) W}. */
@AutoService(Downsampling.class)
public final class PatchMerge implements Downsampling {

  @Override
  public String id() {
    return "patch_merge";
  }

  @Override
  public String title() {
    return "Patch merging";
  }

  @Override
  public String summary() {
    return "Joins each two by two neighbours to one token and maps it to the new width. A grid of "
        + "odd size is padded with zeros at the bottom and right.";
  }

  @Override
  public String family() {
    return "Patches";
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
    return Image.TRAITS;
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of();
  }

  @Override
  public Tensor reduce(Tensor x, int width, Setting setting) {
    Tensor grid = Tokens.grid("Patch merging", x);
    Tensor even = grid.pad(0, 0, grid.shape().size(0) % 2).pad(1, 0, grid.shape().size(1) % 2);
    int rows = even.shape().size(0) / 2;
    int columns = even.shape().size(1) / 2;
    int channels = even.shape().size(2);
    // the column's parity outside of the row's, as Swin orders the four neighbours
    return even.reshape(rows, 2, columns, 2, channels)
        .permute(0, 2, 3, 1, 4)
        .reshape(rows, columns, 4 * channels)
        .layerNorm(1e-5)
        .linear(width, Init.TRUNCATED_NORMAL_002);
  }
}
