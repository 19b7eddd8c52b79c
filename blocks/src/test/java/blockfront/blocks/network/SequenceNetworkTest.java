package blockfront.blocks.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Gradient;
import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Parameters;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.head.EachToken;
import blockfront.blocks.reference.Array;
import blockfront.blocks.reference.Reference;
import blockfront.blocks.spi.Block;
import blockfront.blocks.spi.Choice;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Neuron;
import blockfront.blocks.spi.Role;
import blockfront.blocks.spi.Traits;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Networks of tokens and vectors, and what of them may not see later tokens. */
class SequenceNetworkTest {

  private static final Catalogue CATALOGUE = Catalogue.load();
  private static final int LENGTH = 10;
  private static final int VOCABULARY = 6;
  private static final Task TOKENS =
      new Task.TokenPrediction(new Sequence.Tokens(LENGTH, VOCABULARY));

  @Test
  void tokensEnterAndEachIsAnswered() {
    Network network = Network.of(network(TOKENS, causalLayer("gated_sdpa")), CATALOGUE);

    assertThat(network.input().op()).isEqualTo(new Op.Input("tokens"));
    assertThat(network.input().shape()).isEqualTo(Shape.of(LENGTH));
    assertThat(network.logits().shape()).isEqualTo(Shape.of(LENGTH, VOCABULARY));
  }

  @Test
  void vectorsEnterAndTheLastTokenIsAnswered() {
    var task = new Task.InContextRegression(4, 3);
    Architecture architecture =
        new Architecture(
            task,
            Choice.of("vector_embedding"),
            Choice.of("no_position"),
            List.of(stage(causalLayer("softmax_mha"))),
            Choice.of("layer_norm"),
            Choice.of("last_token"));

    Network network = Network.of(architecture, CATALOGUE);

    assertThat(network.input().op()).isEqualTo(new Op.Input("vectors"));
    assertThat(network.input().shape()).isEqualTo(Shape.of(5, 4));
    assertThat(network.logits().shape()).isEqualTo(Shape.of(1));
  }

  @Test
  void aTiedHeadMultipliesByTheTable() {
    Architecture tied = network(TOKENS, causalLayer("identity_mixer"), tiedHead());
    Network network = Network.of(tied, CATALOGUE);

    assertThat(Parameters.of(List.of(network.logits())).byName().keySet())
        .contains("stem.table")
        .noneMatch(name -> name.startsWith("head."));

    Map<Tensor, Array> leaves = leaves(network, 1);
    Tensor table = table(network);
    Tensor normalised = network.logits().operand(0);
    double[] logits = Reference.evaluate(network.logits(), leaves, 1).values();
    double[] tokens = Reference.evaluate(normalised, leaves, 1).values();
    double[] rows = at(leaves, table).values();
    for (int token = 0; token < LENGTH; token++) {
      for (int word = 0; word < VOCABULARY; word++) {
        double product = 0;
        for (int i = 0; i < 16; i++) {
          product += tokens[token * 16 + i] * rows[word * 16 + i];
        }
        assertThat(logits[token * VOCABULARY + word]).isEqualTo(product, within(1e-12));
      }
    }
  }

  @Test
  void theTableOfATiedHeadGetsTheGradientOfBothUses() {
    Network network = Network.of(network(TOKENS, causalLayer("gated_sdpa"), tiedHead()), CATALOGUE);
    Tensor table = table(network);
    Tensor target = Tensor.input("target", network.logits().shape());
    Tensor share = Tensor.input("share", Shape.of(LENGTH, 1));
    Tensor loss = network.logits().crossEntropy(target, 0);
    Tensor gradient = Gradient.of(loss, share, List.of(table)).firstEntry().getValue();
    Map<Tensor, Array> leaves = leaves(network, 2);
    leaves.put(target, Array.of(target, 1, i -> i % VOCABULARY == 3 ? 1 : 0));
    leaves.put(share, Array.of(share, 1, _ -> 1));
    double[] exact = Reference.evaluate(gradient, leaves, 1).values();
    double[] numbers = at(leaves, table).values();
    double step = 1e-6;
    for (int i = 0; i < exact.length; i += 7) {
      int moved = i;
      double[] sums = new double[2];
      for (int side = 0; side < 2; side++) {
        double by = side == 0 ? step : -step;
        leaves.put(table, Array.of(table, 1, j -> numbers[j] + (j == moved ? by : 0)));
        sums[side] = Arrays.stream(Reference.evaluate(loss, leaves, 1).values()).sum();
      }
      assertThat((sums[0] - sums[1]) / (2 * step))
          .as("number %d", i)
          .isEqualTo(exact[i], within(1e-6));
    }
  }

