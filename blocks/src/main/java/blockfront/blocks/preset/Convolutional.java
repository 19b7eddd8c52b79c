package blockfront.blocks.preset;

import static blockfront.blocks.preset.Built.LAYER_NORM;
import static blockfront.blocks.preset.Built.MEAN_POOL;
import static blockfront.blocks.preset.Built.METAFORMER;
import static blockfront.blocks.preset.Built.MLP;
import static blockfront.blocks.preset.Built.NO_POSITION;

import blockfront.blocks.channel.ScaleAwareMlp;
import blockfront.blocks.head.MeanPool;
import blockfront.blocks.mixer.LocalDetailAttention;
import blockfront.blocks.mixer.RecursiveGate;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.spi.Choice;
import blockfront.blocks.stem.OverlapDown;
import blockfront.blocks.stem.SmtStem;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/** ConvNeXt, HorNet and SMT. */
final class Convolutional {

  private Convolutional() {}

  static SequencedMap<String, Architecture> all() {
    var networks = new LinkedHashMap<String, Architecture>();
    networks.put("convnext_t", convNext(96, 9));
    networks.put("convnext_s", convNext(96, 27));
    networks.put("convnext_b", convNext(128, 27));
    networks.put("convnext_l", convNext(192, 27));
    networks.put("convnext_xl", convNext(256, 27));
    horNets(networks, "tiny", 64);
    horNets(networks, "small", 96);
    horNets(networks, "base", 128);
    horNets(networks, "large", 192);
    networks.put("smt_t", modulated(64, 3, List.of(2, 2, 8, 1), List.of(4, 4, 4, 2)));
    networks.put("smt_s", modulated(64, 3, List.of(3, 4, 18, 2), List.of(4, 4, 4, 2)));
    networks.put("smt_b", modulated(64, 7, List.of(4, 6, 28, 2), List.of(8, 6, 4, 2)));
    networks.put("smt_l", modulated(96, 7, List.of(4, 6, 28, 4), List.of(8, 6, 4, 2)));
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

  private static void horNets(SequencedMap<String, Architecture> networks, String size, int width) {
    networks.put("hornet_" + size + "_7x7", horNet(width, false));
    networks.put("hornet_" + size + "_gf", horNet(width, true));
  }

  /** Gates of order 2 to 5; where filters are global, those of the last two stages are. */
  private static Architecture horNet(int width, boolean global) {
    List<Layer> layers =
        IntStream.range(0, 4)
            .mapToObj(
                i -> {
                  Choice gate =
                      Choice.of("hornet_gnconv")
                          .with(RecursiveGate.ORDER, i + 2)
                          .with(RecursiveGate.FILTER, global && i > 1 ? "global" : "convolution");
                  return Built.layer(METAFORMER, LAYER_NORM, gate, Optional.of(MLP), 1e-6);
                })
            .toList();
    return Built.pyramid(
        Choice.of("convnext_stem"),
        Choice.of("convnext_down"),
        List.of(width, 2 * width, 4 * width, 8 * width),
        List.of(2, 3, 18, 2),
        layers,
        LAYER_NORM,
        MEAN_POOL.with(MeanPool.NORM, "after"));
  }

  /** Modulation in two stages, modulation and attention by turns in one, attention in the last. */
  private static Architecture modulated(
      int width, int stem, List<Integer> depths, List<Integer> expansions) {
    Choice modulation = Choice.of("smt_sam");
    var stages = new ArrayList<List<Layer>>();
    for (int i = 0; i < 4; i++) {
      // heads of the third stage are 8, of the last 16
      Choice attention = Choice.of("smt_mhsa").with(LocalDetailAttention.HEAD_DIM, width / 2);
      Choice channel = Choice.of("smt_mlp").with(ScaleAwareMlp.EXPANSION, expansions.get(i));
      int stage = i;
      stages.add(
          IntStream.range(0, depths.get(i))
              .mapToObj(
                  j ->
                      Built.layer(
                          LAYER_NORM,
                          stage == 3 || (stage == 2 && j % 2 != 0) ? attention : modulation,
                          channel))
              .toList());
    }
    return Built.staged(
        Choice.of("smt_stem").with(SmtStem.SIZE, stem),
        NO_POSITION,
        Choice.of("overlap_down2").with(OverlapDown.BIAS, true).with(OverlapDown.NORM_BEFORE, true),
        List.of(width, 2 * width, 4 * width, 8 * width),
        stages,
        LAYER_NORM,
        MEAN_POOL);
  }
}
