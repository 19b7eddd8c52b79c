package blockfront.search.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.network.Stage;
import blockfront.blocks.spi.Choice;
import blockfront.search.data.DataSet;
import blockfront.search.data.DataSets;
import blockfront.search.export.onnx.OnnxExport;
import blockfront.search.export.onnx.OnnxModel;
import blockfront.search.train.TrainedNetwork;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Parent;
import blockfront.search.trial.Recipe;
import blockfront.search.trial.TrialId;
import blockfront.search.trial.TrialSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkerMainTest {

  private static final Recipe RECIPE = new Recipe(2, 64, 3e-3, 0.05, 0, 0.1, 1, 0, 0, false);

  @TempDir Path folder;

  @Test
  void int8DropIsMeasuredOnTheValidationPartWhenAskedFor() throws Exception {
    TrialSpec spec = spec(2, true);
    Measurement measured = trained(new WorkerMain("a machine"), spec);

    DataSet digits = DataSets.load("digits");
    try (var network =
        TrainedNetwork.load(spec.architecture(), Catalogue.load(), spec.weights().orElseThrow())) {
      byte[] float32 = OnnxExport.model(network, digits, new LinkedHashMap<>());
      Path file = folder.resolve("int8.onnx");
      Files.write(file, OnnxExport.int8(float32, network, digits));
      try (OnnxModel int8 = OnnxModel.open(file)) {
        double score = int8.score(digits.validation()).by(digits.metric());
        assertThat(measured.int8Drop().orElseThrow())
            .isEqualTo((1 - score) - measured.validationError());
        assertThat(measured.int8Drop().orElseThrow()).isBetween(-0.1, 0.1);
      }
    }
  }

  @Test
  void int8DropIsMeasuredAtARungToo() {
    Outcome paused = new WorkerMain("a machine").train(spec(1, true), _ -> {}, () -> false);

    assertThat(paused).isInstanceOf(Outcome.StoppedEarly.class);
    assertThat(paused.measured().orElseThrow().int8Drop()).isPresent();
  }

  @Test
  void nothingIsQuantisedUnasked() {
    assertThat(trained(new WorkerMain("a machine"), spec(2, false)).int8Drop()).isEmpty();
  }

  @Test
  void anInt8DropThatCannotBeMeasuredFailsTheTrialAndSaysWhatItWasTrainedTo() {
    var worker =
        new WorkerMain(
            "a machine",
            (_, _) -> {
              throw new IllegalStateException("ONNX Runtime answers otherwise than the trainer");
            });
    Outcome outcome = worker.train(spec(2, true), _ -> {}, () -> false);

    assertThat(outcome).isInstanceOf(Outcome.Failed.class);
    assertThat(((Outcome.Failed) outcome).detail())
        .matches(
            "Trained to .*%.*, but its INT8 drop cannot be measured:"
                + " ONNX Runtime answers otherwise than the trainer");
  }

  @Test
  void anInt8DropThatNeedsTooMuchMemoryFailsTheTrialAndSaysWhatItWasTrainedTo() {
    var worker =
        new WorkerMain(
            "a machine",
            (_, _) -> {
              throw new OutOfMemoryError("Java heap space");
            });
    Outcome outcome = worker.train(spec(2, true), _ -> {}, () -> false);

    assertThat(((Outcome.Failed) outcome).detail())
        .matches("Trained to .*%.*, but its INT8 drop cannot be measured: Java heap space");
  }

  @Test
  void int8DropNeedsAFileForTheWeights() {
    TrialSpec spec = spec(2, false);
    assertThatThrownBy(
            () ->
                new TrialSpec(
                    spec.id(),
                    1,
                    spec.architecture(),
                    "digits",
                    Optional.empty(),
                    RECIPE,
                    1,
                    2,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    true))
        .hasMessage("Trial 1/1 cannot measure its INT8 drop without a file for its weights");
  }

  @Test
  void theParentIsInTheProvenance() {
    TrialSpec scratch = spec(2, false);
    var worker = new WorkerMain("a machine");
    trained(worker, scratch);
    Path parent = scratch.weights().orElseThrow();
    TrialSpec child =
        new TrialSpec(
            new TrialId(1, 2),
            1,
            scratch.architecture(),
            "digits",
            Optional.empty(),
            RECIPE,
            7,
            2,
            Optional.empty(),
            Optional.of(folder.resolve("child.safetensors")),
            Optional.of(new Parent(1, parent)),
            false);

    assertThat(worker.provenance(scratch, "process 1").parent()).isEmpty();
    assertThat(worker.provenance(child, "process 1").parent()).contains(1);
    assertThat(trained(worker, child).validationScore())
        .isGreaterThan(trained(worker, scratch).validationScore());
  }

  @Test
  void aParentWhoseWeightsAreGoneFailsTheTrialInOneLine() throws Exception {
    Path gone = folder.resolve("gone.safetensors");
    assertThat(Files.exists(gone)).isFalse();
    TrialSpec scratch = spec(2, false);
    Outcome outcome =
        new WorkerMain("a machine")
            .train(
                new TrialSpec(
                    scratch.id(),
                    1,
                    scratch.architecture(),
                    "digits",
                    Optional.empty(),
                    RECIPE,
                    7,
                    2,
                    Optional.empty(),
                    scratch.weights(),
                    Optional.of(new Parent(1, gone)),
                    false),
                _ -> {},
                () -> false);

    assertThat(((Outcome.Failed) outcome).detail())
        .contains("There are no weights at '%s'".formatted(gone));
  }

  @Test
  void dataThatHasChangedIsReadAgain() throws Exception {
    String before = dataOf("a,1 2\nb,3 4\n");
    var worker = new WorkerMain("a machine");
    TrialSpec first = onSequences(Optional.of(before));
    worker.train(first, _ -> {}, () -> false);
    assertThat(worker.provenance(first, "process 1").dataHash()).isEqualTo(before);

    String after = dataOf("a,1 2\nb,3 5\n");
    assertThat(after).isNotEqualTo(before);
    TrialSpec second = onSequences(Optional.of(after));
    worker.train(second, _ -> {}, () -> false);
    assertThat(worker.provenance(second, "process 1").dataHash()).isEqualTo(after);
  }

  @Test
  void dataThatIsNotWhatItsStudyBeganWithFailsTheTrial() throws Exception {
    String before = dataOf("a,1 2\nb,3 4\n");
    String after = dataOf("a,1 2\nb,3 5\n");
    TrialSpec spec = onSequences(Optional.of(before));

    assertThat(new WorkerMain("a machine").train(spec, _ -> {}, () -> false))
        .isEqualTo(
            new Outcome.Failed(
                Outcome.Reason.ERROR,
                ("%s: wanted the data that the study began with (SHA-256 %s), got other data"
                        + " (%s)")
                    .formatted(spec.data(), before, after)));
  }

  /** Writes the lines, each ten times, as the data; its hash. */
  private String dataOf(String lines) throws Exception {
    Files.writeString(folder.resolve("data.csv"), "label,tokens\n" + lines.repeat(10));
    return DataSets.load(onSequences(Optional.empty()).data()).hash();
  }

  private TrialSpec onSequences(Optional<String> hash) {
    TrialSpec spec = spec(2, false);
    return new TrialSpec(
            spec.id(),
            1,
            spec.architecture(),
            "sequences:" + folder.resolve("data.csv"),
            RECIPE,
            7,
            Optional.empty())
        .on(hash);
  }

  private static Measurement trained(WorkerMain worker, TrialSpec spec) {
    Outcome outcome = worker.train(spec, _ -> {}, () -> false);
    assertThat(outcome).isInstanceOf(Outcome.Trained.class);
    return outcome.measured().orElseThrow();
  }

  private TrialSpec spec(int until, boolean measuresInt8) {
    Layer layer =
        new Layer(
            Choice.of("metaformer_block"),
            Choice.of("layer_norm"),
            Optional.of(Choice.of("dwconv")),
            Optional.of(Choice.of("mlp")),
            0);
    Architecture network =
        new Architecture(
            Shape.of(8, 8, 1),
            10,
            Choice.of("patch_embed"),
            Choice.of("learned_position"),
            List.of(new Stage(16, Optional.empty(), List.of(layer))),
            Choice.of("layer_norm"),
            Choice.of("mean_pool"));
    return new TrialSpec(
        new TrialId(1, 1),
        1,
        network,
        "digits",
        Optional.empty(),
        RECIPE,
        7,
        until,
        Optional.of(folder.resolve("checkpoint")).filter(_ -> until < 2),
        Optional.of(folder.resolve("weights.safetensors")),
        Optional.empty(),
        measuresInt8);
  }
}
