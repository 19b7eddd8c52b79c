package blockfront.blocks.mixer;

import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Tensor;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/** A learned number for each head and each offset from a query to a key. */
final class RelativeBias {

  private RelativeBias() {}

  /**
   * Between the tokens of two windows that lie about each other's middle.
   *
   * <p>The table has a row for each offset, {@code (Δrow + height - 1) (width + key width - 1) +
   * Δcolumn + width - 1}, counted from the query to the key, each in its own window.
   *
   * @return {@code [heads, queries, keys]}
   */
  static Tensor between(int heads, int height, int width, int keyHeight, int keyWidth) {
    int queries = height * width;
    int keys = keyHeight * keyWidth;
    int across = width + keyWidth - 1;
    Tensor chosen =
        of(
            heads,
            (height + keyHeight - 1) * across,
            queries * keys,
            i -> {
              int query = i / keys;
              int key = i % keys;
              int down = key / keyWidth - query / width + height - 1;
              int right = key % keyWidth - query % width + width - 1;
              return down * across + right;
            });
    return chosen.reshape(heads, queries, keys);
  }

  /** Rows of the table for pairs of a query and a key, {@code [heads, pairs]}. */
  static Tensor of(int heads, int offsets, int pairs, IntUnaryOperator row) {
    Tensor table = Tensor.offset("bias_table", Init.TRUNCATED_NORMAL_002, offsets, heads);
    List<Integer> rows = IntStream.range(0, pairs).map(row).boxed().toList();
    return table.select(0, rows).permute(1, 0);
  }
}
