package blockfront.blocks.preset;

import static blockfront.blocks.preset.Built.CLASS_TOKEN;
import static blockfront.blocks.preset.Built.LAYER_NORM;
import static blockfront.blocks.preset.Built.LEARNED_POSITION;
import static blockfront.blocks.preset.Built.MEAN_POOL;
import static blockfront.blocks.preset.Built.METAFORMER;
import static blockfront.blocks.preset.Built.MLP;
import static blockfront.blocks.preset.Built.NO_NORM;
import static blockfront.blocks.preset.Built.NO_POSITION;

import blockfront.blocks.channel.ConvolutionalMlp;
import blockfront.blocks.channel.Mlp;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.head.ClassToken;
import blockfront.blocks.head.MeanPool;
import blockfront.blocks.layout.LateClassToken;
import blockfront.blocks.mixer.CrossWindowAttention;
import blockfront.blocks.mixer.FactorisedAttention;
import blockfront.blocks.mixer.NeighbourhoodAttention;
import blockfront.blocks.mixer.PositionalAttention;
import blockfront.blocks.mixer.SoftmaxAttention;
import blockfront.blocks.mixer.WindowAttention;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.network.Stage;
import blockfront.blocks.norm.LayerNorm;
import blockfront.blocks.spi.Choice;
import blockfront.blocks.stem.CswinStem;
import blockfront.blocks.stem.OverlapDown;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Swin, CSWin, NAT, DiNAT, FaViT, SHViT and ConViT: attention that starts nearby. */
final class Windowed {

  private Windowed() {}

  static SequencedMap<String, Architecture> all() {
    var networks = new LinkedHashMap<String, Architecture>();
    networks.put("swin_t", swin(96, 6, windows(7), 224));
    networks.put("swin_s", swin(96, 18, windows(7), 224));
    networks.put("swin_b", swin(128, 18, windows(7), 224));
    networks.put("swin_l", swin(192, 18, windows(7), 224));
    networks.put("swin_b_384", swin(128, 18, windows(12), 384));
    networks.put("swin_l_384", swin(192, 18, windows(12), 384));
    networks.put("cswin_t", cswin(64, List.of(1, 2, 21, 1), 7, 32, 32, 224));
    networks.put("cswin_s", cswin(64, List.of(2, 4, 32, 2), 7, 32, 32, 224));
    networks.put("cswin_b", cswin(96, List.of(2, 4, 32, 2), 7, 24, 24, 224));
    networks.put("cswin_l", cswin(144, List.of(2, 4, 32, 2), 7, 24, 48, 224));
    networks.put("cswin_b_384", cswin(96, List.of(2, 4, 32, 2), 12, 24, 24, 384));
    networks.put("cswin_l_384", cswin(144, List.of(2, 4, 32, 2), 12, 24, 48, 384));
    neighbourhoods(networks);
    networks.put("favit_b0", faVit(32, List.of(2, 2, 6, 2)));
    networks.put("favit_b1", faVit(64, List.of(2, 2, 6, 2)));
    networks.put("favit_b2", faVit(64, List.of(2, 3, 18, 3)));
    networks.put("favit_b3", faVit(96, List.of(2, 3, 14, 3)));
    networks.put("shvit_s1", shVit(List.of(128, 224, 320), List.of(2, 4, 5), 224));
    networks.put("shvit_s2", shVit(List.of(128, 308, 448), List.of(2, 4, 5), 224));
    networks.put("shvit_s3", shVit(List.of(192, 352, 448), List.of(3, 5, 5), 224));
    networks.put("shvit_s4", shVit(List.of(224, 336, 448), List.of(4, 7, 6), 256));
    networks.put("convit_tiny", conVit(4, 48));
    networks.put("convit_small", conVit(9, 48));
    networks.put("convit_base", conVit(16, 48));
    networks.put("convit_tiny_plus", conVit(4, 64));
    networks.put("convit_small_plus", conVit(9, 64));
    networks.put("convit_base_plus", conVit(16, 64));
    return networks;
  }

