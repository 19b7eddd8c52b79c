package blockfront.blocks.technique;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import java.util.ArrayList;
import java.util.List;

/**
 * Fewer tokens: of two halves, the tokens of one that are most alike to one of the other become one
 * with it, weighted by how many each stands for.
 *
 * @param tokens {@code [tokens, channels]}: what is left of the first half, then the second
 * @param sizes {@code [tokens, 1]}: of how many tokens each was made; {@link #bias} adds their
 *     logarithms to the scores of attention, as if all were still there
 */
public record TokenMerging(Tensor tokens, Tensor sizes) {

  /** Before any merging: each token stands for itself. */
  public static TokenMerging of(Tensor tokens) {
    int count = tokens.shape().size(0);
    return new TokenMerging(tokens, Tensor.constant(Values.of(count, _ -> 1), count, 1));
  }

  /** To be added to attention scores {@code [.., queries, keys]}. */
  public Tensor bias() {
    return sizes.apply(Function.LOG).permute(1, 0);
  }

  /**
   * Merges.
   *
   * @param keys by which tokens are compared, {@code [tokens, any]}: the mean key of all heads
   * @param merged tokens fewer; at most half of them can go
   */
  public TokenMerging merge(Tensor keys, int merged) {
    int count = tokens.shape().size(0);
    int half = Math.ceilDiv(count, 2);
    int fewer = Math.min(merged, count - half);
    if (fewer == 0) {
      return this;
    }
    List<Integer> even = every(0, count);
    List<Integer> odd = every(1, count);
    Tensor unit = normalised(keys);
    Tensor alike = unit.select(0, even).matmulTransposed(unit.select(0, odd)); // [a, b]
    Tensor best = greatest(alike);
    Tensor link = alike.times(best).sum(1); // [a, 1]
    Tensor goes = among(link, fewer);
    Tensor stays = goes.times(-1).plus(1);
    Tensor kept = places(stays, even.size() - fewer); // [left, a]
    Tensor joins = best.times(goes).permute(1, 0); // [b, a]
    Tensor all = tokens.times(sizes);
    Tensor sums = moved(all, even, odd, kept, joins);
    Tensor newSizes = moved(sizes, even, odd, kept, joins);
    return new TokenMerging(sums.dividedBy(newSizes), newSizes);
  }

  private static Tensor moved(
      Tensor x, List<Integer> even, List<Integer> odd, Tensor kept, Tensor joins) {
    Tensor first = x.select(0, even);
    return Tensor.concatenate(0, kept.matmul(first), x.select(0, odd).plus(joins.matmul(first)));
  }

  private static List<Integer> every(int from, int count) {
    var indices = new ArrayList<Integer>();
    for (int i = from; i < count; i += 2) {
      indices.add(i);
    }
    return indices;
  }

  private static Tensor normalised(Tensor x) {
    Tensor length = x.apply(Function.SQUARE).sum(1).plus(1e-12).apply(Function.SQRT);
    return x.dividedBy(length);
  }

  /** 1 at the greatest of each row, the first of equals. */
  private static Tensor greatest(Tensor x) {
    return beaten(x).times(-1).plus(1).apply(Function.STEP);
  }

  /** By how many of its row each number is beaten. */
  private static Tensor beaten(Tensor x) {
    int rows = x.shape().size(0);
    int columns = x.shape().size(1);
    Tensor mine = x.reshape(rows, columns, 1);
    Tensor theirs = x.reshape(rows, 1, columns);
    Tensor less = theirs.minus(mine).apply(Function.STEP);
    Tensor more = mine.minus(theirs).apply(Function.STEP);
    Tensor equal = less.plus(more).times(-1).plus(1);
    Tensor earlier =
        Tensor.constant(
            Values.of(columns * columns, i -> i % columns < i / columns ? 1 : 0), columns, columns);
    return less.plus(equal.times(earlier)).sum(2).reshape(rows, columns);
  }

  /** 1 for so many of the greatest of a column. */
  private static Tensor among(Tensor column, int count) {
    int rows = column.shape().size(0);
    Tensor rank = beaten(column.reshape(1, rows)).reshape(rows, 1);
    return rank.times(-1).plus(count - 0.5).apply(Function.STEP);
  }

  /** A row for each place, with a 1 at the token that comes there: those that stay, in order. */
  private static Tensor places(Tensor stays, int count) {
    int tokens = stays.shape().size(0);
    Tensor before =
        Tensor.constant(
            Values.of(tokens * tokens, i -> i % tokens < i / tokens ? 1 : 0), tokens, tokens);
    Tensor place = before.matmul(stays).permute(1, 0); // [1, tokens]
    Tensor numbers = Tensor.constant(Values.of(count, i -> i), count, 1);
    Tensor near = place.minus(numbers).apply(Function.ABS).times(-1).plus(1);
    return near.apply(Function.RELU).times(stays.permute(1, 0));
  }
}
