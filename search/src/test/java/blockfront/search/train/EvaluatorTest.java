package blockfront.search.train;

import static org.assertj.core.api.Assertions.assertThat;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Parameters;
import blockfront.blocks.network.Network;
import blockfront.blocks.network.Sequence;
import blockfront.blocks.network.Task;
import blockfront.search.data.DataSets;
import blockfront.search.data.Examples;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Trained networks that answer. */
class EvaluatorTest {

  private static final Catalogue CATALOGUE = Catalogue.load();

  @ParameterizedTest
  @CsvSource({
    // digits, photographs, texts of 128 to 65,536 bytes, vectors without end
    "64, 10, 64",
    "150528, 1000, 64",
    "128, 32768, 64",
    "1024, 262144, 64",
    "16384, 4194304, 4",
    "65536, 16777216, 1",
    "1000000000, 10, 1"
  })
  void onlyLargeExamplesAreAskedAboutInSmallerBatches(long input, long answer, int batch) {
    assertThat(Evaluator.batch(64, input, answer)).isEqualTo(batch);
  }

  @Test
  void longTextsAreAnsweredInLittleMemory() {
    var task = new Task.TokenPrediction(new Sequence.Tokens(16_384, 256));
    Network network =
        Network.of(SmallNetworks.with(CATALOGUE.block("activator_mixer"), task), CATALOGUE);
    try (var weights = Weights.initial(Parameters.of(List.of(network.logits())), 1)) {
      long before = allocatedBytes();
      try (var _ = new Evaluator(network, weights)) {
        assertThat(allocatedBytes() - before).isLessThan(100_000_000);
      }
    }
  }

  @Test
  void othersAreAskedBatchByBatchToBeScored() {
    Examples examples = DataSets.load("digits").test();
    var asked = new ArrayList<Integer>();
    Evaluator.Score score =
        Evaluator.score(
            examples,
            raw -> {
              int count = raw.length / 64;
              asked.add(count);
              return Collections.nCopies(count, new float[] {0, 0, 0, 9, 0, 0, 0, 0, 0, 0});
            });

    int threes = examples.countByClass(10).get(3);
    assertThat(score.accuracy()).isEqualTo((double) threes / examples.size());
    assertThat(score.confusion().get(3)).containsExactly(0, 0, 0, threes, 0, 0, 0, 0, 0, 0);
    assertThat(asked).allMatch(count -> count <= 64);
    assertThat(asked.stream().mapToInt(Integer::intValue).sum()).isEqualTo(1 + examples.size());
  }

  /** Of the heap, by this thread. */
  private static long allocatedBytes() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }
}
