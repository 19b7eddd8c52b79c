package blockfront.search.strategy;

import blockfront.search.space.ChoiceGene;
import io.jenetics.Optimize;
import io.jenetics.Phenotype;
import io.jenetics.Selector;
import io.jenetics.ext.moea.Vec;
import io.jenetics.util.ISeq;
import io.jenetics.util.Seq;
import java.util.ArrayList;
import java.util.List;

/**
 * Survivors front by front; of the front that does not fit, the most crowded leaves first, one at a
 * time, distances measured anew each time.
 */
final class CrowdedFronts implements Selector<ChoiceGene, Vec<double[]>> {

  @Override
  public ISeq<Phenotype<ChoiceGene, Vec<double[]>>> select(
      Seq<Phenotype<ChoiceGene, Vec<double[]>>> population, int count, Optimize optimize) {
    if (optimize != Optimize.MINIMUM) {
      throw new IllegalArgumentException("Crowded fronts minimise, asked for " + optimize);
    }
    List<double[]> points = population.stream().map(each -> each.fitness().data()).toList();
    var chosen = new ArrayList<Integer>();
    for (List<Integer> front : Dominance.fronts(points)) {
      var rest = new ArrayList<>(front);
      while (chosen.size() + rest.size() > count && !rest.isEmpty()) {
        rest.remove(mostCrowded(rest.stream().map(points::get).toList()));
      }
      chosen.addAll(rest);
    }
    return chosen.stream().map(population::get).collect(ISeq.toISeq());
  }

  private static int mostCrowded(List<double[]> front) {
    double[] distance = Dominance.crowding(front);
    int least = 0;
    for (int i = 1; i < distance.length; i++) {
      if (distance[i] <= distance[least]) {
        least = i; // of equals the newest
      }
    }
    return least;
  }
}
