package blockfront.blocks.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class InitialiserTest {

  private static final int MANY = 40_000;

  @Test
  void theSameSeedAndNameGiveTheSameValues() {
    assertThat(values(7, "head.weight", new Init.Normal(1), 16))
        .containsExactly(values(7, "head.weight", new Init.Normal(1), 16));
  }

  @Test
  void anotherSeedOrNameGivesOthers() {
    float[] values = values(7, "head.weight", new Init.Normal(1), 16);

    assertThat(values(8, "head.weight", new Init.Normal(1), 16)).isNotEqualTo(values);
    assertThat(values(7, "head.bias", new Init.Normal(1), 16)).isNotEqualTo(values);
  }

  @Test
  void normalDrawsHaveTheirDeviation() {
    float[] values = values(1, "w", new Init.Normal(0.02), MANY);

    assertThat(mean(values)).isEqualTo(0, within(4 * 0.02 / Math.sqrt(MANY)));
    assertThat(deviation(values)).isEqualTo(0.02, within(4 * 0.02 / Math.sqrt(2.0 * MANY)));
  }

  @Test
  void weightsOfNarrowLayersStartWiderIfTheyAreScaled() {
    Tensor narrow = Tensor.weight("w", Init.TRUNCATED_NORMAL_002, 48, 4096);
    Tensor wide = Tensor.weight("w", Init.TRUNCATED_NORMAL_002, 4096, 48);
    Tensor offset = Tensor.offset("w", Init.TRUNCATED_NORMAL_002, 48, 4096);
    var scaled = new Initialiser(1, Start.SCALED);

    // as weights drawn evenly from within 1 / sqrt(48)
    assertThat(deviation(scaled.values("w", narrow))).isEqualTo(1.0 / 12, within(1e-3));
    assertThat(deviation(scaled.values("w", wide))).isEqualTo(0.02, within(3e-4));
    assertThat(deviation(scaled.values("w", offset))).isEqualTo(0.02, within(3e-4));
    assertThat(deviation(new Initialiser(1).values("w", narrow))).isEqualTo(0.02, within(3e-4));
  }

  @Test
  void truncatedDrawsStayWithinTwo() {
    float[] values = values(1, "w", new Init.TruncatedNormal(2), MANY);

    assertThat(values).hasSize(MANY);
    for (float value : values) {
      assertThat(value).isBetween(-2f, 2f);
    }
    // of a normal distribution cut at one deviation: 2 sqrt(1 - 2 φ(1) / (2 Φ(1) - 1))
    assertThat(deviation(values)).isEqualTo(2 * 0.5396, within(0.01));
  }

  @Test
  void uniformDrawsFillTheirBound() {
    float[] values = values(1, "w", Init.xavier(10, 14, 2), MANY); // bound 2 √(6/24) = 1

    for (float value : values) {
      assertThat(value).isBetween(-1f, 1f);
    }
    assertThat(mean(values)).isCloseTo(0, within(4 / Math.sqrt(3.0 * MANY)));
    assertThat(deviation(values)).isCloseTo(1 / Math.sqrt(3), within(0.01));
  }

  @Test
  void exponentialsOfLogarithmsAreUniform() {
    float[] values = values(1, "w", new Init.LogOfUniform(16), MANY);

    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.exp(values[i]);
      assertThat(values[i]).isBetween(0f, 16.001f);
    }
    assertThat(mean(values)).isCloseTo(8, within(4 * 16 / Math.sqrt(12.0 * MANY)));
  }

  @Test
  void softplusOfStepsIsSpreadOverMagnitudes() {
    float[] values = values(1, "w", new Init.LogUniformSoftplus(1e-3, 0.1), MANY);

    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.log10(Math.log1p(Math.exp(values[i])));
      assertThat(values[i]).isBetween(-3.001f, -0.999f);
    }
    assertThat(mean(values)).isCloseTo(-2, within(4 * 2 / Math.sqrt(12.0 * MANY)));
  }

  @Test
  void aNarrowNormalIsHardlyTruncated() {
    assertThat(values(3, "w", Init.TRUNCATED_NORMAL_002, 100))
        .containsExactly(values(3, "w", new Init.Normal(0.02), 100));
  }

  @Test
  void constantsAndGivenValuesAreTaken() {
    assertThat(values(1, "w", Init.ONES, 3)).containsExactly(1, 1, 1);
    assertThat(values(1, "w", new Init.Given(Values.of(1, -2, 0.5)), 3))
        .containsExactly(1, -2, 0.5f);
  }

  @Test
  void givenValuesMustFit() {
    assertThatThrownBy(() -> values(1, "filter.a", new Init.Given(Values.of(1, 2)), 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Parameter 'filter.a' of shape [3] needs 3 first values, got 2");
  }

  @Test
  void onlyParametersStart() {
    assertThatThrownBy(() -> new Initialiser(1).values("x", Tensor.input("image", Shape.of(2))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Only parameters have first values, not [batch] Input[name=image][2]");
  }

  private static float[] values(long seed, String name, Init init, int size) {
    return new Initialiser(seed).values(name, Tensor.weight("weight", init, size));
  }

  private static double mean(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).average().orElseThrow();
  }

  private static double deviation(float[] values) {
    double mean = mean(values);
    return Math.sqrt(
        IntStream.range(0, values.length)
            .mapToDouble(i -> (values[i] - mean) * (values[i] - mean))
            .average()
            .orElseThrow());
  }
}
