package blockfront.search.strategy;

import blockfront.search.space.ChoiceGene;
import io.jenetics.Optimize;
import io.jenetics.Phenotype;
import io.jenetics.Selector;
import io.jenetics.ext.moea.Vec;
import io.jenetics.util.ISeq;
import io.jenetics.util.MSeq;
import io.jenetics.util.RandomRegistry;
import io.jenetics.util.Seq;
import java.util.List;
import java.util.random.RandomGenerator;

/** Parents: of some drawn alike, one of the best front, and of those the least crowded. */
final class CrowdedTournament implements Selector<ChoiceGene, Vec<double[]>> {

  private final int size;

  /**
   * Of so many at a time.
   *
   * @param size at least 1
   */
  CrowdedTournament(int size) {
    this.size = size;
  }

  @Override
  public ISeq<Phenotype<ChoiceGene, Vec<double[]>>> select(
      Seq<Phenotype<ChoiceGene, Vec<double[]>>> population, int count, Optimize optimize) {
    if (optimize != Optimize.MINIMUM) {
      throw new IllegalArgumentException("A crowded tournament minimises, asked for " + optimize);
    }
    RandomGenerator random = RandomRegistry.random();
    List<double[]> points = population.stream().map(each -> each.fitness().data()).toList();
    var rank = new int[points.size()];
    var distance = new double[points.size()];
    List<List<Integer>> fronts = Dominance.fronts(points);
    for (int i = 0; i < fronts.size(); i++) {
      List<Integer> front = fronts.get(i);
      double[] crowding = Dominance.crowding(front.stream().map(points::get).toList());
      for (int j = 0; j < front.size(); j++) {
        rank[front.get(j)] = i;
        distance[front.get(j)] = crowding[j];
      }
    }
    MSeq<Phenotype<ChoiceGene, Vec<double[]>>> winners = MSeq.ofLength(count);
    for (int i = 0; i < count; i++) {
      int winner = random.nextInt(points.size());
      for (int j = 1; j < size; j++) {
        int rival = random.nextInt(points.size());
        if (rank[rival] < rank[winner]
            || (rank[rival] == rank[winner] && distance[rival] > distance[winner])) {
          winner = rival;
        }
      }
      winners.set(i, population.get(winner));
    }
    return winners.toISeq();
  }
}
