package blockfront.blocks.mixer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.graph.Gradient;
import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.reference.Array;
import blockfront.blocks.reference.Reference;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.TokenMixer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Gradients of whole attention blocks, masks and paddings included. */
class AttentionGradientsTest {

  private static final int EXAMPLES = 2;
  private static final double STEP = 1e-5;
  private static final Shape GRID = Shape.of(5, 4, 16);
  private static final Setting SMALL = Setting.STANDARD.with(SoftmaxAttention.HEAD_DIM, 4);

  static Stream<Arguments> mixers() {
    Setting windows = SMALL.with(WindowAttention.WINDOW, 3);
    return Stream.of(
        mixer(new SparseQueryAttention(), SMALL.with(SoftmaxAttention.CAUSAL, true)),
        mixer(new MixtureOfHeads(), SMALL.with(SoftmaxAttention.CAUSAL, true)),
        mixer(new PositionalAttention(), SMALL),
        mixer(new WindowAttention(), windows.with(WindowAttention.SHIFT, "all")),
        mixer(new DoubleWindowAttention(), windows),
        mixer(new CrossWindowAttention(), SMALL.with(CrossWindowAttention.STRIPE, 2)),
        mixer(new NeighbourhoodAttention(), SMALL.with(NeighbourhoodAttention.KERNEL, 3)),
        mixer(new NeighbourhoodAttention(), SMALL.with(SoftmaxAttention.CAUSAL, true)),
        mixer(new SingleHeadAttention(), Setting.STANDARD),
        mixer(new FactorisedAttention(), SMALL.with(FactorisedAttention.WINDOW, 3)),
        mixer(new HybridAttention(), windows),
        mixer(new OverlappingAttention(), windows.with(OverlappingAttention.OVERLAP, 1.0)),
        mixer(new SparseChannelAttention(), SMALL),
        mixer(new HopfieldAssociation(), SMALL.with(HopfieldAssociation.STEPS, 2)));
  }

  private static Arguments mixer(TokenMixer mixer, Setting setting) {
    return Arguments.of(Named.of(mixer.id() + setting.values(), mixer), setting);
  }

  /** Along a random direction of all parameters and the tokens at once. */
  @ParameterizedTest
  @MethodSource("mixers")
  void agreeWithFiniteDifferences(TokenMixer mixer, Setting setting) {
    Tensor x = Tensor.input("x", GRID);
    Tensor y = Scope.inTraining(() -> mixer.mix(x, setting));
    Tensor upstream = Tensor.input("upstream", GRID);
    List<Tensor> wanted =
        y.inOrder().stream()
            .filter(t -> t.op() instanceof Op.Input || t.op() instanceof Op.Parameter)
            .toList();
    var random = new SplittableRandom(5);
    var values = new HashMap<Tensor, Array>(Reference.initial(List.of(y), EXAMPLES));
    var directions = new HashMap<Tensor, Array>();
    wanted.forEach(
        t -> {
          values.put(t, Array.of(t, EXAMPLES, _ -> 0.5 * random.nextGaussian()));
          directions.put(t, Array.of(t, EXAMPLES, _ -> random.nextGaussian()));
        });
    values.put(upstream, Array.of(upstream, EXAMPLES, _ -> random.nextGaussian()));

    var gradients = Gradient.of(y, upstream, wanted);
    List<Array> slopes = Reference.evaluate(List.copyOf(gradients.values()), values, EXAMPLES);
    double slope = 0;
    for (int i = 0; i < wanted.size(); i++) {
      slope += product(slopes.get(i), values(directions, wanted.get(i)));
    }
    double ahead = weighed(y, upstream, moved(values, directions, STEP));
    double behind = weighed(y, upstream, moved(values, directions, -STEP));

    assertThat(wanted).hasSizeGreaterThan(3);
    assertThat(slope)
        .isCloseTo((ahead - behind) / (2 * STEP), within(1e-6 * (1 + Math.abs(slope))))
        .isNotCloseTo(0, within(1e-3));
  }

  private static Map<Tensor, Array> moved(
      Map<Tensor, Array> values, Map<Tensor, Array> directions, double by) {
    var moved = new HashMap<>(values);
    directions.forEach(
        (tensor, direction) -> {
          Array at = values(values, tensor);
          moved.put(tensor, Array.of(tensor, EXAMPLES, i -> at.at(i) + by * direction.at(i)));
        });
    return moved;
  }

  private static double weighed(Tensor y, Tensor upstream, Map<Tensor, Array> values) {
    List<Array> both = Reference.evaluate(List.of(y, upstream), values, EXAMPLES);
    return product(both.getFirst(), both.getLast());
  }

  private static double product(Array left, Array right) {
    double sum = 0;
    for (int i = 0; i < left.size(); i++) {
      sum += left.at(i) * right.at(i);
    }
    return sum;
  }

  private static Array values(Map<Tensor, Array> values, Tensor tensor) {
    Array found = values.get(tensor);
    if (found == null) {
      throw new IllegalArgumentException("No values of " + tensor);
    }
    return found;
  }
}
