package blockfront.search.strategy;

/**
 * The upper factor of a symmetric positive definite matrix, {@code A = U'U}. Loops run along rows,
 * so that the compiler can use vector instructions.
 */
final class Cholesky {

  private final double[][] upper;
  private final double logDeterminant;

  /**
   * Factors in place.
   *
   * @param matrix its upper triangle is read and overwritten
   */
  Cholesky(double[][] matrix) {
    int n = matrix.length;
    double sum = 0;
    for (int j = 0; j < n; j++) {
      double[] row = matrix[j];
      // rounding may take what is left below 0
      double pivot = Math.sqrt(Math.max(row[j], 1e-10));
      sum += Math.log(pivot);
      row[j] = pivot;
      for (int k = j + 1; k < n; k++) {
        row[k] /= pivot;
      }
      for (int i = j + 1; i < n; i++) {
        subtract(matrix[i], row, row[i], i, n);
      }
    }
    upper = matrix;
    logDeterminant = 2 * sum;
  }

  double logDeterminant() {
    return logDeterminant;
  }

  /** Solves {@code U'X = B} in place; B has a row for each row of the matrix. */
  void solveTransposed(double[][] right) {
    int n = upper.length;
    for (int j = 0; j < n; j++) {
      double[] row = right[j];
      double pivot = upper[j][j];
      for (int k = 0; k < row.length; k++) {
        row[k] /= pivot;
      }
      for (int i = j + 1; i < n; i++) {
        subtract(right[i], row, upper[j][i], 0, row.length);
      }
    }
  }

  /** Solves {@code AX = b}; with a shorter b, for that many rows and columns of A only. */
  double[] solve(double[] b) {
    int n = b.length;
    double[] x = b.clone();
    for (int j = 0; j < n; j++) {
      x[j] /= upper[j][j];
      subtract(x, upper[j], x[j], j + 1, n);
    }
    for (int j = n - 1; j >= 0; j--) {
      double sum = x[j];
      for (int k = j + 1; k < n; k++) {
        sum -= upper[j][k] * x[k];
      }
      x[j] = sum / upper[j][j];
    }
    return x;
  }

  /** The upper triangle of the inverse of the matrix. */
  double[][] inverse() {
    int n = upper.length;
    // rows of the inverse of U', which is lower triangular
    var factor = new double[n][n];
    for (int j = 0; j < n; j++) {
      factor[j][j] += 1;
      double pivot = upper[j][j];
      for (int k = 0; k <= j; k++) {
        factor[j][k] /= pivot;
      }
      for (int i = j + 1; i < n; i++) {
        subtract(factor[i], factor[j], upper[j][i], 0, j + 1);
      }
    }
    var inverse = new double[n][n];
    for (int j = 0; j < n; j++) {
      for (int i = 0; i <= j; i++) {
        subtract(inverse[i], factor[j], -factor[j][i], i, j + 1);
      }
    }
    return inverse;
  }

  private static void subtract(double[] from, double[] row, double factor, int start, int end) {
    for (int k = start; k < end; k++) {
      from[k] -= factor * row[k];
    }
  }
}
