package blockfront.search.train;

import static org.assertj.core.api.Assertions.assertThat;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.network.Stage;
import blockfront.blocks.spi.Choice;
import blockfront.search.data.DataSet;
import blockfront.search.data.DataSets;
import blockfront.search.trial.Epoch;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Recipe;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {

  private static final DataSet DIGITS = DataSets.load("digits");
  private static final Trainer TRAINER = new Trainer(Catalogue.load());
  private static final Recipe LONG = new Recipe(20, 32, 5e-3, 0.05, 1, 0.1, 1, 0, 0, false);
  private static final Recipe SHORT = new Recipe(2, 64, 3e-3, 0.05, 1, 0.1, 1, 0.1, 1, false);

  @Test
  void aSmallNetworkLearnsTheDigits() {
    List<Epoch> epochs = new ArrayList<>();
    Outcome outcome = train(network("dwconv", 32), LONG, epochs);
    var trained = (Outcome.Trained) outcome;
    assertThat(trained.measurement().validationScore()).isGreaterThan(0.9);
    assertThat(trained.measurement().testScore()).isGreaterThan(0.85);
    assertThat(epochs).hasSize(20);
    assertThat(epochs.getLast().trainLoss()).isLessThan(epochs.getFirst().trainLoss());
    assertThat(trained.measurement().confusion().stream().flatMap(List::stream))
        .satisfies(
            counts ->
                assertThat(counts.stream().mapToInt(Integer::intValue).sum())
                    .isEqualTo(DIGITS.validation().size()));
  }

  @Test
  void theSameSeedGivesTheSameBitsAloneAndInParallel() throws Exception {
    Architecture network = network("softmax_mha", 24);
    Outcome alone = withoutTime(train(network, SHORT, new ArrayList<>()));
    try (var threads = Executors.newFixedThreadPool(2)) {
      Callable<Outcome> training = () -> train(network, SHORT, new ArrayList<>());
      for (var parallel : threads.invokeAll(Collections.nCopies(2, training))) {
        assertThat(withoutTime(parallel.get())).isEqualTo(alone);
      }
    }
  }

  @Test
  void aTrainingThatWasPausedGivesTheBitsOfOneThatWasNot(@TempDir Path folder) {
    Recipe recipe = new Recipe(4, 64, 3e-3, 0.05, 1, 0.1, 1, 0.1, 1, false);
    Architecture network = network("softmax_mha", 24);
    Path whole = folder.resolve("whole.safetensors");
    Path parts = folder.resolve("parts.safetensors");
    Path checkpoint = folder.resolve("checkpoint");
    List<Epoch> epochs = new ArrayList<>();
    Outcome uninterrupted =
        TRAINER.train(network, DIGITS, recipe, 5, epochs::add, () -> false, Optional.of(whole));

    List<Epoch> resumed = new ArrayList<>();
    Outcome last = uninterrupted;
    for (int until : List.of(1, 3, 4)) {
      last =
          TRAINER.train(
              network,
              DIGITS,
              recipe,
              5,
              until,
              Optional.of(checkpoint),
              Optional.empty(),
              resumed::add,
              () -> false,
              Optional.of(parts));
      if (until < 4) {
        assertThat(last)
            .isInstanceOfSatisfying(
                Outcome.StoppedEarly.class,
                stopped -> {
                  assertThat(stopped.reason())
                      .isEqualTo("Paused after %d of 4 epochs".formatted(until));
                  assertThat(stopped.measurement().epochs()).isEqualTo(until);
                  assertThat(stopped.measurement().validationScore())
                      .isEqualTo(epochs.get(until - 1).validationScore());
                });
      }
    }
    assertThat(withoutTime(last)).isEqualTo(withoutTime(uninterrupted));
    assertThat(parts).hasSameBinaryContentAs(whole);
    assertThat(resumed.stream().map(TrainerTest::withoutTime))
        .containsExactlyElementsOf(epochs.stream().map(TrainerTest::withoutTime).toList());
  }

  private static Epoch withoutTime(Epoch epoch) {
    return new Epoch(
        epoch.number(),
        epoch.trainLoss(),
        epoch.validationLoss(),
        epoch.validationScore(),
        epoch.learningRate(),
        0);
  }

  @Test
  void latencyIsMeasured() {
    var trained = (Outcome.Trained) train(network("pool_mixer", 24), SHORT, new ArrayList<>());
    assertThat(trained.measurement().stateBytes()).isPresent();
    assertThat(trained.measurement().latencyMillis())
        .hasValueSatisfying(millis -> assertThat(millis).isBetween(1e-4, 1e4));
  }

  @Test
  void aPatientTrainingEndsAfterItsBestEpochAndKeepsThoseWeights(@TempDir Path folder) {
    Path weights = folder.resolve("weights.safetensors");
    Architecture network = network("dwconv", 16);
    Recipe hasty = new Recipe(60, 32, 2e-2, 0.05, 1, 0.1, 1, 0, 0, false).withPatience(3);
    var epochs = new ArrayList<Epoch>();
    Outcome outcome =
        TRAINER.train(
            network, SmallTrainings.FEW, hasty, 1, epochs::add, () -> false, Optional.of(weights));
    var measurement = ((Outcome.Trained) outcome).measurement();
    double best = epochs.stream().mapToDouble(Epoch::validationScore).max().orElseThrow();
    assertThat(epochs.size()).isLessThan(60);
    assertThat(measurement.epochs()).isEqualTo(epochs.size());
    assertThat(measurement.validationScore()).isEqualTo(best);
    assertThat(epochs.subList(epochs.size() - 3, epochs.size()))
        .allSatisfy(epoch -> assertThat(epoch.validationScore()).isLessThanOrEqualTo(best));
    try (var trained = TrainedNetwork.load(network, Catalogue.load(), weights)) {
      DataSet data = SmallTrainings.FEW;
      assertThat(trained.score(data.validation(), data.normalisation()).accuracy()).isEqualTo(best);
      assertThat(trained.score(data.test(), data.normalisation()).accuracy())
          .isEqualTo(measurement.testScore());
    }
  }

  @Test
  void divergenceIsAnOutcome() {
    Recipe wild = new Recipe(9, 64, 10, 9, 0, 0, 0, 0, 0, false);
    Outcome outcome = train(network("softmax_mha", 24), wild, new ArrayList<>());
    assertThat(outcome).isInstanceOf(Outcome.Failed.class);
    assertThat(((Outcome.Failed) outcome).reason()).isEqualTo(Outcome.Reason.DIVERGED);
    assertThat(((Outcome.Failed) outcome).detail())
        .matches("Loss is \\S+ in epoch \\d+, step \\d+ \\(learning rate 10.0\\)");
  }

  @Test
  void aCancelEndsTheTrainingAtTheNextStep() {
    var asked = new AtomicInteger();
    Outcome outcome =
        TRAINER.train(
            network("pool_mixer", 24),
            DIGITS,
            SHORT,
            1,
            epoch -> {},
            () -> asked.incrementAndGet() == 5,
            Optional.empty());
    assertThat(outcome).isEqualTo(new Outcome.Cancelled());
    assertThat(asked).hasValue(5);
  }

  @Test
  void aNetworkForOtherDataIsRefused() {
    Architecture other =
        network("pool_mixer", 24).forInput(blockfront.blocks.graph.Shape.of(28, 28, 1), 10);
    assertThat(train(other, SHORT, new ArrayList<>()))
        .isEqualTo(
            new Outcome.Failed(
                Outcome.Reason.REFUSED,
                "Network for images 28x28x1, 10 classes cannot be trained on 'digits', which has"
                    + " images 8x8x1, 10 classes"));
  }

  @Test
  void sizesBeyondAllNumbersAreAnOutcome() {
    // its hidden layer alone has 60,000 x 240,000 weights
    assertThat(train(network("pool_mixer", 60_000), SHORT, new ArrayList<>()))
        .isEqualTo(
            new Outcome.Failed(
                Outcome.Reason.OUT_OF_MEMORY,
                "Not enough memory for a batch of 64: integer overflow"));
  }

  @Test
  void savedWeightsScoreWhatTheTrainingSaid(@TempDir Path folder) {
    Architecture architecture = network("dwconv", 24);
    Path file = folder.resolve("deeper").resolve("weights.safetensors");
    Outcome outcome =
        TRAINER.train(architecture, DIGITS, SHORT, 7, epoch -> {}, () -> false, Optional.of(file));
    var trained = (Outcome.Trained) outcome;
    try (TrainedNetwork network = TrainedNetwork.load(architecture, Catalogue.load(), file)) {
      assertThat(network.score(DIGITS.validation(), DIGITS.normalisation()).accuracy())
          .isEqualTo(trained.measurement().validationScore());
      assertThat(network.score(DIGITS.test(), DIGITS.normalisation()).accuracy())
          .isEqualTo(trained.measurement().testScore());
    }
  }

  private static Outcome train(Architecture architecture, Recipe recipe, List<Epoch> epochs) {
    return TRAINER.train(
        architecture, DIGITS, recipe, 1, epochs::add, () -> false, Optional.empty());
  }

  private static Outcome withoutTime(Outcome outcome) {
    var m = ((Outcome.Trained) outcome).measurement();
    return new Outcome.Trained(
        new blockfront.search.trial.Measurement(
            m.metric(),
            m.validationScore(),
            m.validationLoss(),
            m.testScore(),
            m.epochs(),
            0,
            m.confusion()));
  }

  private static Architecture network(String mixer, int width) {
    Layer layer =
        new Layer(
            Choice.of("metaformer_block"),
            Choice.of("layer_norm"),
            Optional.of(Choice.of(mixer)),
            Optional.of(Choice.of("mlp")),
            0);
    return new Architecture(
        DIGITS.shape(),
        10,
        new Choice(
            "patch_embed",
            new blockfront.blocks.spi.Setting(
                new java.util.TreeMap<>(java.util.Map.of("patch", 2)))),
        Choice.of("learned_position"),
        List.of(new Stage(width, Optional.empty(), Arrays.asList(layer, layer))),
        Choice.of("layer_norm"),
        Choice.of("mean_pool"));
  }
}
