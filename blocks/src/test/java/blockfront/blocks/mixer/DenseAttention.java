package blockfront.blocks.mixer;

import java.util.Arrays;

/**
 * Attention by plain loops over all pairs of tokens: the oracle of every attention with windows.
 */
final class DenseAttention {

  /** What is added to the score of a pair; minus infinity where it may not be seen. */
  @FunctionalInterface
  interface Added {
    double to(int head, int query, int key);
  }

  static final Added NOTHING = (_, _, _) -> 0;

  private DenseAttention() {}

  /** {@code x W + b} for each row; the weight {@code [in, out]}. */
  static double[] linear(double[] x, double[] weight, double[] bias) {
    int out = bias.length;
    int in = weight.length / out;
    var y = new double[x.length / in * out];
    for (int row = 0; row < x.length / in; row++) {
      for (int o = 0; o < out; o++) {
        double sum = bias[o];
        for (int i = 0; i < in; i++) {
          sum += x[row * in + i] * weight[i * out + o];
        }
        y[row * out + o] = sum;
      }
    }
    return y;
  }

  /** Columns {@code from} to {@code to} of rows of {@code width}. */
  static double[] columns(double[] x, int width, int from, int to) {
    var y = new double[x.length / width * (to - from)];
    for (int i = 0; i < y.length; i++) {
      y[i] = x[i / (to - from) * width + from + i % (to - from)];
    }
    return y;
  }

  /** Rows of tokens in, rows of tokens out; queries and keys may be narrower than values. */
  static double[] attend(
      double[] query, double[] key, double[] value, int tokens, int heads, Added added) {
    int keys = key.length / (query.length / tokens);
    int width = query.length / tokens / heads;
    int depth = value.length / keys / heads;
    var result = new double[tokens * heads * depth];
    for (int head = 0; head < heads; head++) {
      for (int i = 0; i < tokens; i++) {
        var scores = new double[keys];
        for (int j = 0; j < keys; j++) {
          double sum = 0;
          for (int c = 0; c < width; c++) {
            sum += query[(i * heads + head) * width + c] * key[(j * heads + head) * width + c];
          }
          scores[j] = sum / Math.sqrt(width) + added.to(head, i, j);
        }
        double greatest = Arrays.stream(scores).max().orElseThrow();
        double total = Arrays.stream(scores).map(score -> Math.exp(score - greatest)).sum();
        for (int j = 0; j < keys; j++) {
          double weight = Math.exp(scores[j] - greatest) / total;
          for (int c = 0; c < depth; c++) {
            result[(i * heads + head) * depth + c] +=
                weight * value[(j * heads + head) * depth + c];
          }
        }
      }
    }
    return result;
  }

  /** A depthwise convolution of 3x3 over a grid, zeros where {@code seen} says no. */
  static double[] depthwise(
      double[] x, int rows, int columns, int channels, double[] kernel, Seen seen) {
    var y = new double[x.length];
    for (int i = 0; i < rows * columns; i++) {
      for (int tap = 0; tap < 9; tap++) {
        int row = i / columns + tap / 3 - 1;
        int column = i % columns + tap % 3 - 1;
        boolean inside = row >= 0 && row < rows && column >= 0 && column < columns;
        if (inside && seen.by(i, row * columns + column)) {
          for (int c = 0; c < channels; c++) {
            y[i * channels + c] +=
                kernel[tap * channels + c] * x[(row * columns + column) * channels + c];
          }
        }
      }
    }
    return y;
  }

  /** Whether a token sees another. */
  @FunctionalInterface
  interface Seen {
    boolean by(int query, int key);
  }

  static double[] sum(double[] left, double[] right) {
    var sum = left.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += right[i];
    }
    return sum;
  }

  /** The same row added to each. */
  static double[] plusRow(double[] x, double[] row) {
    var sum = x.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += row[i % row.length];
    }
    return sum;
  }

  /** Rows of two, one after the other. */
  static double[] joined(double[] left, int leftWidth, double[] right, int rightWidth) {
    int width = leftWidth + rightWidth;
    var y = new double[left.length + right.length];
    for (int i = 0; i < y.length; i++) {
      int row = i / width;
      int column = i % width;
      y[i] =
          column < leftWidth
              ? left[row * leftWidth + column]
              : right[row * rightWidth + column - leftWidth];
    }
    return y;
  }
}
