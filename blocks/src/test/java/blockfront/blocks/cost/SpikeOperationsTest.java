package blockfront.blocks.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.mixer.SoftmaxAttention;
import blockfront.blocks.mixer.SpikingSelfAttention;
import blockfront.blocks.network.Network;
import blockfront.blocks.preset.Presets;
import blockfront.blocks.spi.Setting;
import org.junit.jupiter.api.Test;

class SpikeOperationsTest {

  private static final int T = 4;
  private static final int N = 6;
  private static final int C = 8;

  @Test
  void withoutNeuronsThereAreNone() {
    Tensor x = Tensor.input("x", Shape.of(N, C));

    assertThat(SpikeOperations.of(new SoftmaxAttention().mix(x, Setting.STANDARD)).products())
        .isEmpty();
  }

  /** Queries, keys and values are made of numbers; what is behind them is made of spikes. */
  @Test
  void productsAmongSpikesAndOfSpikesByWeightsCount() {
    Tensor x = Tensor.input("x", Shape.of(T, 3, 2, C));
    Tensor y = new SpikingSelfAttention().mix(x, Setting.STANDARD);
    SpikeOperations operations = SpikeOperations.of(y);

    assertThat(operations.products())
        .extracting(SpikeOperations.Product::multiplyAdds)
        .containsExactlyInAnyOrder(
            (long) T * N * C * C, (long) T * N * C * C, (long) T * N * C * C);
    assertThat(operations.multiplyAdds()).isEqualTo(Cost.of(y).multiplyAdds() - 3L * T * N * C * C);
    assertThat(operations.operations(_ -> 0.25))
        .isCloseTo(operations.multiplyAdds() / 4.0, within(1e-9));
  }

  /** Only the first convolution sees the image, and the last layer a mean over time. */
  @Test
  void inSpikformerAllButTheFirstAndTheLastLayerWaitForSpikes() {
    Tensor logits =
        Network.of(
                Presets.byName("spikformer_8_384").forInput(Shape.of(32, 32, 3), 10),
                Catalogue.load())
            .logits();
    long first = 9L * 3 * 48 * 32 * 32;
    long last = 384 * 10;

    assertThat(Cost.of(logits).multiplyAdds() - SpikeOperations.of(logits).multiplyAdds())
        .isEqualTo(first + last);
  }
}
