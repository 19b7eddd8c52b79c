package blockfront.blocks.preset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.cost.Cost;
import blockfront.blocks.network.Network;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpikingPresetsTest {

  private static final Catalogue CATALOGUE = Catalogue.load();

  /** Their papers count operations by measured spikes, so only parameters can be compared. */
  @ParameterizedTest
  @CsvSource({
    "spikformer_8_384, 16.81, 0.01",
    "spikformer_8_512, 29.68, 0.01",
    "spikformer_8_768, 66.34, 0.01",
    "metaspikformer_8_256, 15.1, 0.05",
    "metaspikformer_8_384, 31.3, 0.05",
    "metaspikformer_8_512, 55.4, 0.05"
  })
  void parametersAreThosePrinted(String name, double millions, double rounding) {
    Cost cost = Cost.of(Network.of(Presets.byName(name), CATALOGUE).logits());

    assertThat(cost.parameters() / 1e6).isCloseTo(millions, within(rounding));
  }
}
