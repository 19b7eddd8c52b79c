package blockfront.search.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Parameters;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.network.Network;
import blockfront.blocks.network.Stage;
import blockfront.blocks.network.Task;
import blockfront.blocks.spi.Choice;
import blockfront.search.data.DataSet;
import blockfront.search.data.DataSets;
import blockfront.search.data.SharedData;
import blockfront.search.trial.Epoch;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Metric;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tasks of sequences, each judged by its own metric. */
class SequenceTrainingTest {

  private static final Catalogue CATALOGUE = Catalogue.load();
  private static final DataSet RECALL =
      DataSets.load("mqar:vocabulary=16,length=8,pairs=1,train=2000,test=800");
  private static final Recipe RECIPE = new Recipe(3, 32, 5e-3, 0, 1, 0, 1, 0, 0, false);

  @TempDir private Path folder;

  @Test
  void attentionRecallsAValue() {
    Measurement measured = train(network(RECALL, "gated_sdpa", 2), RECALL, RECIPE);

    assertThat(measured.metric()).isEqualTo(Metric.ACCURACY);
    assertThat(measured.testScore()).isGreaterThan(0.95);
    assertThat(measured.confusion()).isEmpty();
  }

  @Test
  void theDeltaRuleRecallsSeveralValues() {
    DataSet several = DataSets.load("mqar:vocabulary=32,length=16,pairs=3,train=2000,test=400");
    Measurement measured =
        train(
            network(several, "deltanet", 1),
            several,
            new Recipe(3, 32, 1e-2, 0, 0, 0, 1, 0, 0, false));

    assertThat(measured.testScore()).isGreaterThan(0.95);
  }

  @Test
  void whatMixesNoTokensStaysAtChance() {
    Measurement measured = train(network(RECALL, "activator_mixer", 2), RECALL, RECIPE);

    // one of 8 values; 800 queries leave a standard error of about a hundredth
    assertThat(measured.testScore()).isEqualTo(1.0 / 8, within(0.04));
    assertThat(measured.validationLoss()).isGreaterThan(Math.log(8) - 0.05);
  }

  /** The layers see a token and the four before it, the pairs are farther away. */
  @Test
  void aMemoryThatMixesNearbyTokensOnlyStaysAtChanceOverAGap() {
    DataSet far = DataSets.load("mqar:vocabulary=16,length=12,pairs=1,gap=6,train=2000,test=800");
    Measurement measured =
        train(recalling(far, Optional.empty(), Optional.of("gam_mixer")), far, RECIPE);

    assertThat(measured.testScore()).isEqualTo(1.0 / 8, within(0.04));
  }

  /** As in "Zoology": an MLP would learn the examples by heart. */
  @Test
  void attentionWithoutMlpsRecallsOverAGap() {
    DataSet far = DataSets.load("mqar:vocabulary=16,length=12,pairs=1,gap=6,train=2000,test=400");
    Measurement measured =
        train(
            recalling(far, Optional.of("softmax_mha"), Optional.empty()),
            far,
            new Recipe(6, 16, 3e-3, 0.1, 1, 0, 1, 0, 0, false));

    assertThat(measured.testScore()).isGreaterThan(0.95);
  }

  @Test
  void aLanguageModelLearnsWhatFollowsWhat() throws IOException {
    Path file = Files.writeString(folder.resolve("abc.txt"), "abcd".repeat(1000));
    DataSet text = DataSets.load("text:length=8," + file);
    var epochs = new ArrayList<Epoch>();
    Architecture network = network(text, "identity_mixer", 1);

    Outcome outcome =
        new Trainer(CATALOGUE)
            .train(
                network,
                text,
                new Recipe(8, 32, 2e-2, 0, 0, 0, 1, 0, 0, false),
                1,
                epochs::add,
                () -> false,
                Optional.empty());

    Measurement measured = ((Outcome.Trained) outcome).measurement();
    assertThat(measured.metric()).isEqualTo(Metric.BITS_PER_BYTE);
    assertThat(measured.validationScore())
        .isEqualTo(measured.validationLoss() / Math.log(2))
        .isLessThan(0.05);
    assertThat(epochs.getFirst().validationScore()).isGreaterThan(measured.validationScore());
  }

  @Test
  void tinyShakespeareIsToldBetterThanByTheFrequenciesOfItsBytes() throws IOException {
    Path file = SharedData.folder("text").resolve("tinyshakespeare.txt");
    Path part = folder.resolve("part.txt");
    Files.write(part, Arrays.copyOf(Files.readAllBytes(file), 100_000));
    DataSet text = DataSets.load("text:length=32," + part);

    Measurement measured =
        train(
            network(text, "gated_sdpa", 1), text, new Recipe(2, 32, 5e-3, 0, 0, 0, 1, 0, 0, false));

    assertThat(measured.testScore()).isLessThan(entropy(Files.readAllBytes(part)) - 0.5);
  }

  /** Of single bytes, in bits. */
  private static double entropy(byte[] bytes) {
    var counts = new int[256];
    for (byte each : bytes) {
      counts[each & 0xFF]++;
    }
    return Arrays.stream(counts)
        .filter(count -> count > 0)
        .mapToDouble(count -> (double) count / bytes.length)
        .map(share -> -share * Math.log(share) / Math.log(2))
        .sum();
  }

  @Test
  void classesOfSequencesAreToldWithAConfusion() {
    DataSet pixels = DataSets.load("pixels:digits");
    Measurement measured = train(network(pixels, "softmax_mha", 1), pixels, RECIPE.withEpochs(6));

    assertThat(measured.metric()).isEqualTo(Metric.ACCURACY);
    assertThat(measured.validationScore()).isGreaterThan(0.3);
    assertThat(measured.confusion()).hasSize(10);
  }

