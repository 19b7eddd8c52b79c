package blockfront.blocks.technique;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Parameters;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import blockfront.blocks.graph.Window;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Exits;
import blockfront.blocks.network.Layer;
import blockfront.blocks.network.Network;
import blockfront.blocks.network.Stage;
import blockfront.blocks.reference.Array;
import blockfront.blocks.reference.Reference;
import blockfront.blocks.spi.Choice;
import blockfront.blocks.stem.PatchEmbed;
import blockfront.blocks.testing.Described;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class TechniquesTest {

  private static final Catalogue CATALOGUE = Catalogue.load();

  // ---- distillation

  @Test
  void aStudentLikeItsTeacherHasNothingToLearn() {
    Tensor logits = constant(Shape.of(2, 3), 1, 2, -1, 0.5, 0, 3);

    assertThat(values(new Distillation(4, 1).divergence(logits, logits)))
        .containsExactly(new double[] {0, 0}, within(1e-12));
  }

  @Test
  void theDivergenceIsThatOfSoftAnswers() {
    Tensor student = constant(Shape.of(1, 2), 0, 0);
    Tensor teacher = constant(Shape.of(1, 2), 2 * Math.log(3), 0);
    // at temperature 2 the teacher says 3/4 and 1/4
    double expected = 0.75 * Math.log(1.5) + 0.25 * Math.log(0.5);

    assertThat(values(new Distillation(2, 1).divergence(student, teacher))[0])
        .isCloseTo(expected, within(1e-12));
    Tensor target = constant(Shape.of(1, 2), 1, 0);
    assertThat(values(new Distillation(2, 0.25).loss(student, target, teacher))[0])
        .isCloseTo(0.75 * Math.log(2) + 0.25 * 4 * expected, within(1e-12));
  }

  @Test
  void featuresAreComparedByTheirMeanSquare() {
    Tensor a = constant(Shape.of(2, 2), 1, 2, 3, 4);
    Tensor b = constant(Shape.of(2, 2), 1, 2, 3, 8);

    assertThat(values(Distillation.ofFeatures(a, b))).containsExactly(4);
  }

  // ---- re-parameterisation

  @Test
  void foldedBranchesAnswerAsTheBranchesDo() {
    var random = new SplittableRandom(3);
    int channels = 4;
    double[] three = random.doubles(9 * 16).toArray();
    double[] one = random.doubles(16).toArray();
    List<RepFold.Norm> norms =
        List.of(norm(random, channels), norm(random, channels), norm(random, channels));
    RepFold folded =
        RepFold.of(
            3,
            channels,
            channels,
            List.of(
                new RepFold.Branch(3, Values.of(three), norms.get(0)),
                new RepFold.Branch(1, Values.of(one), norms.get(1)),
                RepFold.Branch.identity(norms.get(2))));
    Tensor x = Tensor.input("x", Shape.of(5, 4, channels));
    Tensor branches =
        answered(convolved(x, 3, three), norms.get(0))
            .plus(answered(convolved(x, 1, one), norms.get(1)))
            .plus(answered(x, norms.get(2)));
    Tensor single =
        convolved(x, 3, folded.kernel().toArray())
            .plus(constant(Shape.of(channels), folded.bias().toArray()));
    Array input = Array.of(x, 1, _ -> random.nextDouble() - 0.5);

    assertThat(Reference.evaluate(single, Map.of(x, input), 1).values())
        .containsExactly(Reference.evaluate(branches, Map.of(x, input), 1).values(), within(1e-12));
  }

  @Test
  void anEvenRestCannotBeCentred() {
    var norm = norm(new SplittableRandom(1), 1);

    assertThatThrownBy(
            () ->
                RepFold.of(3, 1, 1, List.of(new RepFold.Branch(2, Values.of(new double[4]), norm))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("A kernel of 2 cannot be put in the centre of one of 3");
  }

  // ---- quantisation

  @Test
  void whatIsWithinTheRangeMovesByHalfAStepAtMost() {
    var random = new SplittableRandom(5);
    double[] values = random.doubles(1000, -3, 5).toArray();
    Quantiser quantiser = Quantiser.ofExtremes(values, 8);

    assertThat(quantiser.scale()).isCloseTo(8.0 / 255, within(1e-3));
    for (double x : values) {
      assertThat(Math.abs(x - quantiser.apply(x)))
          .isLessThanOrEqualTo(quantiser.scale() / 2 + 1e-12);
    }
    assertThat(quantiser.apply(0)).isZero();
  }

  @Test
  void quantisingTwiceChangesNothing() {
    for (Quantiser quantiser :
        List.of(Quantiser.ofRange(-1, 2.5, 8), Quantiser.symmetric(1.7, 4))) {
      for (double x = -4; x < 4; x += 0.01) {
        double once = quantiser.apply(x);
        assertThat(quantiser.apply(once)).isEqualTo(once);
      }
    }
  }

  @Test
  void manyBitsLoseNothing() {
    double[] values = new SplittableRandom(5).doubles(1000, -3, 5).toArray();

    assertThat(Quantiser.ofExtremes(values, 16).error(values)).isLessThan(1e-8);
  }

  @Test
  void outliersAreCutOffWhereThatIsBetter() {
    double[] values = new SplittableRandom(7).doubles(2001, -1, 1).toArray();
    values[0] = 40;
    double whole = Quantiser.ofExtremes(values, 4).scale();

    assertThat(Quantiser.ofPercentile(values, 0.999, 4).scale()).isLessThan(whole / 10);
    assertThat(Quantiser.ofLeastError(values, 4).error(values))
        .isLessThanOrEqualTo(Quantiser.ofExtremes(values, 4).error(values));
  }

  @Test
  void eachOutputChannelHasItsOwnGrid() {
    float[] rounded = Quantiser.ofChannels(new float[] {1, 1000, -0.5f, 500}, 2, 8);

    assertThat(rounded[0]).isEqualTo(1);
    assertThat(rounded[1]).isEqualTo(1000);
    assertThat(rounded[2]).isCloseTo(-0.5f, within(1 / 254f));
    assertThat(rounded[3]).isCloseTo(500, within(1000 / 254f));
  }

  // ---- packing

  @Test
  void packedAttentionIsThatOfEachSequence() {
    var packing = new Packing(List.of(2, 3, 1));
    Tensor x = Tensor.input("x", Shape.of(6, 4));
    Tensor packed = x.matmulTransposed(x).plus(packing.mask()).softmax().matmul(x);
    Array input = Array.of(x, 1, i -> Math.sin(i));
    double[] together = Reference.evaluate(packed, Map.of(x, input), 1).values();

    assertThat(packing.offsets()).containsExactly(0, 2, 5);
    for (int i = 0; i < 3; i++) {
      Tensor alone =
          x.slice(0, packing.offsets().get(i), packing.offsets().get(i) + packing.lengths().get(i));
      Tensor seen = alone.matmulTransposed(alone).softmax().matmul(alone);
      int from = packing.offsets().get(i) * 4;
      assertThat(Arrays.copyOfRange(together, from, from + packing.lengths().get(i) * 4))
          .containsExactly(Reference.evaluate(seen, Map.of(x, input), 1).values(), within(1e-12));
    }
  }

  @Test
  void packingAndUnpackingKeepRealTokens() {
    var packing = new Packing(List.of(1, 3));
    double[] padded = {1, 2, 9, 9, 9, 9, 3, 4, 5, 6, 7, 8};

    double[] packed = packing.pack(padded, 2);

    assertThat(packed).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
    assertThat(packing.unpack(packed, 2)).containsExactly(1, 2, 0, 0, 0, 0, 3, 4, 5, 6, 7, 8);
  }

  @Test
  void workOnPaddingIsSaved() {
    var packing = new Packing(List.of(1, 3));

    assertThat(packing.multiplyAdds(10)).isEqualTo(4 * 100 * 4 + 2 * 10 * (1 + 9));
    assertThat(packing.paddedMultiplyAdds(10)).isEqualTo(2 * (4 * 100 * 3 + 2 * 10 * 9));
  }

  // ---- token merging

  @Test
  void mergedDuplicatesLeaveAttentionAsItWas() {
    // tokens 0 and 1, and 4 and 5, are the same
    int[] same = {0, 0, 1, 2, 3, 3};
    Tensor tokens = constant(Shape.of(6, 4), i -> Math.cos(7 * same[i / 4] + i % 4));
    Tensor query = constant(Shape.of(3, 4), i -> Math.sin(3 * i));
    double[] before = values(query.matmulTransposed(tokens).softmax().matmul(tokens));

    TokenMerging merged = TokenMerging.of(tokens).merge(tokens, 2);
    Tensor scores = query.matmulTransposed(merged.tokens()).plus(merged.bias());

    assertThat(merged.tokens().shape()).isEqualTo(Shape.of(4, 4));
    assertThat(values(merged.sizes())).containsExactlyInAnyOrder(2, 2, 1, 1);
    assertThat(values(scores.softmax().matmul(merged.tokens())))
        .containsExactly(before, within(1e-9));
  }

  @Test
  void sizesAlwaysSumToTheTokensThatWere() {
    for (int merged = 0; merged < 6; merged++) {
      Tensor tokens = constant(Shape.of(9, 3), i -> Math.sin(i * i));
      TokenMerging once = TokenMerging.of(tokens).merge(tokens, merged);
      TokenMerging twice = once.merge(once.tokens(), 2);

      assertThat(Arrays.stream(values(once.sizes())).sum()).isCloseTo(9, within(1e-9));
      assertThat(Arrays.stream(values(twice.sizes())).sum()).isCloseTo(9, within(1e-9));
      assertThat(once.tokens().shape().size(0)).isEqualTo(9 - Math.min(merged, 4));
    }
  }

  @Test
  void mergingNothingLeavesTokensAlone() {
    TokenMerging tokens = TokenMerging.of(constant(Shape.of(4, 2), i -> i));

    assertThat(tokens.merge(tokens.tokens(), 0)).isSameAs(tokens);
  }

  @Test
  void gradientsFlowThroughTheMeans() {
    Described merged = Described.of(Shape.of(4, 2), x -> TokenMerging.of(x).merge(x, 1).tokens());
    double[] x = {1, 0, 1, 0.01, 0, 1, -1, 0.2};
    double[] moved = x.clone();
    moved[0] += 0.2;

    // token 0 went into token 1, of which it is half
    assertThat(merged.at(x)[2]).isCloseTo(1, within(1e-12));
    assertThat(merged.at(moved)[2]).isCloseTo(1.1, within(1e-12));
  }

  // ---- early exit

  @Test
  void theLastExitIsTheNetwork() {
    Architecture architecture = architecture(3, Stage.STACKED);
    Network network = Network.of(architecture, CATALOGUE);
    Exits exits = Exits.of(architecture, CATALOGUE);
    var of = new HashMap<Tensor, Array>();
    var full = new HashMap<Tensor, Array>();
    Map<String, Tensor> names = Parameters.of(List.of(network.logits())).byName();
    Parameters.of(exits.logits())
        .byName()
        .forEach(
            (name, tensor) -> {
              Array values = Array.of(tensor, 1, i -> Math.sin(i + name.length()));
              of.put(tensor, values);
              String own = name.replace("exits.2.norm", "norm").replace("exits.2", "head");
              Tensor mine = names.get(own);
              if (mine != null) {
                full.put(mine, Array.of(mine, 1, i -> values.at(i)));
              }
            });
    of.put(exits.image(), Array.of(exits.image(), 1, i -> Math.cos(i)));
    full.put(network.input(), Array.of(network.input(), 1, i -> Math.cos(i)));

    assertThat(Reference.evaluate(exits.logits().getLast(), of, 1).values())
        .containsExactly(Reference.evaluate(network.logits(), full, 1).values(), within(1e-12));
  }

  @Test
  void laterExitsCostMore() {
    Exits exits = Exits.of(architecture(3, Stage.STACKED), CATALOGUE);
    List<Long> costs = exits.multiplyAdds();

    assertThat(costs).hasSize(3).isSorted().doesNotHaveDuplicates();
    assertThat(exits.expectedMultiplyAdds(List.of(0.0, 0.0, 1.0), 7)).isEqualTo(costs.get(2) + 7.0);
    assertThat(exits.expectedMultiplyAdds(List.of(0.5, 0.5, 0.0), 0))
        .isEqualTo((costs.get(0) + costs.get(1)) / 2.0);
  }

  @Test
  void betaTradesQualityForDepth() {
    List<Double> quality = List.of(0.5, 0.8, 0.85);

    assertThat(Exits.best(quality, 0)).isEqualTo(2);
    assertThat(Exits.best(quality, 0.1)).isEqualTo(1);
    assertThat(Exits.best(quality, 1e9)).isZero();
  }

  @Test
  void loopsHaveNoExits() {
    assertThatThrownBy(() -> Exits.of(architecture(2, Choice.of("looped")), CATALOGUE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Early exit needs layers one after another, got 'looped'");
  }

  private static Architecture architecture(int depth, Choice layout) {
    Layer layer =
        new Layer(
            Choice.of("metaformer_block"),
            Choice.of("layer_norm"),
            Optional.of(Choice.of("pool_mixer")),
            Optional.of(Choice.of("mlp")),
            0);
    return new Architecture(
        Shape.of(8, 8, 1),
        3,
        Choice.of("patch_embed").with(PatchEmbed.PATCH, 2),
        Choice.of("no_position"),
        List.of(new Stage(8, Optional.empty(), Collections.nCopies(depth, layer), layout)),
        Choice.of("layer_norm"),
        Choice.of("mean_pool"));
  }

  private static Tensor convolved(Tensor x, int side, double[] kernel) {
    int channels = x.shape().size(2);
    return x.convolve(
        constant(Shape.of(side, side, channels, channels), kernel), Window.same(side), 1);
  }

  private static Tensor answered(Tensor x, RepFold.Norm norm) {
    int channels = x.shape().size(2);
    var factors = new double[channels];
    var shifts = new double[channels];
    for (int c = 0; c < channels; c++) {
      factors[c] = norm.gain().at(c) / Math.sqrt(norm.variance().at(c) + norm.epsilon());
      shifts[c] = norm.bias().at(c) - norm.mean().at(c) * factors[c];
    }
    return x.times(constant(Shape.of(channels), factors))
        .plus(constant(Shape.of(channels), shifts));
  }

  private static RepFold.Norm norm(SplittableRandom random, int channels) {
    return new RepFold.Norm(
        Values.of(random.doubles(channels).toArray()),
        Values.of(random.doubles(channels).toArray()),
        Values.of(random.doubles(channels).toArray()),
        Values.of(random.doubles(channels, 0.5, 2).toArray()),
        1e-5);
  }

  private static double[] values(Tensor tensor) {
    return Reference.evaluate(tensor, Map.of(), 1).values();
  }

  private static Tensor constant(Shape shape, double... values) {
    return Tensor.constant(
        Values.of(values), shape.sizes().stream().mapToInt(Integer::intValue).toArray());
  }

  private static Tensor constant(Shape shape, IntToDoubleFunction value) {
    return Tensor.constant(
        Values.of(Math.toIntExact(shape.elements()), value),
        shape.sizes().stream().mapToInt(Integer::intValue).toArray());
  }
}
