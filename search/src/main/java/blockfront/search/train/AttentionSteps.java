package blockfront.search.train;

import blockfront.search.train.kernel.ScoreTile;
import blockfront.search.train.kernel.Softmax;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Attention and its gradients, some queries at a time: their scores with all keys are made in a
 * tile that stays in a cache, and made anew in the backward pass from what is kept of each row, its
 * greatest score and the sum of its exponentials. Where all scores of a head fit into one tile,
 * their weights are kept instead: that is faster there, and the memory has a bound.
 */
final class AttentionSteps {

  /** Scores of a tile: a quarter of a second-level cache of one megabyte. */
  private static final int TILE = 1 << 16;

  private final int items;
  private final int queries;
  private final int keys;
  private final int size;
  private final int valueSize;
  private final boolean causal;
  private final Operand query;
  private final Operand key;
  private final Operand value;
  private final Optional<Bias> mask;

  /**
   * One matrix for each example and leading index.
   *
   * @param at address of the first
   * @param offsets in bytes, to each matrix
   * @param factor what its elements are multiplied by when they are read or written
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody else has it
  record Operand(long at, long[] offsets, Matrices matrices, float factor) {

    long row(int item, int row) {
      return at + offsets[item] + (((long) row * (transposed() ? 1 : stride())) << 2);
    }

    boolean transposed() {
      return matrices.transposed();
    }

    int stride() {
      return matrices.rowStride();
    }
  }

  /**
   * What is added to the scores.
   *
   * @param matrices how many there are, one or one for each leading index
   */
  record Bias(MemorySegment values, int matrices) {}

  /**
   * What is attended to.
   *
   * @param items examples times leading indices
   * @param size of a query or key
   */
  AttentionSteps(
      int items,
      int queries,
      int keys,
      int size,
      int valueSize,
      boolean causal,
      Operand query,
      Operand key,
      Operand value,
      Optional<Bias> mask) {
    this.items = items;
    this.queries = queries;
    this.keys = keys;
    this.size = size;
    this.valueSize = valueSize;
    this.causal = causal;
    this.query = query;
    this.key = key;
    this.value = value;
    this.mask = mask;
  }

  /** Numbers of a tile of scores. */
  static long tileElements(int queries, int keys) {
    return (long) tileRows(queries, keys) * keys;
  }

  /** Queries at a time, in tiles as equal as can be. */
  private static int tileRows(int queries, int keys) {
    int most = Math.clamp(TILE / keys, 1, queries);
    return Math.ceilDiv(queries, Math.ceilDiv(queries, most));
  }

  /** Whether the forward pass leaves the weights themselves to the backward pass. */
  private static boolean keeps(int queries, int keys) {
    return (long) queries * keys <= TILE;
  }

  /** Numbers that the forward pass leaves to the backward pass. */
  static long kept(int items, int queries, int keys) {
    return keeps(queries, keys) ? (long) items * queries * keys : 2L * items * queries;
  }

  /**
   * Attends.
   *
   * @param tile scratch, {@link #tileElements}
   * @param kept takes {@link #kept} numbers, where there is a backward pass
   */
  Runnable forward(Operand result, MemorySegment tile, Optional<MemorySegment> kept) {
    Tile[] tiles = tiles();
    var scores = new Blas.Product[tiles.length];
    var results = new Blas.Product[tiles.length];
    for (int i = 0; i < tiles.length; i++) {
      scores[i] = scores(tiles[i]);
      results[i] =
          new Blas.Product(
              false,
              value.transposed(),
              tiles[i].count(),
              valueSize,
              tiles[i].seen(),
              tiles[i].seen(),
              value.stride(),
              result.stride(),
              value.factor() * result.factor());
    }
    if (kept.isPresent() && keeps(queries, keys)) {
      MemorySegment weights = kept.get();
      return () -> {
        for (int item = 0; item < items; item++) {
          MemorySegment each = matrix(weights, item);
          score(item, tiles[0], scores[0], each);
          tiles[0].scores().weigh(each);
          results[0].run(each.address(), value.row(item, 0), result.row(item, 0), 0);
        }
      };
    }
    long at = tile.address();
    return () -> {
      for (int item = 0; item < items; item++) {
        for (int i = 0; i < tiles.length; i++) {
          int first = tiles[i].first();
          score(item, tiles[i], scores[i], tile);
          if (kept.isPresent()) {
            tiles[i].scores().weigh(tile, kept.get(), (long) item * queries + first);
          } else {
            tiles[i].scores().weigh(tile);
          }
          results[i].run(at, value.row(item, 0), result.row(item, first), 0);
        }
      }
    };
  }

