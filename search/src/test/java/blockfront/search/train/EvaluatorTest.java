package blockfront.search.train;

import static org.assertj.core.api.Assertions.assertThat;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Parameters;
import blockfront.blocks.network.Network;
import blockfront.blocks.network.Sequence;
import blockfront.blocks.network.Task;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Trained networks that answer. */
class EvaluatorTest {

  private static final Catalogue CATALOGUE = Catalogue.load();

  @ParameterizedTest
  @CsvSource({
    // digits, photographs, texts of 128, 1024, 16,384 and 65,536 bytes
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

  /** Of the heap, by this thread. */
  private static long allocatedBytes() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }
}
