package blockfront.blocks.mixer;

import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import java.util.Optional;

/**
 * A grid cut into tiles of one size, whose tokens attend to each other.
 *
 * <p>A grid that tiles do not fill is padded at the bottom and right; no token attends to padding.
 * Tiles may lie shifted down and to the right; what is cut off at the bottom and right is then one
 * tile with what is left over at the top and left, yet neither attends to the other.
 *
 * @param rows of the grid
 * @param columns of the grid
 * @param height of a tile
 * @param width of a tile
 * @param shift rows and columns that tiles lie lower and further right
 */
record Tiles(int rows, int columns, int height, int width, int shift) {

  /** Tiles from the top left corner. */
  static Tiles of(Tensor grid, int height, int width) {
    return of(grid, height, width, 0);
  }

  static Tiles of(Tensor grid, int height, int width, int shift) {
    Shape shape = grid.shape();
    var tiles = new Tiles(shape.size(0), shape.size(1), height, width, shift);
    if (tiles.padded()) {
      Scope.repaired(
          "Tiles of %dx%d do not fill a grid of %dx%d; padded it to %dx%d"
              .formatted(
                  height,
                  width,
                  tiles.rows,
                  tiles.columns,
                  tiles.paddedRows(),
                  tiles.paddedColumns()));
    }
    return tiles;
  }

  int count() {
    return paddedRows() / height * (paddedColumns() / width);
  }

  int tokens() {
    return height * width;
  }

  /** From {@code [rows, columns, channels]} to {@code [tiles, tokens, channels]}. */
  Tensor cut(Tensor grid) {
    int channels = grid.shape().size(2);
    Tensor padded = grid.pad(0, 0, paddedRows() - rows).pad(1, 0, paddedColumns() - columns);
    return rolled(rolled(padded, 0, shift), 1, shift)
        .reshape(paddedRows() / height, height, paddedColumns() / width, width, channels)
        .permute(0, 2, 1, 3, 4)
        .reshape(count(), tokens(), channels);
  }

  /** From {@code [tiles, tokens, channels]} to {@code [rows, columns, channels]}. */
  Tensor joined(Tensor tiles) {
    int channels = tiles.shape().size(2);
    Tensor grid =
        tiles
            .reshape(paddedRows() / height, paddedColumns() / width, height, width, channels)
            .permute(0, 2, 1, 3, 4)
            .reshape(paddedRows(), paddedColumns(), channels);
    Tensor back = rolled(rolled(grid, 0, paddedRows() - shift), 1, paddedColumns() - shift);
    return back.slice(0, 0, rows).slice(1, 0, columns);
  }

  /**
   * Attention within each tile.
   *
   * @param query a grid {@code [rows, columns, channels]}, as are key and value
   * @param bias of the scores, {@code [heads, tokens, tokens]}
   * @return {@code [tiles, tokens, channels]}
   */
  Tensor attend(Tensor query, Tensor key, Tensor value, int heads, Optional<Tensor> bias) {
    return attend(
        split(cut(query), heads), split(cut(key), heads), split(cut(value), heads), bias, mask());
  }

  /**
   * Attention of tiles, {@code [tiles, heads, tokens, channels of a head]} each.
   *
   * @param mask of the scores, {@code [tiles, 1, tokens, tokens]}
   * @return {@code [tiles, tokens, channels]}
   */
  static Tensor attend(
      Tensor query, Tensor key, Tensor value, Optional<Tensor> bias, Optional<Tensor> mask) {
    double scale = 1 / Math.sqrt(query.shape().size(3));
    Tensor scores = query.times(scale).matmulTransposed(key); // [tiles, heads, tokens, tokens]
    Tensor biased = bias.map(scores::plus).orElse(scores);
    Tensor masked = mask.map(biased::plus).orElse(biased);
    return joinedHeads(masked.softmax().matmul(value));
  }

  /** From {@code [tiles, tokens, channels]} to heads. */
  static Tensor split(Tensor tiles, int heads) {
    Shape shape = tiles.shape();
    return tiles
        .reshape(shape.size(0), shape.size(1), heads, shape.size(2) / heads)
        .permute(0, 2, 1, 3);
  }

  private static Tensor joinedHeads(Tensor x) {
    Shape shape = x.shape();
    return x.permute(0, 2, 1, 3)
        .reshape(shape.size(0), shape.size(2), shape.size(1) * shape.size(3));
  }

  /** Minus infinity where a token may not see another; absent if all of a tile may. */
  Optional<Tensor> mask() {
    if (!padded() && shift == 0) {
      return Optional.empty();
    }
    int tokens = tokens();
    Values values =
        Values.of(
            count() * tokens * tokens,
            i -> {
              int tile = i / (tokens * tokens);
              int query = i / tokens % tokens;
              int key = i % tokens;
              boolean seen =
                  along(rows, paddedRows(), row(tile, query), row(tile, key))
                      && along(columns, paddedColumns(), column(tile, query), column(tile, key));
              return seen ? 0 : Double.NEGATIVE_INFINITY;
            });
    return Optional.of(Tensor.constant(values, count(), 1, tokens, tokens));
  }

  /** Whether a key is no padding and on the same side of the edge as the query, along one axis. */
  private boolean along(int size, int padded, int query, int key) {
    boolean over = query + shift >= padded;
    boolean keyOver = key + shift >= padded;
    return over == keyOver && (key + shift) % padded < size;
  }

  /** Of a token in the padded and rolled grid. */
  private int row(int tile, int token) {
    return tile / (paddedColumns() / width) * height + token / width;
  }

  private int column(int tile, int token) {
    return tile % (paddedColumns() / width) * width + token % width;
  }

  private boolean padded() {
    return paddedRows() != rows || paddedColumns() != columns;
  }

  int paddedRows() {
    return Math.ceilDiv(rows, height) * height;
  }

  int paddedColumns() {
    return Math.ceilDiv(columns, width) * width;
  }

  /** What was at an index is now {@code by} before it, around the edge. */
  private static Tensor rolled(Tensor x, int axis, int by) {
    int size = x.shape().size(axis);
    return by % size == 0
        ? x
        : Tensor.concatenate(axis, x.slice(axis, by, size), x.slice(axis, 0, by));
  }
}