  /** {@code sum over i of (x_i x_q) y_i eta / n}: a step of gradient descent from 0. */
  @ParameterizedTest
  @CsvSource({"5, 20, 0", "3, 8, 0.5"})
  void oneLayerOfLinearAttentionHasTheRiskOfItsClosedForm(int d, int n, double sigma) {
    DataSet data =
        DataSets.load(
            "icl_regression:dimensions=%d,examples=%d,sigma=%s,train=1,test=40000"
                .formatted(d, n, sigma));
    Tensor prompt = Tensor.input(Network.VECTORS, data.task().input());
    Tensor attended = Scope.in("attention", () -> linearAttention(prompt, d + 1));
    Tensor answer = attended.slice(0, n, n + 1).slice(1, d, d + 1).reshape(1);
    double noise = sigma * sigma;
    double rate = n / (n + d + 1 + noise);
    var parameters = Parameters.of(List.of(answer));
    var values =
        Map.of(
            "attention.query.weight", diagonal(d + 1, 0, d, 1),
            "attention.key.weight", diagonal(d + 1, 0, d, 1),
            "attention.value.weight", diagonal(d + 1, d, d + 1, rate / n));

    try (var weights = Weights.of(parameters, values);
        var evaluator =
            new Evaluator(new Network(prompt, answer, List.of(), Optional.empty()), weights, 500)) {
      double risk = evaluator.score(data.test(), data.normalisation()).by(data.metric());

      // Mahankali, Hashimoto and Ma, 2023
      double closed = d * (d + 1 + noise) / (n + d + 1 + noise);
      assertThat(risk).isEqualTo(closed, within(0.05 * closed));
      assertThat(DataSets.baselines(data.name()).getFirst().score())
          .isEqualTo(closed, within(1e-12));
    }
  }

  @Test
  void regressionInContextLearns() {
    DataSet data = DataSets.load("icl_regression:dimensions=1,examples=8,train=3000,test=500");
    Measurement measured =
        train(
            network(data, "softmax_mha", 2),
            data,
            new Recipe(6, 64, 5e-3, 0, 1, 0, 1, 0, 0, false));

    assertThat(measured.metric()).isEqualTo(Metric.MEAN_SQUARED_ERROR);
    assertThat(measured.validationScore()).isEqualTo(measured.validationLoss());
    // w x has variance 1
    assertThat(measured.testScore()).isLessThan(0.7);
  }

  @Test
  void aNetworkForOtherSequencesIsRefused() {
    Outcome outcome =
        new Trainer(CATALOGUE)
            .train(
                network(RECALL, "gated_sdpa", 1),
                DataSets.load("digits"),
                RECIPE,
                1,
                _ -> {},
                () -> false,
                Optional.empty());

    assertThat(outcome)
        .isEqualTo(
            new Outcome.Failed(
                Outcome.Reason.REFUSED,
                "Network for 8 tokens of 16, a token at each place cannot be trained on 'digits',"
                    + " which has images 8x8x1, 10 classes"));
  }

  private static Tensor linearAttention(Tensor x, int width) {
    Tensor query = Scope.in("query", () -> x.linear(width, Init.ZEROS));
    Tensor key = Scope.in("key", () -> x.linear(width, Init.ZEROS));
    Tensor value = Scope.in("value", () -> x.linear(width, Init.ZEROS));
    return query.matmulTransposed(key).matmul(value);
  }

  /** A square matrix that is a number on part of its diagonal. */
  private static float[] diagonal(int size, int from, int to, double number) {
    var matrix = new float[size * size];
    for (int i = from; i < to; i++) {
      matrix[i * size + i] = (float) number;
    }
    return matrix;
  }

  private static Measurement train(Architecture network, DataSet data, Recipe recipe) {
    Outcome outcome =
        new Trainer(CATALOGUE)
            .train(network, data, recipe, 1, _ -> {}, () -> false, Optional.empty());
    assertThat(outcome).isInstanceOf(Outcome.Trained.class);
    return ((Outcome.Trained) outcome).measurement();
  }

  /** Two layers of a token mixer, or of a channel mixer alone. */
  private static Architecture recalling(
      DataSet data, Optional<String> mixer, Optional<String> channel) {
    Layer layer =
        new Layer(
            Choice.of("metaformer_block"),
            Choice.of("layer_norm"),
            mixer.map(Choice::of),
            channel.map(Choice::of),
            0);
    return new Architecture(
        data.task(),
        Choice.of("token_embedding"),
        Choice.of("rotary_position"),
        List.of(new Stage(32, Optional.empty(), List.of(layer, layer))),
        Choice.of("layer_norm"),
        Choice.of("each_token"));
  }

  private static Architecture network(DataSet data, String mixer, int depth) {
    var layers = new Layer[depth];
    Arrays.fill(
        layers,
        new Layer(
            Choice.of("metaformer_block"),
            Choice.of("layer_norm"),
            Optional.of(Choice.of(mixer)),
            Optional.of(Choice.of("mlp")),
            0));
    boolean tokens = data.task() instanceof Task.TokenPrediction;
    boolean number = data.task() instanceof Task.InContextRegression;
    return new Architecture(
        data.task(),
        Choice.of(tokens ? "token_embedding" : "vector_embedding"),
        Choice.of("learned_position"),
        List.of(new Stage(32, Optional.empty(), Arrays.asList(layers))),
        Choice.of("layer_norm"),
        tokens ? Choice.of("each_token") : Choice.of(number ? "last_token" : "mean_pool"));
  }
}
