package blockfront.blocks.preset;

import static blockfront.blocks.preset.Built.ATTENTION;
import static blockfront.blocks.preset.Built.LAYER_NORM;
import static blockfront.blocks.preset.Built.LEARNED_POSITION;
import static blockfront.blocks.preset.Built.MEAN_POOL;
import static blockfront.blocks.preset.Built.MLP;
import static blockfront.blocks.preset.Built.NO_POSITION;

import blockfront.blocks.channel.ConvolutionalMlp;
import blockfront.blocks.head.ClassAttentionHead;
import blockfront.blocks.mixer.SoftmaxAttention;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.spi.Choice;
import blockfront.blocks.stem.Conv4Stem;
import blockfront.blocks.stem.ConvNextDown;
import blockfront.blocks.stem.OverlapDown;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** GFNet, SpectFormer and SVT. */
final class Spectral {

  private static final Choice FILTER = Choice.of("gfnet_filter");
  private static final Choice ONE_BRANCH = Choice.of("spectformer_sgn");

  private Spectral() {}

  static SequencedMap<String, Architecture> all() {
    var networks = new LinkedHashMap<String, Architecture>();
    networks.put("gfnet_ti", spectral(256, 12, 0));
    networks.put("gfnet_xs", spectral(384, 12, 0));
    networks.put("gfnet_s", spectral(384, 19, 0));
    networks.put("gfnet_b", spectral(512, 19, 0));
    networks.put("gfnet_h_ti", filterPyramid(64, 10));
    networks.put("gfnet_h_s", filterPyramid(96, 10));
    networks.put("gfnet_h_b", filterPyramid(96, 27));
    networks.put("spectformer_t", spectral(256, 4, 8));
    networks.put("spectformer_xs", spectral(384, 4, 8));
    networks.put("spectformer_s", spectral(384, 4, 15));
    networks.put("spectformer_b", spectral(512, 4, 15));
    networks.put(
        "spectformer_h_s",
        hierarchical(FILTER, 2, 32, List.of(64, 128, 320, 448), List.of(3, 4, 6, 3)));
    networks.put(
        "spectformer_h_b",
        hierarchical(FILTER, 2, 64, List.of(64, 128, 320, 512), List.of(3, 4, 12, 3)));
    networks.put(
        "spectformer_h_l",
        hierarchical(FILTER, 2, 64, List.of(96, 192, 384, 512), List.of(3, 6, 18, 3)));
    Choice scatter = Choice.of("svt_scatter");
    networks.put(
        "svt_h_s", hierarchical(scatter, 1, 32, List.of(64, 128, 320, 448), List.of(3, 4, 6, 3)));
    networks.put(
        "svt_h_b", hierarchical(scatter, 1, 64, List.of(64, 128, 320, 512), List.of(3, 4, 12, 3)));
    networks.put(
        "svt_h_l", hierarchical(scatter, 1, 64, List.of(96, 192, 384, 512), List.of(3, 6, 18, 3)));
    return networks;
  }

  /** Global filters first, then attention. */
  private static Architecture spectral(int width, int filters, int attentions) {
    Layer filter = Built.layer(ONE_BRANCH, LAYER_NORM, FILTER, Optional.of(MLP), 0);
    Layer attention = Built.layer(LAYER_NORM, ATTENTION, MLP);
    List<Layer> layers =
        Stream.concat(
                Collections.nCopies(filters, filter).stream(),
                Collections.nCopies(attentions, attention).stream())
            .toList();
    return Built.isotropic(Built.patches(16), LEARNED_POSITION, width, layers, MEAN_POOL);
  }

  private static Architecture filterPyramid(int width, int thirdDepth) {
    Layer filter = Built.layer(ONE_BRANCH, LAYER_NORM, FILTER, Optional.of(MLP), 1e-5);
    return Built.staged(
        Built.patches(4),
        LEARNED_POSITION,
        Choice.of("convnext_down").with(ConvNextDown.NORM, false),
        List.of(width, 2 * width, 4 * width, 8 * width),
        Stream.of(3, 3, thirdDepth, 3).map(depth -> Collections.nCopies(depth, filter)).toList(),
        LAYER_NORM,
        MEAN_POOL);
  }

  /** Some stages of a spectral mixer, then attention. */
  private static Architecture hierarchical(
      Choice spectral, int stages, int hidden, List<Integer> widths, List<Integer> depths) {
    Choice attention = Choice.of("softmax_mha").with(SoftmaxAttention.HEAD_DIM, 32);
    List<List<Layer>> layers =
        IntStream.range(0, 4)
            .mapToObj(
                i -> {
                  Choice channel =
                      Choice.of("pvt2_convffn").with(ConvolutionalMlp.EXPANSION, i < 2 ? 8 : 4);
                  Layer layer = Built.layer(LAYER_NORM, i < stages ? spectral : attention, channel);
                  return Collections.nCopies(depths.get(i), layer);
                })
            .toList();
    return Built.staged(
        Choice.of("conv4_stem").with(Conv4Stem.HIDDEN, hidden),
        NO_POSITION,
        Choice.of("overlap_down2").with(OverlapDown.BIAS, true).with(OverlapDown.NORM_BEFORE, true),
        widths,
        layers,
        LAYER_NORM,
        Choice.of("class_attention").with(ClassAttentionHead.HEADS, widths.getLast() / 32));
  }
}
