package blockfront.blocks.layout;

import static org.assertj.core.api.Assertions.assertThat;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Parameters;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.head.ClassToken;
import blockfront.blocks.mixer.SoftmaxAttention;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.network.Network;
import blockfront.blocks.network.Stage;
import blockfront.blocks.spi.Choice;
import blockfront.blocks.stem.PatchEmbed;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LateClassTokenTest {

  private static final Catalogue CATALOGUE = Catalogue.load();

  @Test
  void layersBeforeTheTokenMayNeedAGrid() {
    Network network = Network.of(network(1, "convit_gpsa", "softmax_mha"), CATALOGUE);

    assertThat(network.logits().shape()).isEqualTo(Shape.of(4));
    assertThat(network.repairs()).isEmpty();
    assertThat(Parameters.of(List.of(network.logits())).byName().keySet())
        .containsOnlyOnce("stages.0.class_token")
        .doesNotContain("head.class_token");
  }

  /** The products of attention tell how many tokens there were. */
  @Test
  void onlyLayersAfterTheTokenSeeOneMore() {
    assertThat(scores(0)).containsExactly(10, 10);
    assertThat(scores(1)).containsExactly(9, 10);
    assertThat(scores(2)).containsExactly(9, 9);
  }

  private static List<Integer> scores(int before) {
    return Network.of(network(before, "softmax_mha", "softmax_mha"), CATALOGUE)
        .logits()
        .inOrder()
        .stream()
        .filter(tensor -> tensor.op() instanceof Op.Softmax)
        .map(tensor -> tensor.shape().size(-1))
        .toList();
  }

  @Test
  void aTokenThatComesTooLateIsRepaired() {
    assertThat(Network.of(network(5, "softmax_mha", "softmax_mha"), CATALOGUE).repairs())
        .containsExactly("stages.0: There are no 5 layers before the class token; used 2");
  }

  private static Architecture network(int before, String first, String second) {
    return new Architecture(
        Shape.of(6, 6, 1),
        4,
        Choice.of("patch_embed").with(PatchEmbed.PATCH, 2),
        Choice.of("learned_position"),
        List.of(
            new Stage(
                48,
                Optional.empty(),
                List.of(layer(first), layer(second)),
                Choice.of("late_class_token").with(LateClassToken.BEFORE, before))),
        Choice.of("layer_norm"),
        Choice.of("class_token").with(ClassToken.ENTRY, "later"));
  }

  private static Layer layer(String mixer) {
    return new Layer(
        Choice.of("metaformer_block"),
        Choice.of("layer_norm"),
        Optional.of(
            mixer.equals("softmax_mha")
                ? Choice.of(mixer).with(SoftmaxAttention.HEAD_DIM, 16)
                : Choice.of(mixer)),
        Optional.of(Choice.of("mlp")),
        0);
  }
}
