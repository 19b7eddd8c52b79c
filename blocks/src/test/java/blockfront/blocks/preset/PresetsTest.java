package blockfront.blocks.preset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.cost.Cost;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.network.Network;
import blockfront.blocks.network.Task;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The numbers of {@code published.csv} were counted by running the code named beside them (its port
 * in timm 1.0.29 where there is one): 224x224 images and 1000 classes unless the code has others,
 * multiply-adds of matrix products and convolutions, no Fourier transforms. RandFormer's matrices
 * are counted as parameters there, though nobody trains them; here they are none. Those of {@code
 * rounded.csv} are as printed.
 */
class PresetsTest {

  private static final Catalogue CATALOGUE = Catalogue.load();

  @ParameterizedTest(name = "{0}")
  @CsvFileSource(resources = "published.csv", useHeadersInDisplayName = true)
  void costsWhatTheReferenceDoes(String name, long parameters, long multiplyAdds, String source) {
    assertThat(cost(name))
        .as(source)
        .extracting(Cost::parameters, Cost::multiplyAdds)
        .containsExactly(parameters, multiplyAdds);
  }

  @ParameterizedTest(name = "{0}")
  @CsvFileSource(resources = "rounded.csv", useHeadersInDisplayName = true)
  void costIsNearThePublishedOne(String name, long millions, double billions, String source) {
    Cost cost = cost(name);
    assertThat(Math.round(cost.parameters() / 1e6)).as(source).isEqualTo(millions);
    // some counters add a few operations for each element that is normalised
    assertThat(cost.multiplyAdds() / 1e9).as(source).isCloseTo(billions, withinPercentage(1));
  }

  /**
   * hustvl/ViG classification/models/vig.py @dfb9d32. Its count takes the recurrence token by
   * token, two products of keys and values for each; here chunks of 14 tokens are matrix products.
   */
  @Test
  void aNetworkOfRecurrencesCostsWhatTheReferenceDoesButForItsChunks() {
    int tokens = 14 * 14;
    int keys = 32;
    int values = 64;
    long recurrences = 12 * 2 * 3;
    long there = recurrences * tokens * 2 * keys * values;
    // the first chunk finds no state
    long here =
        recurrences
            * (tokens * 14 * (keys + values)
                + tokens * keys * values
                + (tokens - 14) * keys * values);

    assertThat(cost("ViG-T (hustvl)").parameters()).isEqualTo(5_834_536);
    assertThat(cost("ViG-T (hustvl)").multiplyAdds()).isEqualTo(1_167_762_432 - there + here);
  }

  /** 10,000 tokens, 512 channels, six layers, 256 places; each token costs two rows of a table. */
  @Test
  void theLanguageModelOfGatedMemoriesCostsWhatItsFormulaSays() {
    long c = 512;
    long memory = 3 * c + 2 * 512 * c + 2 * c * c;
    long mlp = 8 * c * c;

    assertThat(cost("gam_lm"))
        .extracting(Cost::parameters, Cost::multiplyAdds)
        .containsExactly(22_599_680L, 256 * (6 * (memory + mlp) + 10_000 * c));
  }

  /**
   * fla-org/flash-linear-attention fla/models/gla: keys of half the width, decays of rank 16, norms
   * of heads of a quarter of the width, gated MLPs of 8/3 of it. (Yang et al., 2023.)
   */
  @ParameterizedTest
  @CsvSource({"gla_340m, 1024, 2816, 1", "gla_1_3b, 2048, 5632, 2"})
  void languageModelsOfGatedLinearAttentionHaveTheParametersOfTheirFormula(
      String name, long c, long hidden, long tables) {
    long keys = c / 2;
    long mixer = 2 * c * keys + 3 * c * c + 16 * c + 17 * keys + c / 4;
    long layer = mixer + 3 * c * hidden + 2 * c;

    assertThat(cost(name).parameters()).isEqualTo(24 * layer + c + tables * 32_000 * c);
  }

  /** 8 c² of retention and 4 c² of an MLP in each layer. (Sun et al., 2023.) */
  @ParameterizedTest
  @CsvSource({"retnet_1_3b, 24, 2048", "retnet_2_7b, 32, 2560", "retnet_6_7b, 32, 4096"})
  void languageModelsOfRetentionHaveTheParametersOfTheirFormula(String name, long depth, long c) {
    assertThat(cost(name).parameters())
        .isEqualTo(depth * (12 * c * c + 4 * c) + 2 * c + 32_000 * c);
  }

  @Test
  void theParametersOfFavitB2AreThoseCounted() {
    assertThat(cost("favit_b2").parameters()).isEqualTo(24_919_896);
  }

  @ParameterizedTest
  @CsvSource({"vig_s, 23", "vig_b, 89", "vig_h_t, 29", "vig_h_s, 50", "vig_h_b, 89"})
  void sizesAreThosePublished(String name, long millions) {
    assertThat(Math.round(cost(name).parameters() / 1e6)).isEqualTo(millions);
  }

  /** Sizes that are printed cut or rounded up, with multiply-adds that leave some of them out. */
  @ParameterizedTest
  @CsvSource({
    "cswin_b, 78",
    "cswin_l, 173",
    "cswin_b_384, 78",
    "cswin_l_384, 173",
    "dinat_large, 200",
    "dinat_large_384, 200",
    "convit_tiny_plus, 10",
    "convit_small_plus, 48",
    "convit_base_plus, 152"
  })
  void sizeIsNearThePublishedOne(String name, double millions) {
    assertThat(cost(name).parameters() / 1e6).isCloseTo(millions, withinPercentage(3));
  }

  @ParameterizedTest
  @MethodSource("blockfront.blocks.preset.Presets#names")
  void noPresetNeedsRepair(String name) {
    assertThat(Network.of(Presets.byName(name), CATALOGUE).repairs()).isEmpty();
  }

  static Stream<String> ofImages() {
    return Presets.names().stream()
        .filter(name -> Presets.byName(name).task() instanceof Task.ImageClassification);
  }

  /** Whatever does not divide is padded or repaired. */
  @ParameterizedTest
  @MethodSource("ofImages")
  void presetsFitOtherImages(String name) {
    Network network = Network.of(Presets.byName(name).forInput(Shape.of(64, 96, 1), 7), CATALOGUE);

    assertThat(network.logits().shape()).isEqualTo(Shape.of(7));
  }

  @Test
  void thePapersOwnSpellingWillDo() {
    assertThat(Presets.byName("Mixer-S/16")).isEqualTo(Presets.byName("mixer_s_16"));
    assertThat(Presets.byName("Activator GEGLU-only (repo)"))
        .isEqualTo(Presets.byName("activator_geglu_only_repo"));
  }

  @Test
  void anUnknownNameIsAnsweredWithTheKnownOnes() {
    assertThatThrownBy(() -> Presets.byName("resnet18"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("No published network 'resnet18'; known are [deit_tiny, ");
  }

  private static Cost cost(String name) {
    return Cost.of(Network.of(Presets.byName(name), CATALOGUE).logits());
  }
}
