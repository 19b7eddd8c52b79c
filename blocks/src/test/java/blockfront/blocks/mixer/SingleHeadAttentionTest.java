package blockfront.blocks.mixer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Parameters;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.network.Network;
import blockfront.blocks.network.Stage;
import blockfront.blocks.reference.Array;
import blockfront.blocks.reference.Reference;
import blockfront.blocks.spi.Choice;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.stem.PatchEmbed;
import blockfront.blocks.testing.Described;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SingleHeadAttentionTest {

  private static final int C = 14;
  private static final int P = 3;
  private static final int Q = 16;
  private static final int N = 6;
  private static final Shape GRID = Shape.of(2, 3, C);

  /** Norms over batches gone by fold into the linear layer before them. */
  @Test
  void oneHeadOnAllChannelsIsPlainAttentionWithFoldedNorms() {
    Described described =
        Described.of(GRID, x -> SingleHeadAttention.attended(x, Q))
            .random(1)
            .set("qkv.mean", i -> 0.1 * i)
            .set("qkv.variance", i -> 0.5 + i);
    double[] x = described.input(2);
    int width = 2 * Q + C;
    double[] factor = new double[width];
    double[] bias = new double[width];
    for (int o = 0; o < width; o++) {
      factor[o] =
          described.values("qkv.gain")[o] / Math.sqrt(described.values("qkv.variance")[o] + 1e-5);
      bias[o] = described.values("qkv.bias")[o] - described.values("qkv.mean")[o] * factor[o];
    }
    double[] weight = described.values("qkv.weight");
    for (int i = 0; i < weight.length; i++) {
      weight[i] *= factor[i % width];
    }
    double[] qkv = DenseAttention.linear(x, weight, bias);
    double[] expected =
        DenseAttention.attend(
            DenseAttention.columns(qkv, width, 0, Q),
            DenseAttention.columns(qkv, width, Q, 2 * Q),
            DenseAttention.columns(qkv, width, 2 * Q, width),
            N,
            1,
            DenseAttention.NOTHING);

    assertThat(described.at(x)).containsExactly(expected, within(1e-10));
  }

  @Test
  void costIsThatOfTheNarrowHeadAndTheLinearLayer() {
    var cost = mixer(Setting.STANDARD).cost();

    assertThat(cost.parameters()).isEqualTo(2 * P + (32 + P) * P + 2 * (32 + P) + C * C + 2 * C);
    // norms over batches gone by are no products
    assertThat(cost.multiplyAdds())
        .isEqualTo((long) N * (P * (32 + P) + C * C) + (long) N * N * (16 + P));
  }

  @Test
  void channelsThatPassByAreNormalisedOnlyIfAsked() {
    Described released = mixer(Setting.STANDARD).random(1);
    Described normalised =
        mixer(Setting.STANDARD.with(SingleHeadAttention.AS_RELEASED, false)).like(released);
    double[] x = released.input(2);
    double[] doubled = x.clone();
    for (int i = 0; i < doubled.length; i++) {
      doubled[i] *= 2;
    }

    assertThat(normalised.at(doubled)).containsExactly(normalised.at(x), within(1e-4));
    double moved = 0;
    for (int i = 0; i < doubled.length; i++) {
      moved = Math.max(moved, Math.abs(released.at(doubled)[i] - released.at(x)[i]));
    }
    assertThat(moved).isGreaterThan(0.1);
  }

  @Test
  void moreThanAllChannelsIsRepaired() {
    var noted =
        Scope.collectingRepairs(
            () ->
                new SingleHeadAttention()
                    .mix(
                        Tensor.input("x", GRID),
                        Setting.STANDARD.with(SingleHeadAttention.PARTIAL, 20)));

    assertThat(noted.repairs()).containsExactly("20 of 14 channels cannot attend; used all");
  }

  /** The answers of a network do not change with the blocks that it has. */
  @Test
  void blocksStartAsTheIdentity() {
    assertThat(logits(1)).containsExactly(logits(3), within(1e-12));
  }

  private static double[] logits(int depth) {
    Layer layer =
        new Layer(
            Choice.of("shvit_block"),
            Choice.of("no_norm"),
            Optional.of(Choice.of("shvit_shsa")),
            Optional.of(Choice.of("bn_mlp")),
            0);
    Network network =
        Network.of(
            new Architecture(
                Shape.of(6, 6, 1),
                3,
                Choice.of("patch_embed").with(PatchEmbed.PATCH, 2),
                Choice.of("no_position"),
                List.of(new Stage(C, Optional.empty(), Collections.nCopies(depth, layer))),
                Choice.of("no_norm"),
                Choice.of("mean_pool")),
            Catalogue.load());
    var leaves = new HashMap<Tensor, Array>(Reference.initial(List.of(network.logits()), 1));
    var random = new SplittableRandom(3);
    leaves.put(network.input(), Array.of(network.input(), 1, _ -> random.nextGaussian()));
    // the same stem and head in all
    Parameters.of(List.of(network.logits()))
        .byName()
        .forEach(
            (name, tensor) -> {
              if (name.startsWith("stem") || name.startsWith("head")) {
                leaves.put(tensor, Array.of(tensor, 1, i -> Math.sin(i)));
              }
            });
    return Reference.evaluate(network.logits(), leaves, 1).values();
  }

  private static Described mixer(Setting setting) {
    return Described.of(GRID, x -> new SingleHeadAttention().mix(x, setting));
  }
}
