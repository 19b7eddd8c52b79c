package blockfront.search.strategy;

import blockfront.search.space.Genome;
import blockfront.search.space.Genome.Gene;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * First proposals in which every gene shows each of its choices equally often: a Latin hypercube of
 * choices. What they mean may be the same nevertheless.
 */
final class Start {

  private final List<List<Integer>> rows;

  /** So many, always the same for a seed. */
  Start(Genome genome, int count, long seed) {
    var random = new SplittableRandom(seed).split();
    var columns = new ArrayList<int[]>();
    for (Gene gene : genome.genes()) {
      var column = new int[count];
      int offset = random.nextInt(gene.choices());
      for (int i = 0; i < count; i++) {
        // where choices are many, the ends and what is evenly between
        column[i] =
            (int)
                ((i * (long) gene.choices() / Math.min(count, gene.choices()) + offset)
                    % gene.choices());
      }
      for (int last = count - 1; last > 0; last--) {
        int other = random.nextInt(last + 1);
        int kept = column[last];
        column[last] = column[other];
        column[other] = kept;
      }
      columns.add(column);
    }
    rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int row = i;
      rows.add(columns.stream().map(column -> column[row]).toList());
    }
  }

  int size() {
    return rows.size();
  }

  List<Integer> row(int index) {
    return rows.get(index);
  }
}
