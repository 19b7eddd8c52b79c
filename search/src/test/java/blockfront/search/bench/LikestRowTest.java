package blockfront.search.bench;

import static org.assertj.core.api.Assertions.assertThat;

import blockfront.search.space.Genome.Gene;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LikestRowTest {

  private static final List<Gene> GENES =
      List.of(
          new Gene("kind", 4, false),
          new Gene("width", 9, true),
          new Gene("one", 1, true),
          new Gene("depth", 5, true),
          new Gene("norm", 3, false),
          new Gene("head", 6, false));

  private static List<Integer> drawn(SplittableRandom random) {
    return GENES.stream().map(gene -> random.nextInt(gene.choices())).toList();
  }

  private static double distance(List<Integer> one, List<Integer> other) {
    double distance = 0;
    for (int i = 0; i < GENES.size(); i++) {
      int apart = Math.abs(one.get(i) - other.get(i));
      distance +=
          GENES.get(i).ordinal()
              ? (double) apart / Math.max(1, GENES.get(i).choices() - 1)
              : Math.min(1, apart);
    }
    return distance;
  }

  private static List<List<Integer>> rows(SplittableRandom random, int count) {
    var rows = new LinkedHashSet<List<Integer>>();
    while (rows.size() < count) {
      rows.add(drawn(random));
    }
    return new ArrayList<>(rows);
  }

  @Test
  void noRowIsLiker() {
    var random = new SplittableRandom(1);
    for (int count : new int[] {1, 2, 30, 300}) {
      List<List<Integer>> rows = rows(random, count);
      var likest = new LikestRow(GENES, rows);
      for (int i = 0; i < 300; i++) {
        List<Integer> wanted = drawn(random);
        double least = rows.stream().mapToDouble(row -> distance(wanted, row)).min().orElseThrow();
        assertThat(distance(wanted, rows.get(likest.of(wanted)))).isEqualTo(least);
      }
    }
  }

  @Test
  void ofRowsAsLikeNoneIsFavoured() {
    // all but the first gene alike, so each of the twenty kinds missing is as far from every row
    List<Gene> genes = List.of(new Gene("kind", 40, false), new Gene("width", 50, true));
    List<List<Integer>> rows = IntStream.range(0, 20).mapToObj(kind -> List.of(kind, 0)).toList();
    var likest = new LikestRow(genes, rows);
    long found =
        IntStream.range(20, 40)
            .boxed()
            .flatMap(kind -> IntStream.range(0, 50).mapToObj(width -> List.of(kind, width)))
            .map(likest::of)
            .distinct()
            .count();
    assertThat(found).isEqualTo(20);
  }
}
