package blockfront.blocks.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Parameters;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.mixer.PoolMixer;
import blockfront.blocks.mixer.SoftmaxAttention;
import blockfront.blocks.reference.Array;
import blockfront.blocks.reference.Reference;
import blockfront.blocks.spi.Choice;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.stem.PatchEmbed;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class NetworkTest {

  private static final Catalogue CATALOGUE = Catalogue.load();

  @Test
  void describesFromImageToLogits() {
    Network network = Network.of(network(layer("pool_mixer"), 2), CATALOGUE);

    assertThat(network.input().op()).isEqualTo(new Op.Input("image"));
    assertThat(network.input().shape()).isEqualTo(Shape.of(9, 8, 3));
    assertThat(network.logits().shape()).isEqualTo(Shape.of(10));
    assertThat(network.logits().batched()).isTrue();
    assertThat(network.repairs()).isEmpty();
  }

  @Test
  void parametersAreNamedByTheirPlace() {
    Network network = Network.of(network(layer("pool_mixer"), 1), CATALOGUE);

    assertThat(Parameters.of(List.of(network.logits())).byName().keySet())
        .containsExactly(
            "stem.weight",
            "stem.bias",
            "stages.0.blocks.0.norm1.gain",
            "stages.0.blocks.0.norm1.bias",
            "stages.0.blocks.0.scale1.scale",
            "stages.0.blocks.0.norm2.gain",
            "stages.0.blocks.0.norm2.bias",
            "stages.0.blocks.0.channel.expand.weight",
            "stages.0.blocks.0.channel.expand.bias",
            "stages.0.blocks.0.channel.contract.weight",
            "stages.0.blocks.0.channel.contract.bias",
            "stages.0.blocks.0.scale2.scale",
            "norm.gain",
            "norm.bias",
            "head.weight",
            "head.bias");
  }

  @Test
  void aMissingPartIsSkippedWithItsNormAndResidual() {
    Layer mixerOnly =
        new Layer(
            Choice.of("metaformer_block"),
            Choice.of("layer_norm"),
            Optional.of(Choice.of("softmax_mha")),
            Optional.empty(),
            0);

    Network network = Network.of(network(mixerOnly, 1), CATALOGUE);

    assertThat(Parameters.of(List.of(network.logits())).byName().keySet())
        .contains("stages.0.blocks.0.norm1.gain", "stages.0.blocks.0.mixer.qkv.weight")
        .noneMatch(name -> name.contains("norm2") || name.contains("channel"));
  }

  @Test
  void dropPathGrowsFromNothingToItsRate() {
    Network network =
        Network.describe(network(layer("pool_mixer"), 3), CATALOGUE, new Regularisation(0.2));

    assertThat(keepRates(network)).containsExactly(0.1, 0.1, 0.2, 0.2);
  }

  @Test
  void aSingleLayerIsNeverDropped() {
    Network network =
        Network.describe(network(layer("pool_mixer"), 1), CATALOGUE, new Regularisation(0.2));

    assertThat(keepRates(network)).isEmpty();
  }

  @Test
  void inferenceIsNotRandom() {
    assertThat(keepRates(Network.of(network(layer("pool_mixer"), 3), CATALOGUE))).isEmpty();
  }

  @Test
  void aClassTokenJoinsBeforePositionsAreAdded() {
    Architecture architecture =
        new Architecture(
            Shape.of(8, 8, 3),
            10,
            Choice.of("patch_embed").with(PatchEmbed.PATCH, 4),
            Choice.of("learned_position"),
            List.of(new Stage(16, Optional.empty(), List.of(layer("softmax_mha")))),
            Choice.of("layer_norm"),
            Choice.of("class_token"));

    var parameters = Parameters.of(List.of(Network.of(architecture, CATALOGUE).logits())).byName();

    assertThat(parameters.get("head.class_token"))
        .extracting(Tensor::shape)
        .isEqualTo(Shape.of(1, 16));
    assertThat(parameters.get("position.position"))
        .extracting(Tensor::shape)
        .isEqualTo(Shape.of(5, 16));
  }

  /** Of two layers each counts half, so that depth does not weigh. */
  @Test
  void penaltiesOfOneKindAreAveragedAndAddedToTheLoss() {
    Network one = Network.describe(network(layer("moh"), 1), CATALOGUE, Regularisation.NONE);
    Network two = Network.describe(network(layer("moh"), 2), CATALOGUE, Regularisation.NONE);
    Tensor loss = Tensor.input("loss", Shape.of(1));

    assertThat(Network.of(network(layer("moh"), 2), CATALOGUE).penalty()).isEmpty();
    assertThat(penalty(one)).isCloseTo(penalty(two), within(1e-3)).isPositive();
    assertThat(two.penalised(loss).operands()).contains(loss, two.penalty().orElseThrow());
    Network plain =
        Network.describe(network(layer("pool_mixer"), 2), CATALOGUE, Regularisation.NONE);
    assertThat(plain.penalised(loss)).isSameAs(loss);
  }

  private static double penalty(Network network) {
    Tensor penalty = network.penalty().orElseThrow();
    var leaves = new HashMap<Tensor, Array>(Reference.initial(List.of(penalty), 1));
    leaves.put(network.input(), Array.of(network.input(), 1, i -> Math.sin(i)));
    return Reference.evaluate(penalty, leaves, 1).at(0);
  }

  @Test
  void repairsNameThePlace() {
    Layer wide =
        new Layer(
            Choice.of("metaformer_block"),
            Choice.of("layer_norm"),
            Optional.of(Choice.of("softmax_mha").with(SoftmaxAttention.HEAD_DIM, 5)),
            Optional.empty(),
            0);

    assertThat(Network.of(network(wide, 1), CATALOGUE).repairs())
        .containsExactly(
            "stages.0.blocks.0.mixer: Heads of 5 channels do not divide 16 channels; used 2 of 8");
  }

  @Test
  void whatCannotBeDescribedNamesThePlace() {
    Layer even =
        new Layer(
            Choice.of("metaformer_block"),
            Choice.of("layer_norm"),
            Optional.of(Choice.of("pool_mixer").with(PoolMixer.SIZE, 4)),
            Optional.empty(),
            0);

    assertThatThrownBy(() -> Network.of(network(even, 1), CATALOGUE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("stages.0.blocks.0.mixer: Pooling needs a window of odd size, got 4");
  }

  @Test
  void anUnknownKnobIsRefused() {
    var setting = new Setting(new TreeMap<>(Collections.singletonMap("stride", 2)));
    Layer layer =
        new Layer(
            Choice.of("metaformer_block"),
            Choice.of("layer_norm"),
            Optional.of(new Choice("pool_mixer", setting)),
            Optional.empty(),
            0);

    assertThatThrownBy(() -> Network.of(network(layer, 1), CATALOGUE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "stages.0.blocks.0.mixer: Block 'pool_mixer': No knob 'stride'; known are [size,"
                + " causal]");
  }

  @Test
  void anUnknownBlockIsRefused() {
    assertThatThrownBy(() -> Network.of(network(layer("magic"), 1), CATALOGUE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("stages.0.blocks.0.mixer: No token mixer 'magic'; known are [");
  }

  @Test
  void onlyImagesEnter() {
    Architecture architecture = network(layer("pool_mixer"), 1).forInput(Shape.of(9, 8), 2);

    assertThatThrownBy(() -> Network.of(architecture, CATALOGUE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Network needs images [height, width, channels], got [9, 8]");
  }

  @Test
  void dropPathMustLeaveSomething() {
    assertThatThrownBy(() -> new Regularisation(1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Drop path must be in [0, 1), got 1.0");
  }

  private static Architecture network(Layer layer, int depth) {
    return new Architecture(
        Shape.of(9, 8, 3),
        10,
        Choice.of("patch_embed").with(PatchEmbed.PATCH, 2),
        Choice.of("no_position"),
        List.of(new Stage(16, Optional.empty(), Collections.nCopies(depth, layer))),
        Choice.of("layer_norm"),
        Choice.of("mean_pool"));
  }

  private static Layer layer(String mixer) {
    return new Layer(
        Choice.of("metaformer_block"),
        Choice.of("layer_norm"),
        Optional.of(Choice.of(mixer)),
        Optional.of(Choice.of("mlp")),
        1e-5);
  }

  private static List<Double> keepRates(Network network) {
    return network.logits().inOrder().stream()
        .map(Tensor::op)
        .filter(Op.KeepMask.class::isInstance)
        .map(op -> ((Op.KeepMask) op).rate())
        .toList();
  }
}
