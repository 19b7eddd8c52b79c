package blockfront.blocks.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ErfTest {

  private static final double ROUNDING = 1e-15;

  /** Abramowitz and Stegun, table 7.1, and its continuation to double precision. */
  @ParameterizedTest
  @CsvSource({
    "0.1, 0.1124629160182849",
    "0.5, 0.5204998778130465",
    "1, 0.8427007929497149",
    "1.5, 0.9661051464753108",
    "1.999, 0.9953015566513705",
    "2, 0.9953222650189527",
    "2.5, 0.9995930479825550",
    "3, 0.9999779095030014",
    "5, 0.9999999999984626",
    "7, 1"
  })
  void agreesWithTables(double x, double erf) {
    assertThat(Erf.erf(x)).isEqualTo(erf, within(ROUNDING));
    assertThat(Erf.erf(-x)).isEqualTo(-erf, within(ROUNDING));
  }

  @ParameterizedTest
  @CsvSource({
    "-3, 1.9999779095030014",
    "0.5, 0.4795001221869535",
    "2, 0.004677734981047266",
    "3, 2.209049699858544e-05",
    "5, 1.5374597944280349e-12",
    "10, 2.088487583762545e-45",
    "26, 5.663192408856143e-296"
  })
  void theComplementKeepsItsDigits(double x, double erfc) {
    assertThat(Erf.erfc(x)).isEqualTo(erfc, within(1e-12 * erfc));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1e-300, 1e-20, 1e-9})
  void isAStraightLineNearZero(double x) {
    assertThat(Erf.erf(x)).isEqualTo(2 / Math.sqrt(Math.PI) * x, within(ROUNDING * x));
  }

  @Test
  void endsAtOne() {
    assertThat(Erf.erf(Double.POSITIVE_INFINITY)).isEqualTo(1);
    assertThat(Erf.erf(Double.NEGATIVE_INFINITY)).isEqualTo(-1);
    assertThat(Erf.erfc(Double.POSITIVE_INFINITY)).isZero();
    assertThat(Erf.erf(Double.NaN)).isNaN();
  }

  /** Where one expansion hands over to the other. */
  @Test
  void hasNoSeam() {
    assertThat(Erf.erf(2)).isEqualTo(Erf.erf(Math.nextDown(2.0)), within(ROUNDING));
    assertThat(Erf.erfc(2)).isEqualTo(Erf.erfc(Math.nextDown(2.0)), within(ROUNDING));
  }
}
