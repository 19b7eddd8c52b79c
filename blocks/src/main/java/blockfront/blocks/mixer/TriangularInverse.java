package blockfront.blocks.mixer;

import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import java.util.List;
import java.util.stream.IntStream;

/**
 * {@code (I + M)^-1} of strictly lower triangular matrices, by halves: {@code [[A, 0], [B, D]]^-1 =
 * [[A^-1, 0], [-D^-1 B A^-1, D^-1]]}, all blocks of a size at once.
 *
 * <p>Backward stable, unlike the product {@code (I - M)(I + M^2)(I + M^4)..}, whose powers grow
 * like binomials when keys resemble each other.
 */
final class TriangularInverse {

  private TriangularInverse() {}

  /**
   * The inverses.
   *
   * @param m {@code [matrices, size, size]}, zero on and above the diagonals
   */
  static Tensor of(Tensor m) {
    int matrices = m.shape().size(0);
    int size = m.shape().size(1);
    int whole = size == 1 ? 1 : 2 * Integer.highestOneBit(size - 1);
    if (whole == 1) {
      return m.plus(1);
    }
    Tensor filled = m.pad(1, 0, whole - size).pad(2, 0, whole - size);
    // blocks of two: nothing but -B is to be computed
    Tensor identity = Tensor.constant(Values.of(1, 0, 0, 1), 2, 2);
    Tensor inverse = below(filled, 1).times(-1).pad(1, 1, 0).pad(2, 0, 1).plus(identity);
    for (int half = 2; half < whole; half *= 2) {
      int pairs = matrices * whole / (2 * half);
      Tensor halves = inverse.reshape(pairs, 2, half, half);
      Tensor first = halves.slice(1, 0, 1).reshape(pairs, half, half);
      Tensor second = halves.slice(1, 1, 2).reshape(pairs, half, half);
      Tensor below = second.matmul(below(filled, half)).matmul(first).times(-1);
      inverse = Tensor.concatenate(1, first.pad(2, 0, half), Tensor.concatenate(2, below, second));
    }
    return inverse.slice(1, 0, size).slice(2, 0, size);
  }

  /**
   * The blocks B of all pairs of diagonal blocks of a size, {@code [matrices pairs, half, half]}.
   */
  private static Tensor below(Tensor m, int half) {
    int matrices = m.shape().size(0);
    int pairs = m.shape().size(1) / (2 * half);
    List<Integer> chosen =
        IntStream.range(0, pairs).map(p -> ((2 * p + 1) * pairs + p) * 2).boxed().toList();
    return m.reshape(matrices, pairs, 2, half, pairs, 2, half)
        .permute(0, 1, 2, 4, 5, 3, 6)
        .reshape(matrices, 4 * pairs * pairs, half, half)
        .select(1, chosen)
        .reshape(matrices * pairs, half, half);
  }
}
