package blockfront.search.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Parameters;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.network.Network;
import blockfront.blocks.network.Stage;
import blockfront.blocks.spi.Choice;
import blockfront.search.data.DataSet;
import blockfront.search.data.Normalisation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What begins and fails half-way gives back what it had taken. */
class NativeMemoryTest {

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final int TIMES = 20;
  private static final Catalogue CATALOGUE = Catalogue.load();
  private static final DataSet DATA = SmallTrainings.FEW;

  /** About 34 MB of weights. */
  private static final Architecture NETWORK = wide();

  @BeforeEach
  void needsASystemThatTells() {
    assumeTrue(Files.isReadable(STATUS), "only Linux tells what a process has taken");
  }

  @Test
  void weightsThatDoNotFitTheirNetwork() throws IOException {
    Parameters parameters = Parameters.of(List.of(Network.of(NETWORK, CATALOGUE).logits()));
    var values = new LinkedHashMap<String, float[]>();
    parameters
        .byName()
        .forEach((name, tensor) -> values.put(name, new float[(int) tensor.shape().elements()]));
    String last = values.lastEntry().getKey();
    values.put(last, new float[values.lastEntry().getValue().length + 1]);

    assertGivenBack(
        () ->
            assertThatIllegalArgumentException()
                .isThrownBy(() -> Weights.of(parameters, values))
                .withMessageStartingWith("Parameter '%s' of shape", last));
  }

  @Test
  void aTrainingWhoseDataCannotBeFed() throws IOException {
    var unfit =
        new DataSet(
            DATA.name(),
            DATA.task(),
            DATA.metric(),
            DATA.classes(),
            DATA.train(),
            DATA.validation(),
            DATA.test(),
            Normalisation.NONE,
            DATA.flips(),
            DATA.licence(),
            DATA.source(),
            DATA.hash());
    var trainer = new Trainer(CATALOGUE);

    assertGivenBack(
        () ->
            assertThatIllegalArgumentException()
                .isThrownBy(
                    () ->
                        trainer.train(
                            NETWORK,
                            unfit,
                            SmallTrainings.RECIPE,
                            1,
                            _ -> {},
                            () -> false,
                            Optional.empty()))
                .withMessageStartingWith("Batches need a normalisation of 1 channels"));
  }

  /** Over many failures, less than half of what they took together. */
  private static void assertGivenBack(Runnable failure) throws IOException {
    failure.run();
    long before = kilobytes();
    for (int i = 0; i < TIMES; i++) {
      failure.run();
    }
    assertThat(kilobytes() - before).isLessThan(TIMES * 17_000L);
  }

  /** Of address space: the heap's is all taken from the start, so what grows is native. */
  private static long kilobytes() throws IOException {
    return Files.readAllLines(STATUS).stream()
        .filter(line -> line.startsWith("VmSize:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
        .sum();
  }

  private static Architecture wide() {
    Layer layer =
        new Layer(
            Choice.of("metaformer_block"),
            Choice.of("layer_norm"),
            Optional.of(Choice.of("pool_mixer")),
            Optional.of(Choice.of("mlp")),
            0);
    return new Architecture(
        DATA.task(),
        Choice.of("patch_embed"),
        Choice.of("no_position"),
        List.of(new Stage(1024, Optional.empty(), List.of(layer))),
        Choice.of("layer_norm"),
        Choice.of("mean_pool"));
  }
}
