package blockfront.search.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.search.train.BenchNetwork.Mixer;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Twenty steps against PyTorch's, from the same weights on the same batches. The numbers are what
 * {@code engine.py --compare FOLDER --record FILE} wrote after {@code bench engine --losses
 * FOLDER}; whoever changes how weights start records them anew.
 */
class EngineLossesTest {

  private static final Catalogue CATALOGUE = Catalogue.load();

  @ParameterizedTest
  @EnumSource(Mixer.class)
  void lossesAreThoseOfPytorch(Mixer mixer) throws IOException {
    JsonNode recorded = recorded().get(mixer.label());
    double[] losses = EngineLosses.losses(mixer, CATALOGUE, Pass.ALL);
    assertThat(recorded.size()).isEqualTo(losses.length);
    for (int i = 0; i < losses.length; i++) {
      double expected = recorded.get(i).asDouble();
      assertThat(losses[i]).as("step %d", i).isCloseTo(expected, within(1e-4 * expected));
    }
  }

  private static JsonNode recorded() throws IOException {
    try (InputStream file =
        Objects.requireNonNull(EngineLossesTest.class.getResourceAsStream("pytorch-losses.json"))) {
      return new JsonMapper().readTree(file);
    }
  }
}
