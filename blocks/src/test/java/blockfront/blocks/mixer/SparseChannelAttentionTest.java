package blockfront.blocks.mixer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.graph.Shape;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.testing.Described;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SparseChannelAttentionTest {

  private static final int ROWS = 3;
  private static final int COLUMNS = 4;
  private static final int N = 12;
  private static final int C = 6;
  private static final int D = 3;

  /** All of it by loops. */
  @ParameterizedTest
  @ValueSource(strings = {"relu", "softmax"})
  void channelsAttendToChannels(String weighting) {
    Described described = sparse(ROWS, COLUMNS, C, D, weighting).random(1);
    double[] x = described.input(2);
    double[] qkv =
        DenseAttention.depthwise(
            DenseAttention.linear(x, described.values("qkv.weight"), new double[3 * C]),
            ROWS,
            COLUMNS,
            3 * C,
            described.values("local.weight"),
            (_, _) -> true);
    double[] query = unit(DenseAttention.columns(qkv, 3 * C, 0, C));
    double[] key = unit(DenseAttention.columns(qkv, 3 * C, C, 2 * C));
    double[] value = DenseAttention.columns(qkv, 3 * C, 2 * C, 3 * C);
    var seen = new double[N * C];
    for (int c = 0; c < C; c++) {
      int head = c / D;
      var weights = new double[D];
      for (int other = 0; other < D; other++) {
        for (int token = 0; token < N; token++) {
          weights[other] += query[token * C + c] * key[token * C + head * D + other];
        }
        weights[other] *= described.values("temperature")[head];
      }
      double[] kept =
          weighting.equals("relu")
              ? Arrays.stream(weights).map(w -> Math.max(0, w)).toArray()
              : softmax(weights);
      for (int token = 0; token < N; token++) {
        for (int other = 0; other < D; other++) {
          seen[token * C + c] += kept[other] * value[token * C + head * D + other];
        }
      }
    }

    assertThat(described.at(x))
        .containsExactly(
            DenseAttention.linear(seen, described.values("out.weight"), new double[C]),
            within(1e-9));
  }

  private static double[] unit(double[] x) {
    var y = new double[x.length];
    for (int c = 0; c < C; c++) {
      double squares = 0;
      for (int token = 0; token < N; token++) {
        squares += x[token * C + c] * x[token * C + c];
      }
      for (int token = 0; token < N; token++) {
        y[token * C + c] = x[token * C + c] / Math.sqrt(squares);
      }
    }
    return y;
  }

  private static double[] softmax(double[] x) {
    double sum = Arrays.stream(x).map(Math::exp).sum();
    return Arrays.stream(x).map(each -> Math.exp(each) / sum).toArray();
  }

  @Test
  void channelsThatHaveNothingInCommonSeeThemselves() {
    double temperature = 1e3;
    Described described =
        sparse(2, 2, 4, 4, "relu")
            .set("qkv.weight", i -> i % 12 % 4 == i / 12 ? 1 : 0)
            .set("local.weight", i -> i / 12 == 4 ? 1 : 0)
            .set("temperature", temperature)
            .set("out.weight", i -> i / 4 == i % 4 ? 1 : 0);
    double[] orthogonal = {1, 1, 1, 1, 1, -1, 1, -1, 1, 1, -1, -1, 1, -1, -1, 1};

    assertThat(described.at(orthogonal))
        .containsExactly(
            Arrays.stream(orthogonal).map(v -> temperature * v).toArray(), within(1e-6));
  }

  @Test
  void aDarkImageStaysDark() {
    Described described = sparse(ROWS, COLUMNS, C, D, "relu").random(1);

    assertThat(described.at(new double[N * C])).containsOnly(0);
  }

  @Test
  void costGrowsWithTheTokensOnly() {
    var cost = sparse(ROWS, COLUMNS, C, D, "relu").cost();

    assertThat(cost.parameters()).isEqualTo(4 * C * C + 27 * C + C / D);
    assertThat(cost.multiplyAdds()).isEqualTo(4L * N * C * C + 27L * N * C + 2L * N * C * D);
  }

  private static Described sparse(
      int rows, int columns, int channels, int headDim, String weighting) {
    Setting setting =
        Setting.STANDARD
            .with(SparseChannelAttention.HEAD_DIM, headDim)
            .with(SparseChannelAttention.WEIGHTING, weighting);
    return Described.of(
        Shape.of(rows, columns, channels), x -> new SparseChannelAttention().mix(x, setting));
  }
}