  /** Four mixers a list, one a stage; layers take turns if there are more lists. */
  private static Architecture swin(int width, int thirdDepth, List<List<Choice>> mixers, int side) {
    Choice norm = LAYER_NORM.with(LayerNorm.EPSILON, 1e-5);
    List<Integer> depths = List.of(2, 2, thirdDepth, 2);
    var layers = new ArrayList<List<Layer>>();
    for (int i = 0; i < 4; i++) {
      int stage = i;
      layers.add(
          IntStream.range(0, depths.get(i))
              .mapToObj(j -> Built.layer(norm, mixers.get(j % mixers.size()).get(stage), MLP))
              .toList());
    }
    return Built.staged(
            Choice.of("convnext_stem"),
            NO_POSITION,
            Choice.of("patch_merge"),
            doubling(width),
            layers,
            norm,
            MEAN_POOL)
        .forInput(Shape.of(side, side, 3), Built.CLASSES);
  }

  private static List<List<Choice>> windows(int side) {
    return List.of(
        Collections.nCopies(4, Choice.of("swin_wmsa").with(WindowAttention.WINDOW, side)));
  }

  /** Neighbourhoods in the place of Swin's windows. */
  private static List<List<Choice>> neighbourhoods(List<Integer> dilations) {
    Choice near = Choice.of("dinat_na");
    return List.of(
        Collections.nCopies(4, near),
        dilations.stream()
            .map(dilation -> near.with(NeighbourhoodAttention.DILATION, dilation))
            .toList());
  }

  private static Architecture cswin(
      int width, List<Integer> depths, int stripe, int headDim, int lastHeadDim, int side) {
    List<Integer> stripes = List.of(1, 2, stripe, stripe);
    List<Layer> layers =
        IntStream.range(0, 4)
            .mapToObj(
                i ->
                    Built.layer(
                        LAYER_NORM.with(LayerNorm.EPSILON, 1e-5),
                        Choice.of("cswin_cross")
                            .with(CrossWindowAttention.STRIPE, stripes.get(i))
                            .with(CrossWindowAttention.HEAD_DIM, i < 3 ? headDim : lastHeadDim),
                        MLP))
            .toList();
    return Built.pyramid(
            Choice.of("cswin_stem"),
            Choice.of("overlap_down2").with(OverlapDown.BIAS, true),
            doubling(width),
            depths,
            layers,
            LAYER_NORM.with(LayerNorm.EPSILON, 1e-5),
            MEAN_POOL)
        .forInput(Shape.of(side, side, 3), Built.CLASSES);
  }

  private static void neighbourhoods(SequencedMap<String, Architecture> networks) {
    List<Integer> shallow = List.of(3, 4, 6, 5);
    List<Integer> deep = List.of(3, 4, 18, 5);
    List<Integer> near = List.of(1, 1, 1, 1);
    // as far as the grid allows
    List<Integer> far = List.of(8, 4, 2, 1);
    networks.put("nat_mini", neighbourhood(64, shallow, 32, 3, 0, near));
    networks.put("nat_tiny", neighbourhood(64, deep, 32, 3, 0, near));
    networks.put("nat_small", neighbourhood(96, deep, 32, 2, 1e-5, near));
    networks.put("nat_base", neighbourhood(128, deep, 32, 2, 1e-5, near));
    networks.put("dinat_mini", neighbourhood(64, shallow, 32, 3, 0, far));
    networks.put("dinat_tiny", neighbourhood(64, deep, 32, 3, 0, far));
    networks.put("dinat_small", neighbourhood(96, deep, 32, 2, 0, far));
    networks.put("dinat_base", neighbourhood(128, deep, 32, 2, 0, far));
    networks.put("dinat_large", neighbourhood(192, deep, 48, 2, 0, far));
    networks.put(
        "dinat_large_384",
        neighbourhood(192, deep, 48, 2, 0, List.of(13, 6, 3, 1))
            .forInput(Shape.of(384, 384, 3), Built.CLASSES));
    networks.put("dinat_s_tiny", swin(96, 6, neighbourhoods(far), 224));
    networks.put("dinat_s_small", swin(96, 18, neighbourhoods(far), 224));
    networks.put("dinat_s_base", swin(128, 18, neighbourhoods(far), 224));
    networks.put("dinat_s_large", swin(192, 18, neighbourhoods(far), 224));
  }

