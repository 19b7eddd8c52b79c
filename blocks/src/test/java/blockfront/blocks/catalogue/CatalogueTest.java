package blockfront.blocks.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blockfront.blocks.channel.Mlp;
import blockfront.blocks.mixer.PoolMixer;
import blockfront.blocks.mixer.SoftmaxAttention;
import blockfront.blocks.spi.Block;
import blockfront.blocks.spi.Category;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

class CatalogueTest {

  @Test
  void blocksOnTheClassPathAreFound() {
    assertThat(Catalogue.load().all())
        .hasAtLeastOneElementOfType(PoolMixer.class)
        .hasAtLeastOneElementOfType(Mlp.class);
  }

  /** Of the index of the catalogue, what is not there yet; it only ever shrinks. */
  private static final Set<String> TO_COME =
      Set.of(
          "svt_scatter",
          "ninformer",
          "maxim_mab",
          "gla",
          "hornet_gnconv",
          "smt_sam",
          "zoology_baseconv",
          "vig_bigla",
          "retnet",
          "hgrn",
          "hgrn2",
          "gated_deltanet",
          "deltanet",
          "mossformer_joint",
          "lmu",
          "cosformer",
          "gam_mixer",
          "lif",
          "spikformer_ssa",
          "sdsa",
          "sps_stem");

  @ParameterizedTest(name = "{0}")
  @CsvFileSource(resources = "index.csv", useHeadersInDisplayName = true)
  void theIndexOfTheCatalogueIsThere(String id, String tier, String category) {
    Assumptions.assumeFalse(TO_COME.contains(id), () -> id + " is still to come");

    assertThat(Catalogue.load().find(id))
        .as("%s of tier %s", category, tier)
        .hasValueSatisfying(
            block -> {
              assertThat(block.id()).isEqualTo(id);
              assertThat(block.title()).isNotBlank();
              assertThat(block.summary()).endsWith(".");
              assertThat(block.family()).isNotBlank();
              assertThat(block.source().address()).startsWith("https://");
            });
  }

  @Test
  void everyCategoryHasABlock() {
    Catalogue catalogue = Catalogue.load();

    assertThat(Category.values()).allSatisfy(c -> assertThat(catalogue.all(c)).isNotEmpty());
  }

  @Test
  void blocksAreOrderedByCategoryThenId() {
    Catalogue catalogue = Catalogue.of(List.of(new Mlp(), new SoftmaxAttention(), new PoolMixer()));

    assertThat(catalogue.all())
        .extracting(Block::id)
        .containsExactly("pool_mixer", "softmax_mha", "mlp");
  }

  @Test
  void aBlockIsFoundByItsId() {
    Catalogue catalogue = Catalogue.of(List.of(new Mlp()));

    assertThat(catalogue.channelMixer("mlp")).isInstanceOf(Mlp.class);
    assertThat(catalogue.block("mlp")).isInstanceOf(Mlp.class);
    assertThat(catalogue.find("pool_mixer")).isEmpty();
  }

  @Test
  void anUnknownIdIsAnsweredWithTheKnownOnes() {
    Catalogue catalogue = Catalogue.of(List.of(new Mlp(), new SoftmaxAttention(), new PoolMixer()));

    assertThatThrownBy(() -> catalogue.tokenMixer("mlp"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("No token mixer 'mlp'; known are [pool_mixer, softmax_mha]");
    assertThatThrownBy(() -> catalogue.block("moe"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("No block 'moe'; known are [mlp, pool_mixer, softmax_mha]");
  }

  @Test
  void twoBlocksWithOneIdAreRefused() {
    assertThatThrownBy(() -> Catalogue.of(List.of(new Mlp(), new Mlp())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Two blocks have the id 'mlp': blockfront.blocks.channel.Mlp and"
                + " blockfront.blocks.channel.Mlp");
  }
}
