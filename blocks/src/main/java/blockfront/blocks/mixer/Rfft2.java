package blockfront.blocks.mixer;

import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;

/**
 * The matrices of the orthonormal Fourier transform of a real grid and of its inverse.
 *
 * <p>A spectrum has {@code width / 2 + 1} columns: the others follow from them. Between rows and
 * columns, real and imaginary part lie beside each other for each row; after the columns, all real
 * parts come before all imaginary ones.
 */
record Rfft2(int height, int width) {

  /** Columns of the spectrum. */
  int columns() {
    return width / 2 + 1;
  }

  /** {@code [2 columns, width]}: each row of the grid to its real, then its imaginary parts. */
  Tensor rows() {
    var dft = new Dft(width, true);
    return matrix(
        2 * columns(),
        width,
        (row, column) -> {
          int frequency = row % columns();
          return row < columns() ? dft.cosine(frequency, column) : -dft.sine(frequency, column);
        });
  }

  /** {@code [2 height, 2 height]}: the transform of what {@link #rows} left, down the columns. */
  Tensor columnsForward() {
    return matrix(2 * height, 2 * height, this::column);
  }

  /** {@code [2 height, 2 height]}: the inverse of {@link #columnsForward}, its transpose. */
  Tensor columnsBackward() {
    return matrix(2 * height, 2 * height, (row, column) -> column(column, row));
  }

  /** {@code [width, 2 columns]}: the inverse of {@link #rows} on spectra of real grids. */
  Tensor rowsBackward() {
    var dft = new Dft(width, true);
    return matrix(
        width,
        2 * columns(),
        (row, column) -> {
          int frequency = column % columns();
          // all but the first and, of an even width, the last stand for their mirror image too
          int copies = frequency == 0 || 2 * frequency == width ? 1 : 2;
          return copies
              * (column < columns() ? dft.cosine(frequency, row) : -dft.sine(frequency, row));
        });
  }

  private double column(int row, int column) {
    var dft = new Dft(height, true);
    boolean toReal = row < height;
    boolean fromReal = column % 2 == 0;
    int frequency = row % height;
    int place = column / 2;
    if (toReal == fromReal) {
      return dft.cosine(frequency, place);
    }
    return toReal ? dft.sine(frequency, place) : -dft.sine(frequency, place);
  }

  private interface Entry {
    double at(int row, int column);
  }

  private static Tensor matrix(int rows, int columns, Entry entry) {
    Values values = Values.of(rows * columns, i -> entry.at(i / columns, i % columns));
    return Tensor.constant(Op.Purpose.TRANSFORM, values, rows, columns);
  }
}