  /** Every second layer of a stage is dilated. */
  private static Architecture neighbourhood(
      int width,
      List<Integer> depths,
      int headDim,
      int expansion,
      double layerScale,
      List<Integer> dilations) {
    Choice norm = LAYER_NORM.with(LayerNorm.EPSILON, 1e-5);
    Choice mixer = Choice.of("dinat_na").with(NeighbourhoodAttention.HEAD_DIM, headDim);
    Optional<Choice> channel = Optional.of(MLP.with(Mlp.EXPANSION, expansion));
    var layers = new ArrayList<List<Layer>>();
    for (int i = 0; i < 4; i++) {
      Choice dilated = mixer.with(NeighbourhoodAttention.DILATION, dilations.get(i));
      layers.add(
          IntStream.range(0, depths.get(i))
              .mapToObj(
                  j ->
                      Built.layer(
                          METAFORMER, norm, j % 2 == 0 ? mixer : dilated, channel, layerScale))
              .toList());
    }
    return Built.staged(
        Choice.of("overlap_stem2"),
        NO_POSITION,
        Choice.of("overlap_down2"),
        doubling(width),
        layers,
        norm,
        MEAN_POOL);
  }

  private static Architecture faVit(int width, List<Integer> depths) {
    List<Integer> reductions = List.of(8, 4, 2, 1);
    List<Integer> heads = List.of(1, 2, 4, 8);
    List<Integer> expansions = List.of(8, 6, 4, 4);
    List<Layer> layers =
        IntStream.range(0, 4)
            .mapToObj(
                i ->
                    Built.layer(
                        LAYER_NORM,
                        Choice.of("fasa")
                            .with(FactorisedAttention.REDUCTION, reductions.get(i))
                            .with(FactorisedAttention.HEADS, heads.get(i)),
                        Choice.of("pvt2_convffn")
                            .with(ConvolutionalMlp.EXPANSION, expansions.get(i))))
            .toList();
    return Built.pyramid(
        Choice.of("cswin_stem").with(CswinStem.PADDING, 3),
        Choice.of("overlap_down2").with(OverlapDown.BIAS, true).with(OverlapDown.NORM_BEFORE, true),
        doubling(width),
        depths,
        layers,
        LAYER_NORM,
        MEAN_POOL);
  }

  /** No attention in the first stage. */
  private static Architecture shVit(List<Integer> widths, List<Integer> depths, int side) {
    List<Layer> layers =
        Stream.of(Optional.<Choice>empty(), attention(), attention())
            .map(
                mixer ->
                    new Layer(
                        Choice.of("shvit_block"),
                        NO_NORM,
                        mixer,
                        Optional.of(Choice.of("bn_mlp")),
                        0))
            .toList();
    return Built.pyramid(
            Choice.of("conv16_stem"),
            Choice.of("shvit_merge"),
            widths,
            depths,
            layers,
            Choice.of("batch_norm"),
            MEAN_POOL.with(MeanPool.NORM, "after"))
        .forInput(Shape.of(side, side, 3), Built.CLASSES);
  }

  private static Optional<Choice> attention() {
    return Optional.of(Choice.of("shvit_shsa"));
  }

  /** Ten layers of positional attention, then two of plain attention with a class token. */
  private static Architecture conVit(int heads, int headDim) {
    Choice positional =
        Choice.of("convit_gpsa")
            .with(PositionalAttention.HEAD_DIM, headDim)
            .with(PositionalAttention.AS_RELEASED, true);
    Choice plain =
        Choice.of("softmax_mha")
            .with(SoftmaxAttention.HEAD_DIM, headDim)
            .with(SoftmaxAttention.QKV_BIAS, false);
    List<Layer> layers =
        IntStream.range(0, 12)
            .mapToObj(i -> Built.layer(LAYER_NORM, i < 10 ? positional : plain, MLP))
            .toList();
    return new Architecture(
        Built.IMAGE,
        Built.CLASSES,
        Built.patches(16),
        LEARNED_POSITION,
        List.of(
            new Stage(
                heads * headDim,
                Optional.empty(),
                layers,
                Choice.of("late_class_token").with(LateClassToken.BEFORE, 10))),
        LAYER_NORM,
        CLASS_TOKEN.with(ClassToken.ENTRY, "later"));
  }

  private static List<Integer> doubling(int width) {
    return List.of(width, 2 * width, 4 * width, 8 * width);
  }
}
