package blockfront.search.train;

import static org.assertj.core.api.Assertions.assertThat;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Parameters;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Start;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.network.Network;
import blockfront.blocks.network.Stage;
import blockfront.blocks.spi.Choice;
import blockfront.search.data.DataSet;
import blockfront.search.trial.Epoch;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Recipe;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InheritedWeightsTest {

  private static final Catalogue CATALOGUE = Catalogue.load();
  private static final DataSet DATA = SmallTrainings.FEW;

  /** Slow to learn, so that it shows who began with what. */
  private static final Recipe RECIPE =
      new Recipe(6, 32, 5e-3, 0.05, 0, 0.1, 1, 0, 0, false).withStart(Start.PUBLISHED);

  @TempDir Path folder;

  @Test
  void aChildTakesTheTensorsWhoseNameAndShapeAgreeAndKeepsTheOthers() {
    Path file = folder.resolve("parent.safetensors");
    SmallTrainings.train(network("dwconv", "softmax_mha"), CATALOGUE, DATA, RECIPE, file);
    SequencedMap<String, Safetensors.Named> parent = Safetensors.read(file);
    Parameters parameters = parameters(network("dwconv", "token_mlp"));
    SequencedMap<String, float[]> drawn;
    SequencedMap<String, float[]> inherited;
    try (Weights weights = Weights.initial(parameters, 9)) {
      drawn = weights.values();
      weights.take(parent);
      inherited = weights.values();
    }

    var taken = new ArrayList<String>();
    parameters
        .byName()
        .forEach(
            (name, tensor) -> {
              Optional<float[]> agreeing =
                  Optional.ofNullable(parent.get(name))
                      .filter(other -> other.shape().equals(tensor.shape()))
                      .map(Safetensors.Named::values);
              assertThat(inherited.getOrDefault(name, new float[0]))
                  .as(name)
                  .isEqualTo(agreeing.orElseGet(() -> drawn.getOrDefault(name, new float[0])));
              agreeing.ifPresent(_ -> taken.add(name));
            });
    // the stem, the first layer and the head, but not the second layer's mixer
    assertThat(taken.size()).isBetween(10, inherited.size() - 1);
  }

  @Test
  void aChildBeginsWhereItsParentEndedAndAlwaysTheSame() {
    Architecture network = network("dwconv", "pool_mixer");
    Path file = folder.resolve("parent.safetensors");
    double learnt = SmallTrainings.train(network, CATALOGUE, DATA, RECIPE, file).validationScore();

    List<Epoch> scratch = epochs(network, Optional.empty(), "scratch");
    List<Epoch> child = epochs(network, Optional.of(file), "child");

    assertThat(learnt).isGreaterThan(scratch.getFirst().validationScore() + 0.1);
    assertThat(child.getFirst().validationScore())
        .isGreaterThan(scratch.getFirst().validationScore() + 0.1);
    assertThat(epochs(network, Optional.of(file), "again").stream().map(Epoch::validationLoss))
        .containsExactlyElementsOf(child.stream().map(Epoch::validationLoss).toList());
    assertThat(folder.resolve("again")).hasSameBinaryContentAs(folder.resolve("child"));
  }

  @Test
  void aTrainingThatGoesOnFromItsCheckpointDoesNotInheritAgain() {
    Architecture network = network("dwconv", "pool_mixer");
    Path parent = folder.resolve("parent.safetensors");
    SmallTrainings.train(network, CATALOGUE, DATA, RECIPE, parent);
    Optional<Path> checkpoint = Optional.of(folder.resolve("checkpoint"));

    for (int until : List.of(1, 2)) {
      train(network, until, checkpoint, Optional.of(parent), new ArrayList<>(), "parts");
    }
    train(network, 2, Optional.empty(), Optional.of(parent), new ArrayList<>(), "whole");

    assertThat(folder.resolve("parts")).hasSameBinaryContentAs(folder.resolve("whole"));
  }

  private List<Epoch> epochs(Architecture network, Optional<Path> parent, String file) {
    var epochs = new ArrayList<Epoch>();
    train(network, 2, Optional.empty(), parent, epochs, file);
    return epochs;
  }

  private void train(
      Architecture network,
      int until,
      Optional<Path> checkpoint,
      Optional<Path> parent,
      List<Epoch> epochs,
      String file) {
    Outcome outcome =
        new Trainer(CATALOGUE)
            .train(
                network,
                DATA,
                RECIPE,
                7,
                until,
                checkpoint,
                parent,
                epochs::add,
                () -> false,
                Optional.of(folder.resolve(file)));
    assertThat(outcome.measured()).isPresent();
  }

  private static Parameters parameters(Architecture network) {
    return Parameters.of(List.of(Network.of(network, CATALOGUE).logits()));
  }

  private static Architecture network(String... mixers) {
    List<Layer> layers =
        Stream.of(mixers)
            .map(
                mixer ->
                    new Layer(
                        Choice.of("metaformer_block"),
                        Choice.of("layer_norm"),
                        Optional.of(Choice.of(mixer)),
                        Optional.of(Choice.of("mlp")),
                        0))
            .toList();
    return new Architecture(
        Shape.of(8, 8, 1),
        10,
        Choice.of("patch_embed"),
        Choice.of("learned_position"),
        List.of(new Stage(16, Optional.empty(), layers)),
        Choice.of("layer_norm"),
        Choice.of("mean_pool"));
  }
}
