package blockfront.blocks.mixer;

import blockfront.blocks.testing.Described;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/**
 * Recurrences as they are defined, one token after another, in plain double precision: what the
 * chunked descriptions are compared with. A matrix is {@code [token][channel]}.
 */
final class Sequential {

  private Sequential() {}

  static double[][] matrix(double[] values, int columns) {
    return IntStream.range(0, values.length / columns)
        .mapToObj(row -> Arrays.copyOfRange(values, row * columns, (row + 1) * columns))
        .toArray(double[][]::new);
  }

  static double[] flat(double[][] matrix) {
    return Arrays.stream(matrix).flatMapToDouble(Arrays::stream).toArray();
  }

  static double[][] times(double[][] x, double[][] weight) {
    var y = new double[x.length][weight[0].length];
    for (int t = 0; t < x.length; t++) {
      for (int in = 0; in < weight.length; in++) {
        for (int out = 0; out < weight[0].length; out++) {
          y[t][out] += x[t][in] * weight[in][out];
        }
      }
    }
    return y;
  }

  /** Through the weight of a name. */
  static double[][] linear(double[][] x, Described block, String name) {
    double[] weight = block.values(name);
    return times(x, matrix(weight, weight.length / x[0].length));
  }

  static double[][] plus(double[][] x, double[] bias) {
    return IntStream.range(0, x.length)
        .mapToObj(
            t -> IntStream.range(0, bias.length).mapToDouble(c -> x[t][c] + bias[c]).toArray())
        .toArray(double[][]::new);
  }

  static double[][] map(double[][] x, DoubleUnaryOperator function) {
    return Arrays.stream(x)
        .map(row -> Arrays.stream(row).map(function).toArray())
        .toArray(double[][]::new);
  }

  static double[][] multiply(double[][] x, double[][] y) {
    return IntStream.range(0, x.length)
        .mapToObj(
            t -> IntStream.range(0, x[t].length).mapToDouble(c -> x[t][c] * y[t][c]).toArray())
        .toArray(double[][]::new);
  }

  static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  static double silu(double x) {
    return x * sigmoid(x);
  }

  static double logSigmoid(double x) {
    return x < 0 ? x - Math.log1p(Math.exp(x)) : -Math.log1p(Math.exp(-x));
  }

  /** The weights of a name are {@code [kernel][channel]}, the last for the token itself. */
  static double[][] causalConvolution(double[][] x, Described block, String name) {
    double[][] weight = matrix(block.values(name), x[0].length);
    var y = new double[x.length][x[0].length];
    for (int t = 0; t < x.length; t++) {
      for (int tap = 0; tap < weight.length; tap++) {
        int from = t - weight.length + 1 + tap;
        for (int c = 0; c < x[0].length && from >= 0; c++) {
          y[t][c] += weight[tap][c] * x[from][c];
        }
      }
    }
    return y;
  }

  /**
   * Each head's part of each token divided by its root mean square, and a gain for each channel.
   */
  static double[][] rms(double[][] x, int heads, double epsilon, double[] gain) {
    int width = x[0].length / heads;
    var y = new double[x.length][x[0].length];
    for (int t = 0; t < x.length; t++) {
      for (int h = 0; h < heads; h++) {
        double squares = 0;
        for (int c = h * width; c < (h + 1) * width; c++) {
          squares += x[t][c] * x[t][c];
        }
        for (int c = 0; c < width; c++) {
          int at = h * width + c;
          y[t][at] = x[t][at] / Math.sqrt(squares / width + epsilon) * gain[c];
        }
      }
    }
    return y;
  }

  /** Each head's part of each token brought to length 1. */
  static double[][] unit(double[][] x, int heads) {
    int width = x[0].length / heads;
    var y = new double[x.length][x[0].length];
    for (int t = 0; t < x.length; t++) {
      for (int h = 0; h < heads; h++) {
        double squares = 1e-6;
        for (int c = h * width; c < (h + 1) * width; c++) {
          squares += x[t][c] * x[t][c];
        }
        for (int c = h * width; c < (h + 1) * width; c++) {
          y[t][c] = x[t][c] / Math.sqrt(squares);
        }
      }
    }
    return y;
  }

  /** The decay of a token, head and channel of the keys. */
  interface Decay {
    double at(int token, int head, int channel);
  }

  static final Decay NONE = (t, h, c) -> 1;

  /** {@code S = decay S + k v'}, {@code o = q S}; scaled by nothing. */
  static double[][] linearAttention(
      double[][] q, double[][] k, double[][] v, int heads, Decay decay) {
    int keys = q[0].length / heads;
    int values = v[0].length / heads;
    var output = new double[q.length][v[0].length];
    for (int h = 0; h < heads; h++) {
      var state = new double[keys][values];
      for (int t = 0; t < q.length; t++) {
        for (int c = 0; c < keys; c++) {
          for (int d = 0; d < values; d++) {
            state[c][d] =
                decay.at(t, h, c) * state[c][d] + k[t][h * keys + c] * v[t][h * values + d];
            output[t][h * values + d] += q[t][h * keys + c] * state[c][d];
          }
        }
      }
    }
    return output;
  }

  /** {@code S = decay (I - b k k') S + b k v'}, {@code o = q S}; one decay a token and head. */
  static double[][] deltaRule(
      double[][] q, double[][] k, double[][] v, double[][] beta, int heads, Decay decay) {
    int keys = q[0].length / heads;
    int values = v[0].length / heads;
    var output = new double[q.length][v[0].length];
    for (int h = 0; h < heads; h++) {
      var state = new double[keys][values];
      for (int t = 0; t < q.length; t++) {
        double kept = decay.at(t, h, 0);
        for (int d = 0; d < values; d++) {
          double recalled = 0;
          for (int c = 0; c < keys; c++) {
            recalled += kept * state[c][d] * k[t][h * keys + c];
          }
          double correction = beta[t][h] * (v[t][h * values + d] - recalled);
          for (int c = 0; c < keys; c++) {
            state[c][d] = kept * state[c][d] + k[t][h * keys + c] * correction;
            output[t][h * values + d] += q[t][h * keys + c] * state[c][d];
          }
        }
      }
    }
    return output;
  }
}
