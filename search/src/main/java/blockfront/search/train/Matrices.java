package blockfront.search.train;

import java.util.List;
import java.util.Optional;

/**
 * A place as matrices that BLAS can read: rows that follow each other at one distance.
 *
 * @param rowStride elements from one row, as it is stored, to the next
 * @param transposed whether what is stored as rows are the columns
 * @param leading sizes of the axes before the last two
 * @param leadingStrides elements from one index of these to the next
 */
record Matrices(
    int rowStride, boolean transposed, List<Integer> leading, List<Long> leadingStrides) {

  /** Nothing, if neither rows nor columns follow each other. */
  static Optional<Matrices> of(Place place) {
    int axes = place.sizes().size();
    if (axes < 2) {
      return Optional.empty();
    }
    int rows = place.sizes().get(axes - 2);
    int columns = place.sizes().get(axes - 1);
    long rowStride = place.strides().get(axes - 2);
    long columnStride = place.strides().get(axes - 1);
    List<Integer> leading = place.sizes().subList(0, axes - 2);
    List<Long> leadingStrides = place.strides().subList(0, axes - 2);
    if ((columns == 1 || columnStride == 1) && (rows == 1 || rowStride >= columns)) {
      int stride = rows == 1 ? columns : Math.toIntExact(rowStride);
      return Optional.of(new Matrices(stride, false, leading, leadingStrides));
    }
    if ((rows == 1 || rowStride == 1) && (columns == 1 || columnStride >= rows)) {
      int stride = columns == 1 ? rows : Math.toIntExact(columnStride);
      return Optional.of(new Matrices(stride, true, leading, leadingStrides));
    }
    return Optional.empty();
  }

  /** All rows of all matrices as those of one, if they follow each other at one distance. */
  static Optional<Matrices> joined(Place place) {
    int axes = place.sizes().size();
    long rows = place.elements() / place.sizes().get(axes - 1);
    return place
        .reshape(List.of(Math.toIntExact(rows), place.sizes().get(axes - 1)))
        .flatMap(Matrices::of)
        .filter(joined -> !joined.transposed());
  }
}
