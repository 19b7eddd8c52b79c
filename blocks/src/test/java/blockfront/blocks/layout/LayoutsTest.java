package blockfront.blocks.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.cost.Cost;
import blockfront.blocks.graph.Parameters;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.mixer.GatedAttention;
import blockfront.blocks.mixer.SoftmaxAttention;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.network.Network;
import blockfront.blocks.network.Stage;
import blockfront.blocks.reference.Array;
import blockfront.blocks.reference.Reference;
import blockfront.blocks.spi.Choice;
import blockfront.blocks.spi.Layout;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.stem.PatchEmbed;
import blockfront.blocks.testing.Described;
import blockfront.blocks.wrapper.SlicedRecursion;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LayoutsTest {

  private static final Catalogue CATALOGUE = Catalogue.load();
  private static final Choice ATTENTION =
      Choice.of("softmax_mha").with(SoftmaxAttention.HEAD_DIM, 8);
  private static final Choice RECURSION = Choice.of("sliced_recursion");

  @Test
  void oneLoopIsTheStack() {
    double[] stacked = logits(network(Stage.STACKED, 3));

    for (String injection : List.of("none", "add", "multiply")) {
      Choice once = Choice.of("looped").with(Looped.LOOPS, 1).with(Looped.INJECTION, injection);
      assertThat(logits(network(once, 3))).as(injection).containsExactly(stacked);
    }
  }

  @Test
  void loopsCostTimeButNoParameters() {
    Cost once = cost(network(Choice.of("looped").with(Looped.LOOPS, 1), 2));
    Cost twice = cost(network(Choice.of("looped").with(Looped.LOOPS, 2), 2));
    Cost fourTimes = cost(network(Choice.of("looped").with(Looped.LOOPS, 4), 2));

    assertThat(fourTimes.parameters()).isEqualTo(once.parameters());
    assertThat(fourTimes.multiplyAdds() - twice.multiplyAdds())
        .isEqualTo(2 * (twice.multiplyAdds() - once.multiplyAdds()))
        .isPositive();
  }

  @Test
  void layersBeforeAndAfterTheLoopRunOnce() {
    Choice looped =
        Choice.of("looped").with(Looped.LOOPS, 5).with(Looped.BEFORE, 1).with(Looped.AFTER, 1);
    Cost stacked = cost(network(Stage.STACKED, 3));
    Cost two = cost(network(Stage.STACKED, 2));

    assertThat(cost(network(looped, 3)).multiplyAdds())
        .isEqualTo(stacked.multiplyAdds() + 4 * (stacked.multiplyAdds() - two.multiplyAdds()));
  }

  @Test
  void moreLoopsMayAnswerThanWereTrained() {
    Choice looped = Choice.of("looped").with(Looped.LOOPS, 2).with(Looped.ANSWERING, 6);

    assertThat(logits(network(looped, 1)))
        .containsExactly(logits(network(Choice.of("looped").with(Looped.LOOPS, 6), 1)));
  }

  @Test
  void aContractionConvergesWhenItsInputIsInjected() {
    Layout.Layers halving =
        new Layout.Layers() {
          @Override
          public int count() {
            return 1;
          }

          @Override
          public Tensor apply(int layer, Tensor x) {
            return x.times(0.5);
          }
        };
    double[] residuals = new double[3];
    double last = 0;
    for (int i = 0; i < residuals.length; i++) {
      Setting setting = Setting.STANDARD.with(Looped.LOOPS, i + 2).with(Looped.INJECTION, "add");
      double value =
          Described.of(Shape.of(1, 1), x -> new Looped().arrange(x, halving, setting)).at(1)[0];
      residuals[i] = value - last;
      last = value;
    }

    // z = (z + 1) / 2 from 0 comes to 1: 1/2, 3/4, 7/8 ...
    assertThat(last).isCloseTo(15.0 / 16, within(1e-12));
    assertThat(residuals[2]).isLessThan(residuals[1]).isPositive();
  }

  @Test
  void aLoopNeedsALayer() {
    Choice looped = Choice.of("looped").with(Looped.BEFORE, 2).with(Looped.AFTER, 2);

    assertThat(Network.of(network(looped, 3), CATALOGUE).repairs())
        .containsExactly(
            "stages.0: 2 layers before and 2 after leave none of 3 to loop; used 2 and 0");
  }

  @Test
  void oneGroupWithoutLatentsIsAPlainTransformer() {
    Choice plain =
        Choice.of("fit").with(InterleavedGroups.GROUPS, 1).with(InterleavedGroups.GLOBAL, 0);

    assertThat(logits(network(plain, 3)))
        .containsExactly(logits(network(Stage.STACKED, 3)), within(1e-12));
  }

  @Test
  void theAnswerIsReadOffTheLatents() {
    Choice fit =
        Choice.of("fit").with(InterleavedGroups.GROUPS, 4).with(InterleavedGroups.LATENTS, 3);
    Layout.Layers identity = identity(4);
    Tensor tokens =
        new InterleavedGroups()
            .arrange(Tensor.input("x", Shape.of(18, 8)), identity, fit.setting());

    assertThat(tokens.shape()).as("4 groups of 3").isEqualTo(Shape.of(12, 8));
    assertThat(Parameters.of(List.of(tokens)).byName().keySet())
        .as("the last write is left out")
        .contains("latents", "read.0.query.weight", "write.1.query.weight", "read.1.out.bias")
        .noneMatch(name -> name.startsWith("write.2"));
  }

  @Test
  void latentsOfAGroupAreIndependentOfLaterGroupsIfLayersAreCausal() {
    Setting setting = Setting.STANDARD.with(InterleavedGroups.GROUPS, 3);
    var mixer = new GatedAttention();
    Setting causal =
        Setting.STANDARD.with(GatedAttention.HEAD_DIM, 4).with(SoftmaxAttention.CAUSAL, true);
    Layout.Layers layers =
        new Layout.Layers() {
          @Override
          public int count() {
            return 4;
          }

          @Override
          public Tensor apply(int layer, Tensor x) {
            return x.plus(mixer.mix(x, causal));
          }
        };
    Described fit =
        Described.of(Shape.of(9, 8), x -> new InterleavedGroups().arrange(x, layers, setting));
    double[] x = fit.random(3).input(4);
    double[] before = fit.at(x);
    x[6 * 8] += 1; // the first token of the last group
    double[] after = fit.at(x);
    int twoGroups = 2 * 4 * 8;

    assertThat(Arrays.copyOf(after, twoGroups)).containsExactly(Arrays.copyOf(before, twoGroups));
    assertThat(after[twoGroups]).isNotEqualTo(before[twoGroups]);
  }

  @Test
  void groupsNeedLayersOfSomeKind() {
    Choice none =
        Choice.of("fit").with(InterleavedGroups.LOCAL, 0).with(InterleavedGroups.GLOBAL, 0);

    assertThatThrownBy(() -> Network.of(network(none, 1), CATALOGUE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("stages.0: FIT needs local or global layers, got 0 and 0");
  }

  @Test
  void recursionsAddOnlyTheirRefinements() {
    Cost once = cost(recursive(RECURSION.with(SlicedRecursion.RECURSIONS, 1)));
    Cost twice = cost(recursive(RECURSION));
    int refinement = 2 * 16 + (16 * 16 + 16) * 2 + 2; // a norm, an MLP of ratio 1, two shares

    assertThat(twice.parameters() - once.parameters()).isEqualTo(refinement);
    assertThat(twice.multiplyAdds()).isGreaterThan(once.multiplyAdds());
  }

  @Test
  void theShuffleDoesNotMatterToWholeAttention() {
    double[] plain = logits(recursive(RECURSION));

    assertThat(logits(recursive(RECURSION.with(SlicedRecursion.SEED, 7)))).containsExactly(plain);
  }

  @Test
  void theShuffleMattersToGroups() {
    Choice grouped = RECURSION.with(SlicedRecursion.LATER_GROUPS, 4);

    assertThat(logits(recursive(grouped.with(SlicedRecursion.SEED, 7))))
        .isNotEqualTo(logits(recursive(grouped)));
    assertThat(logits(recursive(grouped))).isEqualTo(logits(recursive(grouped)));
  }

  @Test
  void groupsDivideTheCostOfAttention() {
    Choice once = RECURSION.with(SlicedRecursion.RECURSIONS, 1);
    long whole = cost(recursive(once)).multiplyAdds();
    long grouped = cost(recursive(once.with(SlicedRecursion.GROUPS, 4))).multiplyAdds();

    assertThat(whole - grouped).as("of 2 N² C").isEqualTo(2L * 16 * 16 * 16 * 3 / 4);
  }

  @Test
  void groupsThatDoNotDivideAreRepaired() {
    assertThat(
            Network.of(recursive(RECURSION.with(SlicedRecursion.GROUPS, 5)), CATALOGUE).repairs())
        .containsExactly("stages.0.blocks.0: 5 groups do not divide 16 tokens; used 4");
  }

  private static Layout.Layers identity(int count) {
    return new Layout.Layers() {
      @Override
      public int count() {
        return count;
      }

      @Override
      public Tensor apply(int layer, Tensor x) {
        return x;
      }
    };
  }

  private static Architecture network(Choice layout, int depth) {
    return architecture(Choice.of("metaformer_block"), layout, depth);
  }

  private static Architecture recursive(Choice wrapper) {
    return architecture(wrapper, Stage.STACKED, 1);
  }

  private static Architecture architecture(Choice wrapper, Choice layout, int depth) {
    Layer layer =
        new Layer(
            wrapper,
            Choice.of("layer_norm"),
            Optional.of(ATTENTION),
            Optional.of(Choice.of("mlp")),
            0);
    return new Architecture(
        Shape.of(8, 8, 1),
        3,
        Choice.of("patch_embed").with(PatchEmbed.PATCH, 2),
        Choice.of("no_position"),
        List.of(new Stage(16, Optional.empty(), Collections.nCopies(depth, layer), layout)),
        Choice.of("layer_norm"),
        Choice.of("mean_pool"));
  }

  private static Cost cost(Architecture architecture) {
    return Cost.of(Network.of(architecture, CATALOGUE).logits());
  }

  /** With the same parameters for the same names. */
  private static double[] logits(Architecture architecture) {
    Network network = Network.of(architecture, CATALOGUE);
    var random = new SplittableRandom(3);
    var leaves = new HashMap<>(Reference.initial(List.of(network.logits()), 5));
    leaves.replaceAll(
        (tensor, values) ->
            Array.of(
                tensor, 1, i -> values.at(i) + 0.3 * Math.sin(i + tensor.scope().hashCode() % 7)));
    leaves.put(network.input(), Array.of(network.input(), 1, _ -> random.nextGaussian()));
    return Reference.evaluate(network.logits(), leaves, 1).values();
  }
}
