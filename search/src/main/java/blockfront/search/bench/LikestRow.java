package blockfront.search.bench;

import blockfront.search.space.Genome.Gene;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Finds the row of a table that is most like given choices: an unordered choice is like only
 * itself, an ordered one the less the farther apart, at most as little as an unordered one. Rows
 * are kept sorted, so that all that begin alike are left out together once they are too far away.
 */
final class LikestRow {

  private final List<Gene> genes;
  private final int[][] choices; // [row][gene]
  private final int[] order; // rows in the order of their choices

  /**
   * Of these rows.
   *
   * @param rows the choices of each, all different
   */
  LikestRow(List<Gene> genes, List<List<Integer>> rows) {
    this.genes = genes;
    this.choices =
        rows.stream()
            .map(row -> row.stream().mapToInt(Integer::intValue).toArray())
            .toArray(int[][]::new);
    this.order = new int[choices.length];
    var sorted = new Integer[choices.length];
    Arrays.setAll(sorted, i -> i);
    Arrays.sort(sorted, Comparator.comparing((Integer row) -> choices[row], Arrays::compare));
    Arrays.setAll(order, i -> sorted[i]);
  }

  /**
   * The likest row. Of rows as like, one that depends on the choices only, so that none is favoured
   * by where it stands.
   */
  int of(List<Integer> wanted) {
    var search = new Search(wanted);
    search.among(0, order.length, 0, 0);
    return search.best;
  }

  /** One question. */
  private final class Search {
    private final int[] wanted;
    private final int first;
    private double least = Double.POSITIVE_INFINITY;
    private int best;

    Search(List<Integer> wanted) {
      this.wanted = wanted.stream().mapToInt(Integer::intValue).toArray();
      this.first = Math.floorMod(wanted.hashCode() * 0x9e3779b9, choices.length);
    }

    /**
     * Looks at a range of sorted rows that are alike up to a gene.
     *
     * @param distance of what they are alike in
     */
    void among(int from, int to, int gene, double distance) {
      if (distance > least) {
        return;
      }
      if (gene == wanted.length) {
        take(order[from], distance);
        return;
      }
      int same = lowest(from, to, gene, wanted[gene]);
      int end = lowest(same, to, gene, wanted[gene] + 1);
      if (same < end) {
        among(same, end, gene + 1, distance); // first, since what is near rules out most
      }
      int at = from;
      while (at < to) {
        int allele = choices[order[at]][gene];
        int next = lowest(at, to, gene, allele + 1);
        if (allele != wanted[gene]) {
          among(at, next, gene + 1, distance + apart(gene, allele));
        }
        at = next;
      }
    }

    private void take(int row, double distance) {
      if (distance < least || after(row) < after(best)) {
        least = distance;
        best = row;
      }
    }

    private int after(int row) {
      return Math.floorMod(row - first, choices.length);
    }

    private double apart(int gene, int allele) {
      Gene of = genes.get(gene);
      return of.ordinal()
          ? (double) Math.abs(allele - wanted[gene]) / Math.max(1, of.choices() - 1)
          : 1;
    }
  }

  /** The first of a range of sorted rows with at least this choice; the end if there is none. */
  private int lowest(int from, int to, int gene, int allele) {
    int low = from;
    int high = to;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (choices[order[middle]][gene] < allele) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
