package blockfront.search.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.network.Network;
import blockfront.blocks.network.Stage;
import blockfront.blocks.spi.Choice;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class BlueprintTest {

  private static final Catalogue CATALOGUE = Catalogue.load();
  private static final Shape IMAGE = Shape.of(28, 28, 1);
  private static final SearchSpace SPACE =
      new SearchSpace(
          List.copyOf(Blueprint.LAYOUTS),
          List.of("pool_mixer", "softmax_mha", "gfnet_filter", "activator_mixer"),
          List.of("mlp", "memoryformer"),
          List.of("layer_norm", "batch_norm"),
          List.of("learned_position", "no_position"),
          List.of(2, 4, 7),
          List.of(24, 32),
          1,
          9,
          new MacroGenes(
              List.of("auto", "patch_embed", "conv4_stem"),
              MacroGenes.MULTIPLIERS,
              List.of("mean_pool", "mlp_head"),
              MacroGenes.RATIOS,
              MacroGenes.PLACEMENTS,
              List.of(0, 1, 3),
              List.of("gfnet_filter", "pool_mixer"),
              List.of(1, 2, 4),
              List.of(1, 2),
              MacroGenes.REDUCTIONS,
              MacroGenes.GATES,
              List.of(0.0, 1e-5, 1.0),
              true));
  private static final GenomeCodec CODEC = new GenomeCodec(SPACE, IMAGE, 10, CATALOGUE);

  static LongStream seeds() {
    return LongStream.range(0, 60);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void readingUndoesWriting(long seed) {
    Blueprint blueprint = CODEC.blueprint(alleles(seed));
    String text = BlueprintText.write(blueprint);

    assertThat(BlueprintText.read(text, CATALOGUE)).isEqualTo(blueprint);
    assertThat(BlueprintText.write(BlueprintText.read(text, CATALOGUE))).isEqualTo(text);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void whatGenesChooseCanBeDescribed(long seed) {
    Architecture architecture = CODEC.decode(alleles(seed));
    boolean sequences = architecture.stages().getLast().layout().id().equals("fit");
    if (sequences && mixers(architecture).contains("gfnet_filter")) {
      assertThatThrownBy(() -> Network.of(architecture, CATALOGUE))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("Global filter needs a grid [height, width, channels], got [");
      return;
    }

    assertThat(Network.of(architecture, CATALOGUE).logits().shape()).isEqualTo(Shape.of(10));
    assertThat(ArchitectureJson.read(ArchitectureJson.write(architecture), CATALOGUE))
        .isEqualTo(architecture);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void canonicalGenesMeanTheSame(long seed) {
    List<Integer> alleles = alleles(seed);
    List<Integer> canonical = CODEC.canonical(alleles);

    assertThat(CODEC.identity(canonical)).isEqualTo(CODEC.identity(alleles));
    assertThat(CODEC.canonical(canonical)).isEqualTo(canonical);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "isotropic|conv_stem|64|4|softmax_mha(head_dim=16)+mlp+layer_norm",
        "pyramid|conv7_stem(norm=true)|24|1,2|pool_mixer+-+group_norm;"
            + "softmax_mha+mlp(activation=star_relu,bias=false)+layer_norm(epsilon=1.0E-5)"
            + "|mult=1,1.5,2|pos=no_position|rho=3:1|place=back|alpha=1|gate=headwise|scale=1.0E-5",
        "looped|patch_embed(patch=4)|32|2|softmax_mha+mlp+rms_norm|T=8|reduce=pool"
      })
  void writtenBlueprintsReadBackToTheLetter(String text) {
    assertThat(BlueprintText.write(BlueprintText.read(text, CATALOGUE))).isEqualTo(text);
  }

  @Test
  void fourLettersAreAPyramid() {
    Blueprint blueprint = BlueprintText.read("pppa", CATALOGUE);
    Architecture architecture = blueprint.expand(Shape.of(224, 224, 3), 1000);

    assertThat(architecture.stages()).extracting(Stage::width).containsExactly(64, 128, 320, 512);
    assertThat(mixers(architecture))
        .hasSize(12)
        .startsWith("pool_mixer", "pool_mixer")
        .endsWith("pool_mixer", "softmax_mha", "softmax_mha");
    assertThat(BlueprintText.read(BlueprintText.write(blueprint), CATALOGUE)).isEqualTo(blueprint);
  }

  @Test
  void otherLettersAreALayerEach() {
    assertThat(mixers(BlueprintText.read("sca", CATALOGUE).expand(IMAGE, 10)))
        .containsExactly("gfnet_filter", "dwconv", "softmax_mha");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "3:1 periodic 8 LLLFLLLF",
        "3:1 front 8 FFLLLLLL",
        "3:1 back 8 LLLLLLFF",
        "6:1 periodic 8 LLLLLLFL",
        "24:1 periodic 4 LLLF",
        "1:1 periodic 5 LFLFL",
        "all_full periodic 3 FFF",
        "all_linear periodic 3 LLL"
      })
  void theRatioSaysWhichLayersAttendFully(
      String ratio, String placement, int depth, String expected) {
    Blueprint blueprint =
        BlueprintText.read(
            "isotropic|conv_stem|32|%d|pool_mixer+mlp+layer_norm|rho=%s|place=%s"
                .formatted(depth, ratio, placement),
            CATALOGUE);
    StringBuilder kinds = new StringBuilder();
    for (String mixer : mixers(blueprint.expand(IMAGE, 10))) {
      kinds.append(mixer.equals("softmax_mha") ? 'F' : 'L');
    }

    assertThat(kinds.toString()).isEqualTo(expected);
  }

  @Test
  void thePrefixComesBeforeTheRatio() {
    Blueprint blueprint =
        BlueprintText.read(
            "isotropic|conv_stem|32|6|pool_mixer+mlp+layer_norm|rho=1:1|alpha=2|pre=gfnet_filter",
            CATALOGUE);

    assertThat(mixers(blueprint.expand(IMAGE, 10)))
        .containsExactly(
            "gfnet_filter",
            "gfnet_filter",
            "pool_mixer",
            "softmax_mha",
            "pool_mixer",
            "softmax_mha");
  }

  @Test
  void wideNetworksKeepLayersTimesHeads() {
    for (int depth : List.of(1, 3, 12)) {
      Blueprint blueprint =
          BlueprintText.read(
              "wide|conv_stem|32|%d|softmax_mha(head_dim=8)+mlp+layer_norm".formatted(depth),
              CATALOGUE);
      Choice mixer = first(blueprint.expand(IMAGE, 10)).mixer().orElseThrow();

      assertThat(mixer.id()).isEqualTo("wide_attention");
      assertThat(mixer.setting().values().getOrDefault("heads", 4)).isEqualTo(12 / depth);
      assertThat(mixer.setting().values()).containsEntry("head_dim", 8);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "elementwise, gated_sdpa",
    "headwise, gated_sdpa",
    "clipped, clipped_softmax",
    "conditional, cond_attn_gate",
    "none, softmax_mha"
  })
  void gatesReplaceSoftmaxAttentionOnly(String gate, String expected) {
    Architecture architecture =
        BlueprintText.read(
                ("isotropic|conv_stem|32|2|softmax_mha(head_dim=8)+mlp+layer_norm;"
                        + "pool_mixer+mlp+layer_norm|gate=%s")
                    .formatted(gate),
                CATALOGUE)
            .expand(IMAGE, 10);

    assertThat(mixers(architecture)).containsExactly(expected, "pool_mixer");
    assertThat(first(architecture).mixer().orElseThrow().setting().values())
        .containsEntry("head_dim", 8);
  }

  @Test
  void tokensAreReducedHalfWayThrough() {
    Architecture architecture =
        BlueprintText.read(
                "isotropic|conv_stem|32|5|pool_mixer+mlp+layer_norm|reduce=pool", CATALOGUE)
            .expand(IMAGE, 10);

    assertThat(architecture.stages())
        .extracting(stage -> stage.layers().size())
        .containsExactly(3, 2);
    assertThat(architecture.stages().getLast().downsampling()).hasValue(Choice.of("pool_down"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      value = {
        "isotropic|conv_stem|64#Blueprint 'isotropic|conv_stem|64' is not"
            + " layout|stem|width|depths|segments",
        "ring|conv_stem|64|1|pool_mixer+mlp+layer_norm#No layout 'ring'; known are [isotropic,"
            + " pyramid, pyramid3_s16, looped, sliced_recursion, fit, wide]",
        "isotropic|conv_stem|64|0|pool_mixer+mlp+layer_norm#Every stage needs a layer, got [0]",
        "isotropic|conv_stem|64|1|pool_mixer+mlp#Segment 'pool_mixer+mlp' is not"
            + " mixer+channels+norm",
        "isotropic|conv_stem|64|1|magic+mlp+layer_norm#No token mixer 'magic'",
        "isotropic|conv_stem|64|1|pool_mixer+mlp+layer_norm|rho=2:1#Blueprint has rho=2:1; known"
            + " are [off, all_linear, 24:1, 12:1, 6:1, 3:1, 1:1, all_full]",
        "pyramid|conv_stem|64|1,1|pool_mixer+mlp+layer_norm#Layout 'pyramid' needs a segment for"
            + " each of 2 stages, got 1"
      })
  void whatIsNoBlueprintIsRefused(String text, String message) {
    assertThatThrownBy(() -> BlueprintText.read(text, CATALOGUE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void genesWithoutAChoiceAreNotThere() {
    SearchSpace plain =
        new SearchSpace(
            List.of("isotropic"),
            List.of("pool_mixer"),
            List.of("mlp"),
            List.of("layer_norm"),
            List.of("no_position"),
            List.of(4),
            List.of(32),
            1,
            2);
    var codec = new GenomeCodec(plain, IMAGE, 10, CATALOGUE);

    assertThat(codec.genes())
        .extracting(Genome.Gene::name)
        .contains("layout", "mixer 1")
        .doesNotContain("ratio", "gate", "stem");
    assertThat(codec.priors()).isEmpty();
  }

  @Test
  void priorsAreNetworksOfTheSpaceThatDiffer() {
    List<List<Integer>> priors = CODEC.priors();

    assertThat(priors).hasSizeGreaterThan(5);
    assertThat(priors.stream().map(CODEC::identity).distinct()).hasSameSizeAs(priors);
    assertThat(priors)
        .allSatisfy(
            alleles ->
                assertThat(Network.of(CODEC.decode(alleles), CATALOGUE).logits().shape())
                    .isEqualTo(Shape.of(10)));
    assertThat(priors.stream().map(alleles -> mixers(CODEC.decode(alleles)).getFirst()))
        .contains("gfnet_filter", "pool_mixer", "softmax_mha", "gated_sdpa", "activator_mixer");
  }

  @Test
  void aBagOfTokensIsPointedOut() {
    Architecture bag = decoded("isotropic|conv_stem|32|2|activator_mixer+mlp+layer_norm");

    assertThat(Advice.about(bag, CATALOGUE, 28))
        .containsExactly("No block mixes tokens: the network sees its input as a bag of tokens");
    assertThat(
            Advice.about(
                decoded("isotropic|conv_stem|32|2|softmax_mha+mlp+layer_norm"), CATALOGUE, 28))
        .isEmpty();
  }

  @Test
  void aShortReceptiveFieldIsPointedOut() {
    Architecture near = decoded("isotropic|conv_stem|32|2|pool_mixer(size=5)+mlp+layer_norm");

    assertThat(Advice.about(near, CATALOGUE, 14))
        .containsExactly("Blocks mix nearby tokens only: a token sees 9 of 14");
    assertThat(Advice.about(near, CATALOGUE, 9)).isEmpty();
  }

  @Test
  void strideWidensTheReceptiveField() {
    Architecture pyramid =
        decoded("pyramid|conv_stem|32|1,1|pool_mixer+mlp+layer_norm;pool_mixer+mlp+layer_norm");

    // 1 + 2 + 2 at twice the stride
    assertThat(Advice.about(pyramid, CATALOGUE, 8))
        .containsExactly("Blocks mix nearby tokens only: a token sees 7 of 8");
  }

  @Test
  void dilationWidensTheReceptiveField() {
    Architecture dilated =
        decoded("isotropic|conv_stem|32|1|dinat_na(dilation=4,kernel=3)+mlp+layer_norm");

    assertThat(Advice.about(dilated, CATALOGUE, 14))
        .containsExactly("Blocks mix nearby tokens only: a token sees 9 of 14");
  }

  @Test
  void spacesAreLookedAtToo() {
    SearchSpace bags =
        new SearchSpace(
            List.of("isotropic"),
            List.of("identity_mixer", "activator_mixer"),
            List.of("mlp", "kat_grkan"),
            List.of("batch_norm"),
            List.of("no_position"),
            List.of(4),
            List.of(32),
            1,
            2);

    assertThat(Advice.about(bags, CATALOGUE, 4))
        .containsExactly(
            "No block of the space mixes tokens: networks see bags of tokens",
            "Batch norm wants batches of 8 or more, not 4");
    assertThat(Advice.about(SPACE, CATALOGUE, 64)).isEmpty();
  }

  @Test
  void causalAndLinearTasksRefuseWhatCannotServeThem() {
    assertThat(
            Advice.refusals(
                List.of("gfnet_filter", "dwconv", "gated_sdpa", "mlp"), CATALOGUE, true, false))
        .containsExactly(
            "Block 'gfnet_filter' lets tokens see later ones",
            "Block 'dwconv' lets tokens see later ones");
    assertThat(Advice.refusals(List.of("dwconv", "mlp"), CATALOGUE, false, false))
        .containsExactly("Block 'dwconv' needs tokens on a grid");
  }

  private static Architecture decoded(String text) {
    return BlueprintText.read(text, CATALOGUE).expand(IMAGE, 10);
  }

  private static List<String> mixers(Architecture architecture) {
    return architecture.stages().stream()
        .flatMap(stage -> stage.layers().stream())
        .map(Layer::mixer)
        .flatMap(Optional::stream)
        .map(Choice::id)
        .toList();
  }

  private static Layer first(Architecture architecture) {
    return architecture.stages().getFirst().layers().getFirst();
  }

  private static List<Integer> alleles(long seed) {
    var random = new SplittableRandom(seed);
    var alleles = new ArrayList<Integer>();
    for (Genome.Gene gene : CODEC.genes()) {
      alleles.add(random.nextInt(gene.choices()));
    }
    return alleles;
  }
}
