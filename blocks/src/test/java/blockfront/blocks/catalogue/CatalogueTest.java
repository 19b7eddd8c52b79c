package blockfront.blocks.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blockfront.blocks.channel.Mlp;
import blockfront.blocks.mixer.PoolMixer;
import blockfront.blocks.mixer.SoftmaxAttention;
import blockfront.blocks.spi.Block;
import blockfront.blocks.spi.Category;
import java.util.List;
import org.junit.jupiter.api.Test;

class CatalogueTest {

  @Test
  void blocksOnTheClassPathAreFound() {
    assertThat(Catalogue.load().all())
        .hasAtLeastOneElementOfType(PoolMixer.class)
        .hasAtLeastOneElementOfType(Mlp.class);
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
