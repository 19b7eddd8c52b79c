package blockfront.blocks.preset;

import static blockfront.blocks.preset.Built.LAYER_NORM;
import static blockfront.blocks.preset.Built.MEAN_POOL;
import static blockfront.blocks.preset.Built.MLP;

import blockfront.blocks.head.MeanPool;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.spi.Choice;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/** ConvNeXt. */
final class Convolutional {

  private Convolutional() {}

  static SequencedMap<String, Architecture> all() {
    var networks = new LinkedHashMap<String, Architecture>();
    networks.put("convnext_t", convNext(96, 9));
    networks.put("convnext_s", convNext(96, 27));
    networks.put("convnext_b", convNext(128, 27));
    networks.put("convnext_l", convNext(192, 27));
    networks.put("convnext_xl", convNext(256, 27));
    return networks;
  }

  private static Architecture convNext(int width, int thirdDepth) {
    Layer layer =
        Built.layer(
            Choice.of("convnext_block"), LAYER_NORM, Choice.of("dwconv"), Optional.of(MLP), 1e-6);
    return Built.pyramid(
        Choice.of("convnext_stem"),
        Choice.of("convnext_down"),
        List.of(width, 2 * width, 4 * width, 8 * width),
        List.of(3, 3, thirdDepth, 3),
        Collections.nCopies(4, layer),
        LAYER_NORM,
        MEAN_POOL.with(MeanPool.NORM, "after"));
  }
}