  /**
   * The gradients of queries, keys and values.
   *
   * @param upstream gradient of the result
   * @param tile scratch, twice {@link #tileElements}
   * @param kept what the forward pass left
   */
  Runnable backward(
      Operand upstream,
      Operand ofQuery,
      Operand ofKey,
      Operand ofValue,
      MemorySegment tile,
      MemorySegment kept) {
    Tile[] tiles = tiles();
    var scores = new Blas.Product[tiles.length];
    var weights = new Blas.Product[tiles.length];
    var toQuery = new Blas.Product[tiles.length];
    var toKey = new Blas.Product[tiles.length];
    var toValue = new Blas.Product[tiles.length];
    for (int i = 0; i < tiles.length; i++) {
      int count = tiles[i].count();
      int seen = tiles[i].seen();
      scores[i] = scores(tiles[i]);
      weights[i] =
          new Blas.Product(
              upstream.transposed(),
              !value.transposed(),
              count,
              seen,
              valueSize,
              upstream.stride(),
              value.stride(),
              seen,
              upstream.factor() * value.factor());
      toQuery[i] =
          new Blas.Product(
              false,
              key.transposed(),
              count,
              size,
              seen,
              seen,
              key.stride(),
              ofQuery.stride(),
              key.factor() * ofQuery.factor());
      toKey[i] =
          new Blas.Product(
              true,
              query.transposed(),
              seen,
              size,
              count,
              seen,
              query.stride(),
              ofKey.stride(),
              query.factor() * ofKey.factor());
      toValue[i] =
          new Blas.Product(
              true,
              upstream.transposed(),
              seen,
              valueSize,
              count,
              seen,
              upstream.stride(),
              ofValue.stride(),
              upstream.factor() * ofValue.factor());
    }
    MemorySegment ofScores = tile.asSlice(tileElements(queries, keys) << 2);
    boolean whole = keeps(queries, keys);
    long gradientAt = ofScores.address();
    return () -> {
      for (int item = 0; item < items; item++) {
        // the last tile sees all keys, and is where sums over queries begin
        for (int i = tiles.length - 1; i >= 0; i--) {
          int first = tiles[i].first();
          float sum = i == tiles.length - 1 ? 0 : 1;
          weights[i].run(upstream.row(item, first), value.row(item, 0), gradientAt, 0);
          long at = tile.address();
          if (whole) {
            MemorySegment each = matrix(kept, item);
            at = each.address();
            Softmax.gradient(each, ofScores, ofScores, queries, keys);
          } else {
            score(item, tiles[i], scores[i], tile);
            tiles[i].scores().gradient(tile, ofScores, kept, (long) item * queries + first);
          }
          toValue[i].run(at, upstream.row(item, first), ofValue.row(item, 0), sum);
          toQuery[i].run(gradientAt, key.row(item, 0), ofQuery.row(item, first), 0);
          toKey[i].run(gradientAt, query.row(item, first), ofKey.row(item, 0), sum);
        }
      }
    };
  }

  /**
   * Some queries.
   *
   * @param seen keys that any of them sees
   */
  private record Tile(int first, int count, int seen, ScoreTile scores) {}

  private MemorySegment matrix(MemorySegment weights, int item) {
    long bytes = ((long) queries * keys) << 2;
    return weights.asSlice(item * bytes, bytes);
  }

  private Tile[] tiles() {
    int rows = tileRows(queries, keys);
    var tiles = new Tile[Math.ceilDiv(queries, rows)];
    for (int i = 0; i < tiles.length; i++) {
      int first = i * rows;
      int last = Math.min(first + rows, queries);
      int seen = causal ? last : keys;
      tiles[i] =
          new Tile(
              first,
              last - first,
              seen,
              new ScoreTile(last - first, seen, causal ? first + 1 : seen, causal ? 1 : 0));
    }
    return tiles;
  }

  private Blas.Product scores(Tile tile) {
    return new Blas.Product(
        query.transposed(),
        !key.transposed(),
        tile.count(),
        tile.seen(),
        size,
        query.stride(),
        key.stride(),
        tile.seen(),
        query.factor() * key.factor());
  }

  private void score(int item, Tile tile, Blas.Product product, MemorySegment scores) {
    if (mask.isPresent()) {
      Bias bias = mask.get();
      long from = (long) (item % bias.matrices()) * queries + tile.first();
      MemorySegment.copy(
          bias.values(), (from * keys) << 2, scores, 0, ((long) tile.count() * keys) << 2);
    }
    product.run(
        query.row(item, tile.first()),
        key.row(item, 0),
        scores.address(),
        mask.isPresent() ? 1 : 0);
  }
}
