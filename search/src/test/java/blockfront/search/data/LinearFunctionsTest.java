package blockfront.search.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.network.Task;
import blockfront.search.trial.Metric;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** In-context linear regression, generated. */
class LinearFunctionsTest {

  @ParameterizedTest
  @CsvSource({"5, 20, 0", "3, 8, 0.5"})
  void oneStepOfGradientDescentHasTheRiskOfItsClosedForm(int d, int n, double sigma) {
    DataSet data =
        DataSets.load(
            "icl_regression:dimensions=%d,examples=%d,sigma=%s,train=1,test=40000"
                .formatted(d, n, sigma));
    assertThat(data.task()).isEqualTo(new Task.InContextRegression(n, d));
    assertThat(data.metric()).isEqualTo(Metric.MEAN_SQUARED_ERROR);

    double noise = sigma * sigma;
    double rate = n / (n + d + 1 + noise);
    double squares = 0;
    for (int example = 0; example < data.test().size(); example++) {
      double answer = 0;
      for (int i = 0; i < n; i++) {
        double product = 0;
        for (int j = 0; j < d; j++) {
          product +=
              data.test().number(example, i * (d + 1) + j)
                  * data.test().number(example, n * (d + 1) + j);
        }
        answer += rate / n * data.test().number(example, i * (d + 1) + d) * product;
      }
      squares += Math.pow(answer - data.test().truth(example), 2);
      assertThat(data.test().number(example, n * (d + 1) + d)).as("y of the query").isZero();
    }

    double risk = d * (d + 1 + noise) / (n + d + 1 + noise);
    // Mahankali, Hashimoto and Ma, 2023; 40,000 prompts leave a standard error of about a hundredth
    assertThat(squares / data.test().size()).isEqualTo(risk, within(0.05 * risk));
  }

  @Test
  void moreThanAnArrayHoldsIsRefused() {
    assertThatExceptionOfType(DataException.class)
        .isThrownBy(() -> DataSets.load("icl_regression:examples=99,train=10000000"))
        .withMessage(
            "icl_regression: wanted at most 2147483639 numbers, got 10000000 sequences of 100x6,"
                + " which are 6000000000");
  }
}
