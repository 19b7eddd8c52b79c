package blockfront.blocks.preset;

import static blockfront.blocks.preset.Built.GROUP_NORM;
import static blockfront.blocks.preset.Built.LAYER_NORM;
import static blockfront.blocks.preset.Built.MEAN_POOL;
import static blockfront.blocks.preset.Built.METAFORMER;
import static blockfront.blocks.preset.Built.MLP;

import blockfront.blocks.channel.Mlp;
import blockfront.blocks.head.MeanPool;
import blockfront.blocks.mixer.SoftmaxAttention;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.norm.GroupNorm;
import blockfront.blocks.norm.LayerNorm;
import blockfront.blocks.spi.Choice;
import blockfront.blocks.stem.Conv3Down;
import blockfront.blocks.stem.Conv7Stem;
import blockfront.blocks.wrapper.MetaFormerBlock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/** PoolFormer and the baselines that followed it. */
final class MetaFormers {

  private static final List<Integer> SMALL = List.of(64, 128, 320, 512);
  private static final List<Integer> MEDIUM = List.of(96, 192, 384, 768);

  private static final Choice IDENTITY = Choice.of("identity_mixer");
  private static final Choice POOL = Choice.of("pool_mixer");
  private static final Choice RANDOM = Choice.of("random_mixing");
  private static final Choice CONVOLUTION = Choice.of("sep_conv");
  private static final Choice ATTENTION =
      Choice.of("softmax_mha")
          .with(SoftmaxAttention.HEAD_DIM, 32)
          .with(SoftmaxAttention.QKV_BIAS, false)
          .with(SoftmaxAttention.OUT_BIAS, false);

  private MetaFormers() {}

  static SequencedMap<String, Architecture> all() {
    var networks = new LinkedHashMap<String, Architecture>();
    networks.put("poolformer_s12", poolFormer(SMALL, 2, 1e-5));
    networks.put("poolformer_s24", poolFormer(SMALL, 4, 1e-5));
    networks.put("poolformer_s36", poolFormer(SMALL, 6, 1e-6));
    networks.put("poolformer_m36", poolFormer(MEDIUM, 6, 1e-6));
    networks.put("poolformer_m48", poolFormer(MEDIUM, 8, 1e-6));
    sizes(networks, "identityformer", List.of(IDENTITY, IDENTITY, IDENTITY, IDENTITY));
    sizes(networks, "randformer", List.of(IDENTITY, IDENTITY, RANDOM, RANDOM));
    sizes(networks, "poolformerv2", List.of(POOL, POOL, POOL, POOL));
    deepSizes(networks, "convformer", List.of(CONVOLUTION, CONVOLUTION, CONVOLUTION, CONVOLUTION));
    deepSizes(networks, "caformer", List.of(CONVOLUTION, CONVOLUTION, ATTENTION, ATTENTION));
    return networks;
  }

  private static void sizes(
      SequencedMap<String, Architecture> networks, String family, List<Choice> mixers) {
    networks.put(family + "_s12", simple(SMALL, 2, mixers));
    networks.put(family + "_s24", simple(SMALL, 4, mixers));
    networks.put(family + "_s36", simple(SMALL, 6, mixers));
    networks.put(family + "_m36", simple(MEDIUM, 6, mixers));
    networks.put(family + "_m48", simple(MEDIUM, 8, mixers));
  }

  private static void deepSizes(
      SequencedMap<String, Architecture> networks, String family, List<Choice> mixers) {
    List<Integer> deep = List.of(3, 12, 18, 3);
    networks.put(family + "_s18", mixed(SMALL, List.of(3, 3, 9, 3), mixers));
    networks.put(family + "_s36", mixed(SMALL, deep, mixers));
    networks.put(family + "_m36", mixed(List.of(96, 192, 384, 576), deep, mixers));
    networks.put(family + "_b36", mixed(List.of(128, 256, 512, 768), deep, mixers));
  }

  private static Architecture poolFormer(List<Integer> widths, int depth, double layerScale) {
    Layer layer = Built.layer(METAFORMER, GROUP_NORM, POOL, Optional.of(MLP), layerScale);
    return Built.pyramid(
        Choice.of("conv7_stem"),
        Choice.of("conv3_down"),
        widths,
        List.of(depth, depth, 3 * depth, depth),
        Collections.nCopies(4, layer),
        GROUP_NORM,
        MEAN_POOL);
  }

  private static Architecture simple(List<Integer> widths, int depth, List<Choice> mixers) {
    Choice norm = GROUP_NORM.with(GroupNorm.BIAS, false).with(GroupNorm.EPSILON, 1e-6);
    return baseline(
        widths,
        List.of(depth, depth, 3 * depth, depth),
        norm,
        mixers,
        MEAN_POOL.with(MeanPool.NORM, "after"));
  }

  private static Architecture mixed(
      List<Integer> widths, List<Integer> depths, List<Choice> mixers) {
    return baseline(
        widths, depths, LAYER_NORM.with(LayerNorm.BIAS, false), mixers, Choice.of("mlp_head"));
  }

  /** No biases but in convolutions and at the end; residuals scaled in the last two stages. */
  private static Architecture baseline(
      List<Integer> widths, List<Integer> depths, Choice norm, List<Choice> mixers, Choice head) {
    Choice channel = MLP.with(Mlp.ACTIVATION, "star_relu").with(Mlp.BIAS, false);
    var layers = new ArrayList<Layer>();
    for (int i = 0; i < mixers.size(); i++) {
      Choice wrapper = METAFORMER.with(MetaFormerBlock.RESIDUAL_SCALE, i >= 2);
      layers.add(Built.layer(wrapper, norm, mixers.get(i), Optional.of(channel), 0));
    }
    return Built.pyramid(
        Choice.of("conv7_stem").with(Conv7Stem.NORM, true),
        Choice.of("conv3_down").with(Conv3Down.NORM, true),
        widths,
        depths,
        layers,
        LAYER_NORM,
        head);
  }
}
