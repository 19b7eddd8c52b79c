package blockfront.blocks.mixer;

import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;

/**
 * The real matrices of a discrete Fourier transform, {@code exp(-2 pi i a b / size) = cosine - i
 * sine}.
 *
 * @param orthonormal scaled by {@code 1 / sqrt(size)}, so that the transform keeps lengths
 */
record Dft(int size, boolean orthonormal) {

  /** {@code [size, size]}, symmetric. */
  Tensor cosine() {
    return matrix(false);
  }

  /** {@code [size, size]}, symmetric. */
  Tensor sine() {
    return matrix(true);
  }

  double cosine(int a, int b) {
    return scale() * Math.cos(angle(a, b));
  }

  double sine(int a, int b) {
    return scale() * Math.sin(angle(a, b));
  }

  private Tensor matrix(boolean sine) {
    Values values =
        Values.of(size * size, i -> sine ? sine(i / size, i % size) : cosine(i / size, i % size));
    return Tensor.constant(Op.Purpose.TRANSFORM, values, size, size);
  }

  private double angle(int a, int b) {
    // reduced first: large angles would lose digits
    return 2 * Math.PI * ((long) a * b % size) / size;
  }

  private double scale() {
    return orthonormal ? 1 / Math.sqrt(size) : 1;
  }
}
