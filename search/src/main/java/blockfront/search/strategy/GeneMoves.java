package blockfront.search.strategy;

import blockfront.search.space.ChoiceChromosome;
import blockfront.search.space.ChoiceGene;
import io.jenetics.Alterer;
import io.jenetics.AltererResult;
import io.jenetics.Chromosome;
import io.jenetics.Genotype;
import io.jenetics.Phenotype;
import io.jenetics.ext.moea.Vec;
import io.jenetics.util.ISeq;
import io.jenetics.util.MSeq;
import io.jenetics.util.RandomRegistry;
import io.jenetics.util.Seq;
import java.util.random.RandomGenerator;

/**
 * Moves genes to another choice: each with the same probability, independently of the others, and
 * at least one. Jenetics' own mutator moves them in clumps.
 *
 * @param moved genes of a genome on average, at least
 */
record GeneMoves(double moved) implements Alterer<ChoiceGene, Vec<double[]>> {

  @Override
  public AltererResult<ChoiceGene, Vec<double[]>> alter(
      Seq<Phenotype<ChoiceGene, Vec<double[]>>> population, long generation) {
    RandomGenerator random = RandomRegistry.random();
    ISeq<Phenotype<ChoiceGene, Vec<double[]>>> altered =
        population.stream()
            .map(
                each ->
                    Phenotype.<ChoiceGene, Vec<double[]>>of(
                        Genotype.of(moved(each.genotype().chromosome(), random)), generation))
            .collect(ISeq.toISeq());
    return new AltererResult<>(altered, population.length());
  }

  private Chromosome<ChoiceGene> moved(Chromosome<ChoiceGene> chromosome, RandomGenerator random) {
    MSeq<ChoiceGene> genes = MSeq.of(chromosome);
    double probability = Math.min(1, moved / genes.length());
    boolean any = false;
    for (int i = 0; i < genes.length(); i++) {
      if (random.nextDouble() < probability) {
        genes.set(i, genes.get(i).moved(random));
        any = true;
      }
    }
    if (!any) {
      int one = random.nextInt(genes.length());
      genes.set(one, genes.get(one).moved(random));
    }
    return new ChoiceChromosome(genes.toISeq());
  }
}
