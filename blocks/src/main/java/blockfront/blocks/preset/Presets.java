package blockfront.blocks.preset;

import blockfront.blocks.channel.Mlp;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.head.MeanPool;
import blockfront.blocks.mixer.SoftmaxAttention;
import blockfront.blocks.mixer.SpatialGate;
import blockfront.blocks.mixer.TokenMlp;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.network.Stage;
import blockfront.blocks.spi.Choice;
import blockfront.blocks.stem.PatchEmbed;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;

/**
 * Published networks, as their papers have them: 224x224 images, 1000 classes.
 *
 * <p>A name is that of the paper in lower case, with every run of other characters as one '_'.
 */
public final class Presets {

  private static final Shape IMAGE = Shape.of(224, 224, 3);
  private static final int CLASSES = 1000;

  private static final Choice METAFORMER = Choice.of("metaformer_block");
  private static final Choice SPECTFORMER = Choice.of("spectformer_sgn");
  private static final Choice LAYER_NORM = Choice.of("layer_norm");
  private static final Choice GROUP_NORM = Choice.of("group_norm");
  private static final Choice NO_POSITION = Choice.of("no_position");
  private static final Choice LEARNED_POSITION = Choice.of("learned_position");
  private static final Choice PATCHES_OF_16 = Choice.of("patch_embed").with(PatchEmbed.PATCH, 16);
  private static final Choice MEAN_POOL = Choice.of("mean_pool");
  private static final Choice CLASS_TOKEN = Choice.of("class_token");
  private static final Choice MLP = Choice.of("mlp").with(Mlp.EXPANSION, 4);
  private static final Choice ATTENTION =
      Choice.of("softmax_mha").with(SoftmaxAttention.HEAD_DIM, 64);

  private static final SequencedMap<String, Architecture> BY_NAME = all();

  private Presets() {}

  /** All names, families together. */
  public static List<String> names() {
    return List.copyOf(BY_NAME.keySet());
  }

