package blockfront.search.train;

import static org.assertj.core.api.Assertions.assertThat;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Gradient;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where attention is found in a description. */
class AttentionTest {

  private static final int TOKENS = 5;

  private final Tensor query = Tensor.input("query", Shape.of(2, TOKENS, 3));
  private final Tensor key = Tensor.input("key", Shape.of(2, TOKENS, 3));
  private final Tensor value = Tensor.input("value", Shape.of(2, TOKENS, 4));
  private final Tensor scores = query.matmulTransposed(key);

  @Test
  void itsWeightsAndTheirGradientsNeedNoMemory() {
    assertThat(found(scores.softmax().matmul(value)))
        .singleElement()
        .satisfies(
            attention -> {
              assertThat(attention.inner()).hasSize(4).contains(scores);
              assertThat(attention.backward()).isPresent();
              assertThat(attention.mask()).isEmpty();
              assertThat(attention.causal()).isFalse();
            });
  }

  @Test
  void aMaskOfWhatIsLaterIsKnownAsSuch() {
    Values later =
        Values.of(TOKENS * TOKENS, i -> i % TOKENS > i / TOKENS ? Double.NEGATIVE_INFINITY : 0);
    Tensor masked = scores.plus(Tensor.constant(later, TOKENS, TOKENS));
    assertThat(found(masked.softmax().matmul(value)))
        .singleElement()
        .satisfies(
            attention -> {
              assertThat(attention.causal()).isTrue();
              assertThat(attention.mask()).isEmpty();
            });
  }

  @Test
  void anotherMaskIsAddedToTheScores() {
    Tensor mask = Tensor.constant(Values.of(2 * TOKENS * TOKENS, i -> i), 2, TOKENS, TOKENS);
    assertThat(found(scores.plus(mask).softmax().matmul(value)))
        .singleElement()
        .satisfies(attention -> assertThat(attention.mask()).containsSame(mask));
  }

  @Test
  void itIsFoundWithoutGradientsToo() {
    List<Tensor> outputs = List.of(scores.softmax().matmul(value));
    assertThat(Attention.in(Schedule.of(outputs, true), outputs))
        .singleElement()
        .satisfies(attention -> assertThat(attention.backward()).isEmpty());
  }

  @Test
  void weightsThatAreReadElsewhereAreKept() {
    Tensor weights = scores.softmax();
    Tensor seen = weights.matmul(value);
    assertThat(found(seen, weights)).as("an output").isEmpty();
    assertThat(found(seen.plus(weights.sum(2)))).as("summed").isEmpty();
    assertThat(found(weights.apply(Function.SQUARE).matmul(value))).as("squared").isEmpty();
  }

  @Test
  void aBiasThatLearnsWantsTheGradientOfTheScores() {
    Tensor bias = Tensor.input("bias", Shape.of(2, TOKENS, TOKENS));
    assertThat(found(scores.plus(bias).softmax().matmul(value))).isEmpty();
  }

  /** In a plan for the tensors and the gradients of the first for every input. */
  private static List<Attention> found(Tensor... wanted) {
    Tensor first = wanted[0];
    var outputs = new ArrayList<>(List.of(wanted));
    var inputs =
        first.inOrder().stream().filter(t -> t.operands().isEmpty() && t.batched()).toList();
    Tensor upstream = Tensor.input("upstream", first.shape());
    outputs.addAll(Gradient.of(first, upstream, inputs).values());
    return Attention.in(Schedule.of(outputs, true), outputs);
  }
}
