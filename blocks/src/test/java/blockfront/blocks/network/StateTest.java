package blockfront.blocks.network;

import static org.assertj.core.api.Assertions.assertThat;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.spi.Choice;
import blockfront.blocks.stem.PatchEmbed;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StateTest {

  private static final Catalogue CATALOGUE = Catalogue.load();
  private static final int N = 64;
  private static final int C = 32;

  @Test
  void attentionKeepsKeysAndValuesOfAllTokens() {
    assertThat(state("softmax_mha", 8, 3)).isEqualTo(new State(3 * 2 * N * C));
    assertThat(state("softmax_mha", 16, 3)).isEqualTo(new State(3 * 2 * 4 * N * C));
  }

  @Test
  void aRecurrenceKeepsOneStateHoweverManyTokens() {
    // four heads of 4 x 8
    assertThat(state("gla", 8, 3)).isEqualTo(new State(3 * 4 * 4 * 8));
    assertThat(state("gla", 16, 3)).isEqualTo(state("gla", 8, 3));
    assertThat(state("retnet", 8, 1)).isEqualTo(new State(4 * 8 * 16));
    assertThat(state("hgrn", 8, 1)).isEqualTo(new State(C));
    assertThat(state("hgrn2", 8, 1)).isEqualTo(new State(C * C));
    // and what the convolutions over four tokens reach back to
    assertThat(state("deltanet", 8, 1)).isEqualTo(new State(4 * 8 * 8 + 3 * 3 * C));
  }

  @Test
  void whatMixesNoTokensKeepsNothing() {
    assertThat(state("identity_mixer", 8, 3).bytes()).isZero();
  }

  @Test
  void numbersAreFourBytesEach() {
    assertThat(state("hgrn", 8, 1).bytes()).isEqualTo(4 * C);
  }

  private static State state(String mixer, int side, int layers) {
    Layer layer =
        new Layer(
            Choice.of("metaformer_block"),
            Choice.of("layer_norm"),
            Optional.of(Choice.of(mixer)),
            Optional.of(Choice.of("mlp")),
            0);
    return State.of(
        new Architecture(
            Shape.of(side, side, 1),
            10,
            Choice.of("patch_embed").with(PatchEmbed.PATCH, 1),
            Choice.of("no_position"),
            List.of(new Stage(C, Optional.empty(), Collections.nCopies(layers, layer))),
            Choice.of("layer_norm"),
            Choice.of("mean_pool")),
        CATALOGUE);
  }
}
