package blockfront.search.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.graph.Shape;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BuiltInDataSetsTest {

  private static final DataSet DIGITS = DataSets.load("digits");
  private static final DataSet FASHION = DataSets.load("fashion-mini");

  @Test
  void namesAreThoseThatLoad() {
    assertThat(DataSets.builtIn())
        .containsExactly("digits", "fashion-mini", "mqar", "icl_regression");
    assertThat(DataSets.builtIn()).startsWith(DIGITS.name(), FASHION.name());
  }

  @Test
  void digitsAreSplitInto60And20And20PerCentOfEachClass() {
    assertThat(DataSetSummary.of(DIGITS).counts())
        .isEqualTo(new DataSetSummary.Counts(1079, 359, 359));
    List<Integer> train = DIGITS.train().countByClass(10);
    List<Integer> validation = DIGITS.validation().countByClass(10);
    assertThat(DIGITS.test().countByClass(10)).isEqualTo(validation);
    for (int label = 0; label < 10; label++) {
      int all = train.get(label) + 2 * validation.get(label);
      assertThat((double) validation.get(label)).isCloseTo(all / 5.0, within(0.5));
    }
  }

  @Test
  void fashionKeepsItsTestPartAndEveryClassIsEquallyFrequent() {
    assertThat(FASHION.train().countByClass(10)).containsOnly(480);
    assertThat(FASHION.validation().countByClass(10)).containsOnly(120);
    assertThat(FASHION.test().countByClass(10)).containsOnly(100);
  }

  @Test
  void partsOfDigitsTogetherAreTheWholeFile() throws IOException {
    List<String> parts =
        Stream.of(DIGITS.train(), DIGITS.validation(), DIGITS.test())
            .flatMap(BuiltInDataSetsTest::lines)
            .sorted()
            .toList();
    try (InputStream in = DataSets.class.getResourceAsStream("digits/digits.csv.gz");
        var reader =
            new BufferedReader(
                new InputStreamReader(new GZIPInputStream(in), StandardCharsets.UTF_8))) {
      assertThat(parts).isEqualTo(reader.lines().sorted().toList());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"digits", "fashion-mini"})
  void noImageIsInTwoParts(String name) {
    DataSet data = DataSets.load(name);
    List<String> train = lines(data.train()).toList();
    List<String> validation = lines(data.validation()).toList();
    List<String> test = lines(data.test()).toList();
    assertThat(Collections.disjoint(train, validation)).isTrue();
    assertThat(Collections.disjoint(train, test)).isTrue();
    assertThat(Collections.disjoint(validation, test)).isTrue();
  }

  @Test
  void greyLevelsOfDigitsReachFromBlackToWhite() {
    List<Integer> values =
        IntStream.range(0, DIGITS.train().size())
            .flatMap(example -> values(DIGITS.train(), example))
            .distinct()
            .sorted()
            .boxed()
            .toList();
    assertThat(values)
        .containsExactly(
            0, 16, 32, 48, 64, 80, 96, 112, 128, 143, 159, 175, 191, 207, 223, 239, 255);
  }

  @Test
  void shapesAndClassesAreThoseOfTheSources() {
    assertThat(DIGITS.shape()).isEqualTo(Shape.of(8, 8, 1));
    assertThat(DIGITS.classes()).containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
    assertThat(FASHION.shape()).isEqualTo(Shape.of(28, 28, 1));
    assertThat(FASHION.classes()).hasSize(10).startsWith("T-shirt/top").endsWith("Ankle boot");
  }

  @Test
  void onlyClothesMayBeMirrored() {
    assertThat(DIGITS.flips()).isFalse();
    assertThat(FASHION.flips()).isTrue();
    assertThat(DIGITS.forSearch().usualAugmentation()).isEqualTo(new Augmentation(1, false));
    assertThat(FASHION.forSearch().usualAugmentation()).isEqualTo(new Augmentation(3, true));
  }

  @Test
  void hashesNeverChange() {
    assertThat(DIGITS.hash())
        .isEqualTo("acd5ae53be628d39c338d1c6dce8f23a6dd6f9c81761ef13fe3e893dad807396");
    assertThat(FASHION.hash())
        .isEqualTo("39229b2f8a6f0cbb529069382e093cc91623e1de727f45c6480696bcf5ba0d19");
  }

  @Test
  void normalisationIsThatOfTheTrainPart() {
    double[] values =
        IntStream.range(0, DIGITS.train().size())
            .flatMap(example -> values(DIGITS.train(), example))
            .mapToDouble(value -> value / 255.0)
            .toArray();
    double mean = Arrays.stream(values).average().orElseThrow();
    double variance =
        Arrays.stream(values).map(x -> (x - mean) * (x - mean)).average().orElseThrow();
    assertThat(DIGITS.normalisation().mean().getFirst()).isCloseTo(mean, within(1e-12));
    assertThat(DIGITS.normalisation().deviation().getFirst())
        .isCloseTo(Math.sqrt(variance), within(1e-12));
  }

  @Test
  void licencesLieBesideTheFiles() {
    assertThat(DIGITS.licence()).isEqualTo("CC BY 4.0");
    assertThat(FASHION.licence()).isEqualTo("MIT, Copyright (c) 2017 Zalando SE");
    assertThat(DataFile.builtIn("digits/NOTICE").text()).contains("CC BY 4.0");
    assertThat(DataFile.builtIn("fashion-mini/NOTICE").text()).contains("Licence: MIT");
    assertThat(DataFile.builtIn("fashion-mini/LICENSE").text())
        .contains("Copyright (c) 2017 Zalando SE");
  }

  @Test
  void searchHasNoWayToTheTestPart() {
    assertThat(SearchData.class.getRecordComponents())
        .extracting(RecordComponent::getName)
        .contains("train", "validation")
        .doesNotContain("test");
    assertThat(DIGITS.forSearch().validation()).isEqualTo(DIGITS.validation());
  }

  @Test
  void softmaxRegressionReads90PerCentOfTheValidationDigits() {
    assertThat(accuracyOfSoftmaxRegression(DIGITS.forSearch())).isGreaterThan(0.90);
  }

  private static double accuracyOfSoftmaxRegression(SearchData data) {
    int inputs = (int) data.shape().elements();
    int classes = data.classes().size();
    var weights = new double[classes][inputs + 1];
    var images = new float[32 * inputs];
    var chosen = new int[32];
    var batches = Batches.training(data.train(), data.normalisation(), Augmentation.NONE, 32, 1);
    for (int epoch = 0; epoch < 10; epoch++) {
      batches.startEpoch(epoch);
      for (int count = batches.next(images, chosen);
          count > 0;
          count = batches.next(images, chosen)) {
        for (int i = 0; i < count; i++) {
          double[] logits = logits(weights, images, i * inputs, inputs);
          double sum = Arrays.stream(logits).map(Math::exp).sum();
          for (int label = 0; label < classes; label++) {
            double error =
                Math.exp(logits[label]) / sum - (label == data.train().label(chosen[i]) ? 1 : 0);
            for (int j = 0; j < inputs; j++) {
              weights[label][j] -= 0.01 * error * images[i * inputs + j];
            }
            weights[label][inputs] -= 0.01 * error;
          }
        }
      }
    }
    var evaluation = Batches.evaluation(data.validation(), data.normalisation(), 32);
    int right = 0;
    for (int count = evaluation.next(images, chosen);
        count > 0;
        count = evaluation.next(images, chosen)) {
      for (int i = 0; i < count; i++) {
        double[] logits = logits(weights, images, i * inputs, inputs);
        double best = Arrays.stream(logits).max().orElseThrow();
        right += logits[data.validation().label(chosen[i])] == best ? 1 : 0;
      }
    }
    return (double) right / data.validation().size();
  }

  private static double[] logits(double[][] weights, float[] images, int start, int inputs) {
    return Arrays.stream(weights)
        .mapToDouble(
            row ->
                row[inputs]
                    + IntStream.range(0, inputs).mapToDouble(j -> row[j] * images[start + j]).sum())
        .toArray();
  }

  /** Each example as a line of the digits file: levels of 0 to 16, then the label. */
  private static Stream<String> lines(Examples examples) {
    return IntStream.range(0, examples.size())
        .mapToObj(
            example ->
                values(examples, example)
                    .mapToObj(value -> "" + Math.round(value * 16 / 255.0))
                    .collect(Collectors.joining(",", "", "," + examples.label(example))));
  }

  private static IntStream values(Examples examples, int example) {
    byte[] pixels = examples.pixels(example);
    return IntStream.range(0, pixels.length).map(i -> pixels[i] & 0xFF);
  }
}