  @Test
  void aHeadThatAnswersOnceIsRefusedWhereEachTokenIsToBeAnswered() {
    Architecture wrong = network(TOKENS, causalLayer("gated_sdpa"), Choice.of("last_token"));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Network.of(wrong, CATALOGUE))
        .withMessage("head: Head 'last_token' answers [6] where the task wants [10, 6]");
  }

  @Test
  void aStemForOtherInputIsRefused() {
    Architecture images = network(TOKENS, causalLayer("gated_sdpa")).forInput(Shape.of(8, 8, 1), 3);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Network.of(images, CATALOGUE))
        .withMessage(
            "stem: Token embedding needs tokens of a vocabulary, got numbers of [8, 8, 1]");

    Architecture tokens =
        new Architecture(
            TOKENS,
            Choice.of("conv_stem"),
            Choice.of("no_position"),
            List.of(stage(causalLayer("gated_sdpa"))),
            Choice.of("layer_norm"),
            Choice.of("each_token"));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                Network.of(
                    tokens.forTask(new Task.SequenceClassification(new Sequence.Tokens(10, 6), 2)),
                    CATALOGUE))
        .withMessage("stem: Stem 'conv_stem' embeds no tokens of a vocabulary, got [10] of 6");
  }

  @Test
  void aBlockThatSeesLaterTokensIsRefusedByACausalTask() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Network.of(network(TOKENS, causalLayer("fnet")), CATALOGUE))
        .withMessage(
            "stages.0.blocks.0.mixer: Block 'fnet' lets tokens see later ones, which the task"
                + " forbids");
  }

  @Test
  void otherTasksLeaveBlocksAsTheyAreSet() {
    Architecture classifies =
        network(
            new Task.SequenceClassification(new Sequence.Tokens(LENGTH, VOCABULARY), 3),
            causalLayer("gated_sdpa"),
            Choice.of("mean_pool"));
    Network network = Network.of(classifies, CATALOGUE);

    assertThat(seesLater(network.logits(), network)).isTrue();
  }

  static Stream<Block> causalBlocks() {
    return Stream.of(Role.TOKEN_MIXER, Role.CHANNEL_MIXER, Role.NORM, Role.POSITION)
        .flatMap(role -> CATALOGUE.all(role).stream())
        .filter(block -> block.traits().causality() != Traits.Causality.NEVER)
        .filter(block -> block.traits().layout() != Traits.Layout.GRID);
  }

  @ParameterizedTest
  @MethodSource("causalBlocks")
  void noTokenOfACausalNetworkSeesALaterOne(Block block) {
    // with a high threshold no neuron would fire
    Choice choice =
        block.knobs().contains(Neuron.THRESHOLD)
            ? Choice.of(block.id()).with(Neuron.THRESHOLD, 0.125)
            : Choice.of(block.id());
    boolean mixer = block.role() == Role.TOKEN_MIXER;
    boolean channel = block.role() == Role.CHANNEL_MIXER;
    Layer layer =
        new Layer(
            Choice.of("metaformer_block"),
            block.role() == Role.NORM ? choice : Choice.of("layer_norm"),
            Optional.of(mixer ? choice : Choice.of("gated_sdpa")),
            Optional.of(channel ? choice : Choice.of("mlp")),
            0);
    Architecture architecture =
        new Architecture(
            TOKENS,
            Choice.of("token_embedding"),
            block.role() == Role.POSITION ? choice : Choice.of("learned_position"),
            List.of(stage(layer, layer)),
            block.role() == Role.NORM ? choice : Choice.of("layer_norm"),
            Choice.of("each_token"));
    Network network = Network.of(architecture, CATALOGUE);

    for (int changed = 0; changed < LENGTH; changed++) {
      double[] before = Reference.evaluate(network.logits(), leaves(network, 7), 1).values();
      Map<Tensor, Array> leaves = leaves(network, 7);
      change(network, leaves, changed);
      double[] after = Reference.evaluate(network.logits(), leaves, 1).values();
      for (int i = 0; i < changed * VOCABULARY; i++) {
        assertThat(after[i])
            .as("%s: token %d changed, answer %d", block.id(), changed, i / VOCABULARY)
            .isEqualTo(before[i]);
      }
      assertThat(after).as("the changed token itself").isNotEqualTo(before);
    }
  }

  @ParameterizedTest
  @MethodSource("blocks")
  void whatCanBeCausalHasTheKnob(Block block) {
    boolean knob = block.knobs().stream().anyMatch(each -> each.name().equals(Knob.CAUSAL.name()));

    assertThat(knob)
        .as("%s is %s", block.id(), block.traits().causality())
        .isEqualTo(block.traits().causality() == Traits.Causality.OPTIONAL);
  }

  static Stream<Block> blocks() {
    return Stream.of(Role.TOKEN_MIXER, Role.CHANNEL_MIXER, Role.NORM, Role.POSITION)
        .flatMap(role -> CATALOGUE.all(role).stream());
  }

  /** Whether the answer at the first token, or the only one, depends on the last. */
  private static boolean seesLater(Tensor logits, Network network) {
    double before = Reference.evaluate(logits, leaves(network, 7), 1).values()[0];
    Map<Tensor, Array> leaves = leaves(network, 7);
    change(network, leaves, LENGTH - 1);
    return Reference.evaluate(logits, leaves, 1).values()[0] != before;
  }

  private static void change(Network network, Map<Tensor, Array> leaves, int token) {
    double[] tokens = at(leaves, network.input()).values();
    leaves.put(
        network.input(),
        Array.of(network.input(), 1, i -> i == token ? (tokens[i] + 1) % VOCABULARY : tokens[i]));
  }

  private static Tensor table(Network network) {
    return network.logits().inOrder().stream()
        .filter(tensor -> tensor.op() instanceof Op.Lookup)
        .findFirst()
        .orElseThrow()
        .operand(0);
  }

  private static Array at(Map<Tensor, Array> leaves, Tensor tensor) {
    return Objects.requireNonNull(leaves.get(tensor));
  }

  private static Map<Tensor, Array> leaves(Network network, long seed) {
    var random = new SplittableRandom(seed);
    var leaves = new HashMap<>(Reference.initial(List.of(network.logits()), seed));
    // far from the initial values, so that nothing is hidden by being small
    leaves.replaceAll(
        (tensor, values) ->
            Array.of(
                tensor,
                1,
                i -> values.at(i) + 0.3 * Math.sin(i + 1.0 + tensor.scope().hashCode() % 7)));
    leaves.put(network.input(), Array.of(network.input(), 1, _ -> random.nextInt(VOCABULARY)));
    return leaves;
  }

  private static Architecture network(Task task, Layer layer) {
    return network(task, layer, Choice.of("each_token"));
  }

  private static Architecture network(Task task, Layer layer, Choice head) {
    return new Architecture(
        task,
        Choice.of("token_embedding"),
        Choice.of("learned_position"),
        List.of(stage(layer)),
        Choice.of("layer_norm"),
        head);
  }

  private static Choice tiedHead() {
    return Choice.of("each_token").with(EachToken.TIED, true);
  }

  private static Stage stage(Layer... layers) {
    return new Stage(16, Optional.empty(), Arrays.asList(layers));
  }

  private static Layer causalLayer(String mixer) {
    return new Layer(
        Choice.of("metaformer_block"),
        Choice.of("layer_norm"),
        Optional.of(Choice.of(mixer)),
        Optional.of(Choice.of("mlp")),
        0);
  }
}
