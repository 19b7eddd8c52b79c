package blockfront.blocks.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.channel.Mlp;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.mixer.PoolMixer;
import blockfront.blocks.mixer.SoftmaxAttention;
import blockfront.blocks.spi.Block;
import blockfront.blocks.spi.Category;
import blockfront.blocks.spi.ChannelMixer;
import blockfront.blocks.spi.Downsampling;
import blockfront.blocks.spi.Head;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Layout;
import blockfront.blocks.spi.Norm;
import blockfront.blocks.spi.Position;
import blockfront.blocks.spi.Role;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Stem;
import blockfront.blocks.spi.Technique;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.spi.Traits;
import blockfront.blocks.spi.Wrapper;
import blockfront.blocks.testing.Described;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.MethodSource;

class CatalogueTest {

  @Test
  void blocksOnTheClassPathAreFound() {
    assertThat(Catalogue.load().all())
        .hasAtLeastOneElementOfType(PoolMixer.class)
        .hasAtLeastOneElementOfType(Mlp.class);
  }

  @ParameterizedTest(name = "{0}")
  @CsvFileSource(resources = "index.csv", useHeadersInDisplayName = true)
  void theIndexOfTheCatalogueIsThere(String id, String tier, String category) {
    assertThat(Catalogue.load().find(id))
        .as("%s of tier %s", category, tier)
        .hasValueSatisfying(
            block -> {
              assertThat(block.id()).isEqualTo(id);
              assertThat(block.category().text()).isEqualTo(category);
              assertThat(block.title()).isNotBlank();
              assertThat(block.summary()).endsWith(".");
              assertThat(block.family()).isNotBlank();
              assertThat(block.source().address()).startsWith("https://");
            });
  }

  static Stream<Arguments> causal() {
    return Catalogue.load().all().stream()
        .filter(block -> CAUSAL.contains(block.traits().causality()))
        .flatMap(block -> described(block).map(d -> Arguments.of(block.id(), d)).stream());
  }

  /** One token changed: nothing before it may notice. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("causal")
  void whatIsCausalSeesNothingLater(String id, Described block) {
    int changed = 6;
    block.random(1);
    double[] x = block.input(2);
    double[] before = block.at(x);
    for (int c = 0; c < 16; c++) {
      x[changed * 16 + c] += 1 + 0.1 * c;
    }
    double[] after = block.at(x);

    assertThat(Arrays.copyOf(after, changed * 16))
        .containsExactly(Arrays.copyOf(before, changed * 16), within(1e-12));
    assertThat(Arrays.copyOfRange(after, changed * 16, after.length))
        .isNotEqualTo(Arrays.copyOfRange(before, changed * 16, before.length));
  }

  private static final Set<Traits.Causality> CAUSAL =
      Set.of(Traits.Causality.ALWAYS, Traits.Causality.OPTIONAL);

  /** On twelve tokens of 16 channels, kept from looking ahead if that is to be asked for. */
  private static Optional<Described> described(Block block) {
    Setting setting =
        block.traits().causality() == Traits.Causality.OPTIONAL
            ? Setting.STANDARD.with(Knob.CAUSAL, true)
            : Setting.STANDARD;
    Shape shape =
        block.traits().layout() == Traits.Layout.GRID ? Shape.of(3, 4, 16) : Shape.of(12, 16);
    return switch (block) {
      case TokenMixer mixer -> Optional.of(Described.of(shape, x -> mixer.mix(x, setting)));
      case ChannelMixer mixer -> Optional.of(Described.of(shape, x -> mixer.mix(x, setting)));
      case Norm norm -> Optional.of(Described.of(shape, x -> norm.normalise(x, setting)));
      case Position position -> Optional.of(Described.of(shape, x -> position.locate(x, setting)));
      case Wrapper _, Stem _, Downsampling _, Head _, Layout _, Technique _ -> Optional.empty();
    };
  }

  @Test
  void everyCategoryAndRoleHasABlock() {
    Catalogue catalogue = Catalogue.load();

    assertThat(Category.values()).allSatisfy(c -> assertThat(catalogue.all(c)).isNotEmpty());
    assertThat(Role.values()).allSatisfy(r -> assertThat(catalogue.all(r)).isNotEmpty());
  }

  @Test
  void whatABlockIsListedAsDoesNotMoveItInANetwork() {
    Catalogue catalogue = Catalogue.load();

    assertThat(catalogue.block("gated_sdpa"))
        .returns(Category.NORM, Block::category)
        .returns(Role.TOKEN_MIXER, Block::role);
    assertThat(catalogue.all(Role.NORM)).extracting(Block::id).contains("lif");
    assertThat(catalogue.all(Category.NORM)).extracting(Block::id).doesNotContain("lif");
  }

  @Test
  void blocksAreOrderedByRoleThenId() {
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