  /**
   * The network of a name.
   *
   * @throws IllegalArgumentException if there is none, naming those there are
   */
  public static Architecture byName(String name) {
    return Optional.ofNullable(BY_NAME.get(name))
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "No published network '%s'; known are %s".formatted(name, names())));
  }

  private static SequencedMap<String, Architecture> all() {
    var networks = new LinkedHashMap<String, Architecture>();

    networks.put("deit_tiny", visionTransformer(192, MLP));
    networks.put("deit_small", visionTransformer(384, MLP));
    networks.put("vit_base_patch16_224", visionTransformer(768, MLP));
    networks.put("kat_t", visionTransformer(192, Choice.of("kat_grkan")));
    networks.put("kat_s", visionTransformer(384, Choice.of("kat_grkan")));

    networks.put("poolformer_s12", poolFormer(64, 2, 1e-5));
    networks.put("poolformer_s24", poolFormer(64, 4, 1e-5));
    networks.put("poolformer_s36", poolFormer(64, 6, 1e-6));
    networks.put("poolformer_m36", poolFormer(96, 6, 1e-6));
    networks.put("poolformer_m48", poolFormer(96, 8, 1e-6));

    networks.put("convnext_t", convNext(96, 9));
    networks.put("convnext_s", convNext(96, 27));
    networks.put("convnext_b", convNext(128, 27));
    networks.put("convnext_l", convNext(192, 27));

    networks.put("gfnet_ti", spectral(256, 12, 0));
    networks.put("gfnet_s", spectral(384, 19, 0));
    networks.put("gfnet_b", spectral(512, 19, 0));
    networks.put("spectformer_t", spectral(256, 4, 8));
    networks.put("spectformer_xs", spectral(384, 4, 8));
    networks.put("spectformer_b", spectral(512, 4, 15));

    networks.put("mixer_s_16", mlpMixer());
    networks.put("gmlp_s_16", gatedMlp());
    return Collections.unmodifiableSequencedMap(networks);
  }

  private static Architecture visionTransformer(int width, Choice channel) {
    Layer layer = layer(METAFORMER, LAYER_NORM, ATTENTION, Optional.of(channel), 0);
    return isotropic(LEARNED_POSITION, width, Collections.nCopies(12, layer), CLASS_TOKEN);
  }

  private static Architecture poolFormer(int width, int depth, double layerScale) {
    List<Integer> widths = width == 64 ? List.of(64, 128, 320, 512) : List.of(96, 192, 384, 768);
    Layer layer =
        layer(METAFORMER, GROUP_NORM, Choice.of("pool_mixer"), Optional.of(MLP), layerScale);
    return pyramid(
        "conv7_stem",
        "conv3_down",
        widths,
        List.of(depth, depth, 3 * depth, depth),
        layer,
        GROUP_NORM,
        MEAN_POOL);
  }

  private static Architecture convNext(int width, int thirdDepth) {
    Layer layer =
        layer(Choice.of("convnext_block"), LAYER_NORM, Choice.of("dwconv"), Optional.of(MLP), 1e-6);
    return pyramid(
        "convnext_stem",
        "convnext_down",
        List.of(width, 2 * width, 4 * width, 8 * width),
        List.of(3, 3, thirdDepth, 3),
        layer,
        LAYER_NORM,
        MEAN_POOL.with(MeanPool.NORM, "after"));
  }

  /** GFNet and SpectFormer: global filters first, then attention. */
  private static Architecture spectral(int width, int filters, int attentions) {
    Layer filter = layer(SPECTFORMER, LAYER_NORM, Choice.of("gfnet_filter"), Optional.of(MLP), 0);
    Layer attention = layer(METAFORMER, LAYER_NORM, ATTENTION, Optional.of(MLP), 0);
    List<Layer> layers =
        Stream.concat(
                Collections.nCopies(filters, filter).stream(),
                Collections.nCopies(attentions, attention).stream())
            .toList();
    return isotropic(LEARNED_POSITION, width, layers, MEAN_POOL);
  }

  private static Architecture mlpMixer() {
    Choice tokens = Choice.of("token_mlp").with(TokenMlp.HIDDEN, 256);
    Layer layer = layer(METAFORMER, LAYER_NORM, tokens, Optional.of(MLP), 0);
    return isotropic(NO_POSITION, 512, Collections.nCopies(8, layer), MEAN_POOL);
  }

  private static Architecture gatedMlp() {
    Choice gate = Choice.of("gmlp_sgu").with(SpatialGate.RATIO, 6);
    Layer layer = layer(METAFORMER, LAYER_NORM, gate, Optional.empty(), 0);
    return isotropic(NO_POSITION, 256, Collections.nCopies(30, layer), MEAN_POOL);
  }

  private static Layer layer(
      Choice wrapper, Choice norm, Choice mixer, Optional<Choice> channel, double layerScale) {
    return new Layer(wrapper, norm, Optional.of(mixer), channel, layerScale);
  }

  private static Architecture isotropic(
      Choice position, int width, List<Layer> layers, Choice head) {
    return new Architecture(
        IMAGE,
        CLASSES,
        PATCHES_OF_16,
        position,
        List.of(new Stage(width, Optional.empty(), layers)),
        LAYER_NORM,
        head);
  }

  private static Architecture pyramid(
      String stem,
      String downsampling,
      List<Integer> widths,
      List<Integer> depths,
      Layer layer,
      Choice norm,
      Choice head) {
    var stages = new ArrayList<Stage>();
    for (int i = 0; i < widths.size(); i++) {
      stages.add(
          new Stage(
              widths.get(i),
              i == 0 ? Optional.empty() : Optional.of(Choice.of(downsampling)),
              Collections.nCopies(depths.get(i), layer)));
    }
    return new Architecture(IMAGE, CLASSES, Choice.of(stem), NO_POSITION, stages, norm, head);
  }
}
