package blockfront.search.export;

import static org.assertj.core.api.Assertions.assertThat;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.cost.Cost;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.network.Sequence;
import blockfront.blocks.network.Stage;
import blockfront.blocks.network.Task;
import blockfront.blocks.spi.Choice;
import blockfront.search.data.DataSet;
import blockfront.search.data.DataSets;
import blockfront.search.space.SearchSpace;
import blockfront.search.study.Budget;
import blockfront.search.study.Limits;
import blockfront.search.study.ParetoFront;
import blockfront.search.study.StudyPlan;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Metric;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Recipe;
import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialId;
import blockfront.search.trial.TrialState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fronts and files of studies that are not judged by accuracy. */
class MetricFilesTest {

  @TempDir Path folder;

  @Test
  void fewerBitsAreBetter() {
    Trial cheap = trial(1, 1000, 4.0);
    Trial dearAndWorse = trial(2, 2000, 5.0);
    Trial dearAndBetter = trial(3, 3000, 2.0);

    var front = ParetoFront.of(List.of(dearAndWorse, dearAndBetter, cheap));

    assertThat(front.points()).containsExactly(cheap, dearAndBetter);
    assertThat(front.best()).contains(dearAndBetter);
    // errors of 4/8 from 10^3 and of 2/8 from 3 10^3 to 10^12 multiply-adds
    double half = 0.5 * Math.log10(3) / 9;
    assertThat(front.hypervolume())
        .isCloseTo(
            half + 0.75 * (1 - Math.log10(3) / 9), org.assertj.core.api.Assertions.within(1e-12));
  }

  @Test
  void columnsOfScoresAreNamedByTheMetric() throws IOException {
    StudyFiles.write(folder, plan("text:some.txt"), List.of(trial(1, 1000, 4.0)));

    assertThat(Files.readAllLines(folder.resolve("front.csv")).getFirst())
        .startsWith(
            "trial,architectureId,mixers,validationBitsPerByte,validationLoss,testBitsPerByte,");
    assertThat(Files.readString(folder.resolve("front.json")))
        .contains("\"validationBitsPerByte\" : 4.0", "\"testBitsPerByte\" : 4.5");
    assertThat(StudyFiles.read(folder, Catalogue.load()).getFirst().measurement())
        .map(Measurement::validationScore)
        .contains(4.0);
  }

  @Test
  void columnsAreThoseOfThePlanBeforeAnythingIsMeasured() throws IOException {
    StudyFiles.write(folder, plan("icl_regression"), List.of());

    assertThat(Files.readString(folder.resolve("front.csv")))
        .contains("validationMeanSquaredError");
  }

  @Test
  void onlyWhatWasTrainedToTheEndIsImported() throws IOException {
    var stopped = new Outcome.StoppedEarly(measurement(3.0), "Stopped after 1 of 9 epochs");
    StudyFiles.write(
        folder,
        plan("text:some.txt"),
        List.of(
            trial(1, 1000, 4.0),
            trial(2, 2000, new TrialState.Finished(1, stopped, Instant.EPOCH)),
            trial(3, 3000, new TrialState.Paused(1, measurement(2.0), Instant.EPOCH)),
            trial(4, 4000, new TrialState.Queued(1))));

    DataSet text =
        DataSets.load("text:" + Files.writeString(folder.resolve("some.txt"), "a".repeat(2000)));
    assertThat(StudyFiles.imported(folder.resolve("trials.csv"), text, Catalogue.load()))
        .extracting(each -> each.measurement().validationScore())
        .containsExactly(4.0);
  }

  private static Measurement measurement(double bits) {
    return new Measurement(
        Metric.BITS_PER_BYTE, bits, bits * Math.log(2), bits + 0.5, 1, 1, List.of());
  }

  private static Trial trial(int number, long multiplyAdds, double bits) {
    var trained = new Outcome.Trained(measurement(bits));
    return trial(number, multiplyAdds, new TrialState.Finished(1, trained, Instant.EPOCH));
  }

  private static Trial trial(int number, long multiplyAdds, TrialState state) {
    return new Trial(
        new TrialId(1, number),
        "id" + number,
        network(),
        new Cost(multiplyAdds, 10, 0, 0, 0, 0),
        number,
        List.of(),
        Instant.EPOCH,
        state,
        List.of(),
        Optional.empty(),
        Optional.empty());
  }

  private static Architecture network() {
    Layer layer =
        new Layer(
            Choice.of("metaformer_block"),
            Choice.of("layer_norm"),
            Optional.of(Choice.of("softmax_mha")),
            Optional.of(Choice.of("mlp")),
            0);
    return new Architecture(
        new Task.TokenPrediction(new Sequence.Tokens(8, 256)),
        Choice.of("token_embedding"),
        Choice.of("learned_position"),
        List.of(new Stage(16, Optional.empty(), List.of(layer))),
        Choice.of("layer_norm"),
        Choice.of("each_token"));
  }

  private static StudyPlan plan(String data) {
    return new StudyPlan(
        "A study",
        data,
        new SearchSpace(
            List.of("isotropic"),
            List.of("softmax_mha"),
            List.of("mlp"),
            List.of("layer_norm"),
            List.of("learned_position"),
            List.of(1),
            List.of(16),
            1,
            1),
        Recipe.STANDARD,
        Budget.ofTrials(1),
        Limits.NONE,
        "random",
        1);
  }
}
