package blockfront.search.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.network.Architecture;
import blockfront.search.data.DataSet;
import blockfront.search.data.DataSets;
import blockfront.search.data.Examples;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Metric;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class SameDiffFileTest {

  private static final Catalogue CATALOGUE = Catalogue.load();
  private static final DataSet DIGITS = DataSets.load("digits");
  private static final Recipe RECIPE = new Recipe(3, 32, 3e-3, 0.05, 1, 0.1, 1, 0, 0, false);

  @TempDir private static Path folder;
  private static Measurement measured = new Measurement(Metric.ACCURACY, 0, 0, 0, 0, 0, List.of());

  @BeforeAll
  static void trainAndSave() {
    Architecture architecture =
        SmallNetworks.with(CATALOGUE.block("softmax_mha"), DIGITS.shape(), 10);
    Path weights = folder.resolve("weights.safetensors");
    Outcome outcome =
        new Trainer(CATALOGUE)
            .train(architecture, DIGITS, RECIPE, 1, _ -> {}, () -> false, Optional.of(weights));
    measured = ((Outcome.Trained) outcome).measurement();
    try (var network = TrainedNetwork.load(architecture, CATALOGUE, weights)) {
      network.saveSameDiff(file(), DIGITS.normalisation());
    }
  }

  @Test
  void plainDl4jScoresWhatTheTrainerSaid() {
    SameDiff graph = SameDiff.load(file().toFile(), false);
    assertThat(accuracy(graph, DIGITS.validation())).isEqualTo(measured.validationScore());
    assertThat(accuracy(graph, DIGITS.test())).isEqualTo(measured.testScore());
    assertThat(measured.testScore()).isGreaterThan(0.3);
  }

  @Test
  void anyNumberOfImagesIsAnswered() {
    SameDiffFile network = SameDiffFile.open(file());
    float[] one = network.answers(DIGITS.test().raw(4, 5)).getFirst();
    float[] amongSeven = network.answers(DIGITS.test().raw(0, 7)).get(4);
    assertThat(one).hasSize(10).usingComparatorWithPrecision(1e-4f).containsExactly(amongSeven);
  }

  @Test
  void damagedFilesAreRefusedInOneLine() throws IOException {
    byte[] whole = Files.readAllBytes(file());
    Path half = folder.resolve("half.fb");
    Files.write(half, Arrays.copyOf(whole, whole.length / 2));
    assertThatThrownBy(() -> SameDiffFile.open(half))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'%s' is no SameDiff file, or a damaged one", half);
    Path foreign = folder.resolve("foreign.fb");
    Files.writeString(foreign, "hello ".repeat(100));
    assertThatThrownBy(() -> SameDiffFile.open(foreign))
        .hasMessage("'%s' is no SameDiff file, or a damaged one", foreign);
    Path missing = folder.resolve("missing.fb");
    assertThatThrownBy(() -> SameDiffFile.open(missing))
        .hasMessage("There is no SameDiff file '%s'", missing);
  }

  @Test
  void filesOfSomethingElseAreRefused() {
    SameDiff graph = SameDiff.create();
    var _ = graph.var("weight", Nd4j.ones(3));
    Path other = folder.resolve("other.fb");
    graph.save(other.toFile(), false);
    assertThatThrownBy(() -> SameDiffFile.open(other))
        .hasMessage(
            "'%s' is a SameDiff file of something else: it has no 'image' or no 'logits'", other);
  }

  private static Path file() {
    return folder.resolve("network.fb");
  }

  private static double accuracy(SameDiff graph, Examples examples) {
    INDArray images =
        Nd4j.createFromArray(examples.raw(0, examples.size()))
            .reshape('c', examples.size(), 8, 8, 1);
    INDArray answers = graph.outputSingle(Map.of("image", images), "logits").argMax(1);
    int right = 0;
    for (int i = 0; i < examples.size(); i++) {
      right += answers.getInt(i) == examples.label(i) ? 1 : 0;
    }
    return (double) right / examples.size();
  }
}
