package blockfront.search.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.cost.Cost;
import blockfront.blocks.network.Architecture;
import blockfront.search.data.DataSet;
import blockfront.search.data.DataSets;
import blockfront.search.space.BlueprintText;
import blockfront.search.study.InspectionJson;
import blockfront.search.train.SmallNetworks;
import blockfront.search.train.SmallTrainings;
import blockfront.search.train.TrainedNetwork;
import blockfront.search.trial.Inspection;
import blockfront.search.trial.Inspection.Energy;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProbesTest {

  private static final Catalogue CATALOGUE = Catalogue.load();

  @Test
  void normalActivationsHaveAKurtosisOfThree() {
    var random = new SplittableRandom(3);
    var values = new float[200_000];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (5 + 2 * random.nextGaussian());
    }

    assertThat(ActivationProbe.layer("x", values).kurtosis()).isCloseTo(3, within(0.1));
  }

  @Test
  void massiveActivationsAreLargeAndFarAboveTheMedian() {
    var values = new float[101];
    values[7] = -5000;
    for (int i = 50; i < 101; i++) {
      values[i] = 0.5f;
    }

    Inspection.Layer layer = ActivationProbe.layer("x", values);

    assertThat(layer.greatest()).isEqualTo(5000);
    assertThat(layer.median()).isEqualTo(0.5);
    assertThat(layer.massive()).isTrue();
    assertThat(ActivationProbe.layer("x", new float[] {1, 2, 3}).massive()).isFalse();
  }

  @Test
  void evenAttentionHasNoSinkAndAllEntropy() {
    float[] even = new float[32];
    Arrays.fill(even, 0.25f);

    Inspection.Attention probe = AttentionProbe.of(even, 4);

    assertThat(probe.sinkMass()).isCloseTo(0.25, within(1e-6));
    assertThat(probe.evenMass()).isCloseTo(0.25, within(1e-6));
    assertThat(probe.entropy()).isCloseTo(1, within(1e-6));
    assertThat(probe.topMass()).isCloseTo(0.25, within(1e-6));
  }

  @Test
  void evenCausalAttentionGivesTheFirstTokenItsShare() {
    int tokens = 5;
    var weights = new float[tokens * tokens];
    double expected = 0;
    for (int query = 0; query < tokens; query++) {
      for (int key = 0; key <= query; key++) {
        weights[query * tokens + key] = 1f / (query + 1);
      }
      expected += query > 0 ? 1.0 / (query + 1) / (tokens - 1) : 0;
    }

    Inspection.Attention probe = AttentionProbe.of(weights, tokens);

    assertThat(probe.sinkMass()).isCloseTo(expected, within(1e-6));
    assertThat(probe.evenMass()).isCloseTo(expected, within(1e-6));
  }

  @Test
  void attentionToOneTokenIsASinkWithoutEntropy() {
    Inspection.Attention probe = AttentionProbe.of(new float[] {1, 0, 1, 0}, 2);

    assertThat(probe.sinkMass()).isEqualTo(1);
    assertThat(probe.entropy()).isZero();
    assertThat(probe.topMass()).isEqualTo(1);
  }

  @Test
  void spikesCostLessThanMultiplyAdds() {
    Cost cost = new Cost(1000, 0, 100, 0, 0, 0);

    assertThat(Energy.STANDARD.picojoules(Inspection.Activity.of(cost)))
        .isCloseTo(4.6 * 1100, within(1e-9));
    assertThat(Energy.STANDARD.picojoules(new Inspection.Activity(10, 800, 4000)))
        .isCloseTo(46 + 720, within(1e-9));
    assertThatThrownBy(() -> new Energy(-1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Energy needs costs of at least 0, got -1.0 and 0.0");
  }

  /** Of a network whose only neurons stand before its MLP, and its token mixer does no products. */
  @Test
  void spikesAreCountedAndCostLessThanNumbers(@TempDir Path folder) {
    DataSet digits = DataSets.load("digits");
    Architecture architecture =
        SmallNetworks.with(CATALOGUE.block("spiking_mlp"), digits.shape(), digits.classes().size());
    Path weights = folder.resolve("weights.safetensors");
    SmallTrainings.train(architecture, CATALOGUE, digits, SmallTrainings.RECIPE, weights);
    try (var network = TrainedNetwork.load(architecture, CATALOGUE, weights)) {
      Cost cost = Cost.of(network.network().logits());
      Inspection.Activity activity =
          EnergyProbe.activity(network, digits.test(), digits.normalisation(), 50);

      // the second layer of the MLP: 64 hidden channels to 16, for 9 tokens at 2 steps
      assertThat(activity.mostSpikeOperations()).isEqualTo(2 * 9 * 64 * 16);
      assertThat(activity.multiplyAdds())
          .isEqualTo((double) (cost.multiplyAdds() - activity.mostSpikeOperations()));
      assertThat(activity.rate()).isStrictlyBetween(0.0, 0.6);
      assertThat(Energy.STANDARD.picojoules(activity))
          .isLessThan(Energy.STANDARD.picojoules(Inspection.Activity.of(cost)))
          .isCloseTo(
              4.6 * activity.multiplyAdds() + 0.9 * activity.spikeOperations(), within(1e-6));
    }
  }

  @Test
  void theCurveOfMassiveActivationsIsFound() {
    var truth = new MassiveActivationFit(800, 0.07, 0.4, 1.5, 120, 1);
    double[] times = IntStream.range(0, 120).mapToDouble(i -> i * 1.0).toArray();
    double[] values = Arrays.stream(times).map(truth::at).toArray();

    MassiveActivationFit fit = MassiveActivationFit.of(times, values);

    assertThat(fit.fit()).isGreaterThan(0.9999);
    assertThat(fit.amplitude()).isCloseTo(800, within(8.0));
    assertThat(fit.decay()).isCloseTo(0.07, within(0.0007));
    assertThat(fit.timeScale()).isCloseTo(0.4, within(0.004));
    assertThat(fit.offset()).isCloseTo(1.5, within(0.015));
    assertThat(fit.asymptote()).isCloseTo(120, within(1.2));
    double peak = fit.peakTime();
    assertThat(truth.at(peak)).isGreaterThan(truth.at(peak - 1)).isGreaterThan(truth.at(peak + 1));
  }

  @Test
  void fewerPointsThanParametersAreRefused() {
    assertThatThrownBy(() -> MassiveActivationFit.of(new double[4], new double[4]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("A fit of 5 parameters needs as many points, got 4 times and 4 values");
  }

  @Test
  void trainedNetworksCanBeLookedInto(@TempDir Path folder) {
    DataSet data = DataSets.load("digits");
    Architecture architecture =
        BlueprintText.read(
                "isotropic|conv_stem|16|2|softmax_mha(head_dim=8)+mlp+layer_norm", CATALOGUE)
            .expand(data.shape(), data.classes().size());
    Path file = folder.resolve("weights.safetensors");
    SmallTrainings.train(architecture, CATALOGUE, data, SmallTrainings.RECIPE, file);
    try (TrainedNetwork network = TrainedNetwork.load(architecture, CATALOGUE, file)) {
      Inspection seen = Inspector.inspect(architecture, CATALOGUE, file, data, 8);
      Inspection.Attention attention = seen.attention().orElseThrow();
      RoundingProbe fine = RoundingProbe.of(network, data.validation(), data.normalisation(), 16);
      RoundingProbe coarse = RoundingProbe.of(network, data.validation(), data.normalisation(), 2);

      assertThat(seen.examples()).isEqualTo(8);
      assertThat(seen.layers())
          .extracting(Inspection.Layer::scope)
          .containsExactly("stages.0.blocks.0", "stages.0.blocks.1");
      assertThat(seen.greatest()).isPositive();
      assertThat(seen.meanKurtosis()).isGreaterThan(1);
      assertThat(seen.activity())
          .isEqualTo(Inspection.Activity.of(Cost.of(network.network().logits())));
      assertThat(InspectionJson.read(InspectionJson.write(seen))).isEqualTo(seen);
      assertThat(attention.entropy()).isBetween(0.0, 1.0);
      assertThat(attention.evenMass()).isCloseTo(1.0 / 16, within(1e-6));
      assertThat(fine.drop()).as("16 bits lose nothing").isCloseTo(0, within(0.005));
      assertThat(coarse.rounded()).as("2 bits do").isNotEqualTo(fine.rounded());
    }
  }

  @Test
  void whatCannotBeLookedIntoIsSaid() {
    DataSet data = DataSets.load("digits");
    Architecture architecture =
        SmallNetworks.with(CATALOGUE.block("mlp"), data.shape(), data.classes().size());
    Path nowhere = Path.of("none.safetensors");

    assertThatThrownBy(() -> Inspector.inspect(architecture, CATALOGUE, nowhere, data, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Probes need at least one example to look at, got 0");
    assertThatThrownBy(
            () -> Inspector.inspect(architecture, CATALOGUE, nowhere, DataSets.load("mqar"), 8))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Network for images 8x8x1, 10 classes cannot be looked into with");
  }

  @Test
  void networksWithoutAttentionHaveNoneToLookAt(@TempDir Path folder) {
    DataSet data = DataSets.load("digits");
    Architecture architecture =
        BlueprintText.read("isotropic|conv_stem|16|1|pool_mixer+mlp+layer_norm", CATALOGUE)
            .expand(data.shape(), data.classes().size());
    Path file = folder.resolve("weights.safetensors");
    SmallTrainings.train(architecture, CATALOGUE, data, SmallTrainings.RECIPE, file);
    try (TrainedNetwork network = TrainedNetwork.load(architecture, CATALOGUE, file)) {
      assertThat(AttentionProbe.of(network, data.validation(), data.normalisation(), 4)).isEmpty();
    }
  }
}
