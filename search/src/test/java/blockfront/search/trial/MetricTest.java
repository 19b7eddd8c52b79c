package blockfront.search.trial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** By what networks are judged. */
class MetricTest {

  @ParameterizedTest
  @EnumSource
  void theBetterScoreHasTheSmallerError(Metric metric) {
    double good = metric.higherIsBetter() ? 0.9 : 0.1;
    double bad = metric.higherIsBetter() ? 0.1 : 0.9;

    assertThat(metric.better(good, bad)).isTrue();
    assertThat(metric.better(bad, good)).isFalse();
    assertThat(metric.better(good, good)).isFalse();
    assertThat(metric.error(good)).isBetween(0.0, metric.error(bad));
    assertThat(metric.error(bad)).isBetween(metric.error(good), 1.0);
  }

  @Test
  void errorsAreOnOneScale() {
    assertThat(Metric.ACCURACY.error(0.75)).isEqualTo(0.25);
    assertThat(Metric.BITS_PER_BYTE.error(2)).isEqualTo(0.25);
    assertThat(Metric.BITS_PER_BYTE.error(9)).isEqualTo(1);
    assertThat(Metric.MEAN_SQUARED_ERROR.error(3)).isEqualTo(0.75, within(1e-15));
    assertThat(Metric.MEAN_SQUARED_ERROR.error(Double.POSITIVE_INFINITY)).isEqualTo(1);
  }

  @Test
  void scoresAreSaidInTheirUnits() {
    assertThat(Metric.ACCURACY.text(0.98765)).isEqualTo("98.77 %");
    assertThat(Metric.BITS_PER_BYTE.text(2.34567)).isEqualTo("2.346");
    assertThat(Metric.MEAN_SQUARED_ERROR.text(1.15384)).isEqualTo("1.1538");
    assertThat(Metric.ACCURACY.axis()).isEqualTo("accuracy, %");
    assertThat(Metric.BITS_PER_BYTE.axis()).isEqualTo("bits per byte");
    assertThat(Metric.BITS_PER_BYTE.heading()).isEqualTo("Bits per byte");
    assertThat(Metric.MEAN_SQUARED_ERROR.column("test")).isEqualTo("testMeanSquaredError");
  }
}
