package blockfront.blocks.preset;

import static blockfront.blocks.preset.Built.ATTENTION;
import static blockfront.blocks.preset.Built.CLASS_TOKEN;
import static blockfront.blocks.preset.Built.LAYER_NORM;
import static blockfront.blocks.preset.Built.LEARNED_POSITION;
import static blockfront.blocks.preset.Built.MLP;

import blockfront.blocks.channel.Mlp;
import blockfront.blocks.head.MeanPool;
import blockfront.blocks.mixer.SoftmaxAttention;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.spi.Choice;
import blockfront.blocks.wrapper.SlicedRecursion;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/** DeiT, ViT, KAT and SReT. */
final class Transformers {

  private static final Choice KAN = Choice.of("kat_grkan");

  private Transformers() {}

  static SequencedMap<String, Architecture> all() {
    var networks = new LinkedHashMap<String, Architecture>();
    networks.put("deit_tiny", plain(192, 12, MLP));
    networks.put("deit_small", plain(384, 12, MLP));
    networks.put("deit_base", plain(768, 12, MLP));
    networks.put("vit_small_patch16_224", plain(384, 12, MLP));
    networks.put("vit_base_patch16_224", plain(768, 12, MLP));
    networks.put("vit_large_patch16_224", plain(1024, 24, MLP));
    networks.put("kat_t", plain(192, 12, KAN));
    networks.put("kat_s", plain(384, 12, KAN));
    networks.put("kat_b", plain(768, 12, KAN));
    networks.put("sret_t", sliced(64, 32, Map.of(64, 230, 128, 460, 256, 921), 1));
    networks.put("sret_lt", sliced(64, 32, Map.of(64, 256, 128, 512, 256, 1024), 1));
    networks.put("sret_s", sliced(126, 42, Map.of(126, 378, 252, 756, 504, 1512), 2));
    return networks;
  }

  private static Architecture plain(int width, int depth, Choice channel) {
    Layer layer = Built.layer(LAYER_NORM, ATTENTION, channel);
    return Built.isotropic(
        Built.patches(16), LEARNED_POSITION, width, Collections.nCopies(depth, layer), CLASS_TOKEN);
  }

  /** Widths that double twice; hidden channels of the MLPs by width. */
  private static Architecture sliced(
      int width, int headDim, Map<Integer, Integer> hidden, double refinement) {
    List<Integer> widths = List.of(width, 2 * width, 4 * width);
    List<List<Layer>> layers =
        List.of(
            recursive(2, headDim, hidden.getOrDefault(width, 0), refinement, 8, 2),
            recursive(5, headDim, hidden.getOrDefault(2 * width, 0), refinement, 4, 1),
            recursive(3, headDim, hidden.getOrDefault(4 * width, 0), refinement, 1, 1));
    return Built.staged(
        Choice.of("sret_stem"),
        LEARNED_POSITION,
        Choice.of("sret_down"),
        widths,
        layers,
        LAYER_NORM,
        Built.MEAN_POOL.with(MeanPool.NORM, "after"));
  }

  private static List<Layer> recursive(
      int depth, int headDim, int hidden, double refinement, int groups, int laterGroups) {
    Choice wrapper =
        Choice.of("sliced_recursion")
            .with(SlicedRecursion.GROUPS, groups)
            .with(SlicedRecursion.LATER_GROUPS, laterGroups)
            .with(SlicedRecursion.EXPANSION, refinement);
    Choice attention = Choice.of("softmax_mha").with(SoftmaxAttention.HEAD_DIM, headDim);
    Choice channel = Choice.of("mlp").with(Mlp.HIDDEN, hidden);
    return Collections.nCopies(
        depth, Built.layer(wrapper, LAYER_NORM, attention, Optional.of(channel), 0));
  }
}
