package blockfront.blocks.reference;

import blockfront.blocks.graph.Shape;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Operations over each row of {@code size} numbers: softmax and the loss over it. */
final class Rows {

  private Rows() {}

  static double[] softmax(double[] x, int size) {
    var result = new double[x.length];
    for (int start = 0; start < x.length; start += size) {
      double greatest = Arrays.stream(x, start, start + size).max().orElseThrow();
      if (greatest > Double.NEGATIVE_INFINITY) {
        double sum = 0;
        for (int i = start; i < start + size; i++) {
          result[i] = Math.exp(x[i] - greatest);
          sum += result[i];
        }
        for (int i = start; i < start + size; i++) {
          result[i] /= sum;
        }
      }
    }
    return result;
  }

  static double[] softmaxGradient(double[] softmax, double[] upstream, int size) {
    var result = new double[softmax.length];
    for (int start = 0; start < softmax.length; start += size) {
      double mean = 0;
      for (int i = start; i < start + size; i++) {
        mean += softmax[i] * upstream[i];
      }
      for (int i = start; i < start + size; i++) {
        result[i] = softmax[i] * (upstream[i] - mean);
      }
    }
    return result;
  }

  /** One loss a row. */
  static double[] crossEntropy(double[] logits, double[] target, int size, double smoothing) {
    double[] smoothed = smoothed(target, size, smoothing);
    return IntStream.range(0, logits.length / size)
        .mapToDouble(
            row -> {
              double[] x = Arrays.copyOfRange(logits, row * size, (row + 1) * size);
              double greatest = Arrays.stream(x).max().orElseThrow();
              double sum = Arrays.stream(x).map(each -> Math.exp(each - greatest)).sum();
              double logSum = greatest + Math.log(sum);
              return IntStream.range(0, size)
                  // what is not a target costs nothing, even if it is impossible
                  .filter(i -> smoothed[row * size + i] != 0)
                  .mapToDouble(i -> smoothed[row * size + i] * (logSum - x[i]))
                  .sum();
            })
        .toArray();
  }

  /** Upstream is one number a row. */
  static double[] crossEntropyGradient(
      double[] logits, double[] target, double[] upstream, int size, double smoothing) {
    double[] smoothed = smoothed(target, size, smoothing);
    double[] softmax = softmax(logits, size);
    return IntStream.range(0, logits.length)
        .mapToDouble(
            i -> upstream[i / size] * (mass(target, i / size, size) * softmax[i] - smoothed[i]))
        .toArray();
  }

  private static double[] smoothed(double[] target, int size, double smoothing) {
    return IntStream.range(0, target.length)
        .mapToDouble(
            i -> (1 - smoothing) * target[i] + smoothing * mass(target, i / size, size) / size)
        .toArray();
  }

  private static double mass(double[] target, int row, int size) {
    return Arrays.stream(target, row * size, (row + 1) * size).sum();
  }

  /** The row of a table for each index. */
  static double[] lookup(double[] table, double[] indices, int channels) {
    var result = new double[indices.length * channels];
    for (int i = 0; i < indices.length; i++) {
      int row = row(indices[i], table.length / channels);
      System.arraycopy(table, row * channels, result, i * channels, channels);
    }
    return result;
  }

  static double[] lookupGradient(double[] indices, double[] upstream, Shape table) {
    int channels = table.size(1);
    var result = new double[Math.toIntExact(table.elements())];
    for (int i = 0; i < indices.length; i++) {
      int row = row(indices[i], table.size(0));
      for (int c = 0; c < channels; c++) {
        result[row * channels + c] += upstream[i * channels + c];
      }
    }
    return result;
  }

  private static int row(double index, int rows) {
    return (int) Math.clamp(Math.rint(index), 0, rows - 1);
  }
}
