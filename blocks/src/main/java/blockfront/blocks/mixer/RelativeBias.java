package blockfront.blocks.mixer;

import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Tensor;
import java.util.List;
import java.util.stream.IntStream;

/** A learned number for each head and each offset from a query to a key. */
final class RelativeBias {

  /**
   * The offsets along one axis.
   *
   * @param offsets different ones
   * @param queries along this axis
   * @param keys that each of them sees
   * @param chosen the offset to each key of each query in turn, from 0
   */
  record Axis(int offsets, int queries, int keys, List<Integer> chosen) {

    Axis {
      chosen = List.copyOf(chosen);
    }

    /** All of a window of queries to all of one of keys, each counted from its own first token. */
    static Axis between(int queries, int keys) {
      return new Axis(
          queries + keys - 1,
          queries,
          keys,
          IntStream.range(0, queries * keys)
              .mapToObj(i -> i % keys - i / keys + queries - 1)
              .toList());
    }
  }

  private RelativeBias() {}

  /**
   * Of tokens on a grid.
   *
   * <p>The table has a row for each pair of offsets, those along the rows outside.
   *
   * @return {@code [heads, queries, keys]}
   */
  static Tensor of(int heads, Axis rows, Axis columns) {
    int pairs = rows.offsets() * columns.offsets();
    Tensor table = Tensor.offset("bias_table", Init.TRUNCATED_NORMAL_002, pairs, heads);
    return table
        .reshape(rows.offsets(), columns.offsets(), heads)
        .select(0, rows.chosen())
        .select(1, columns.chosen())
        .reshape(rows.queries(), rows.keys(), columns.queries(), columns.keys(), heads)
        .permute(4, 0, 2, 1, 3)
        .reshape(heads, rows.queries() * columns.queries(), rows.keys() * columns.keys());
  }
}
