package blockfront.search.space;

import io.jenetics.Chromosome;
import io.jenetics.util.ISeq;

/** All genes of a network in one chromosome, so that crossover can mix them freely. */
public record ChoiceChromosome(ISeq<ChoiceGene> genes) implements Chromosome<ChoiceGene> {

  @Override
  public ChoiceGene get(int index) {
    return genes.get(index);
  }

  @Override
  public int length() {
    return genes.length();
  }

  @Override
  public boolean isValid() {
    return genes.forAll(ChoiceGene::isValid);
  }

  @Override
  public Chromosome<ChoiceGene> newInstance(ISeq<ChoiceGene> other) {
    return new ChoiceChromosome(other);
  }

  @Override
  public Chromosome<ChoiceGene> newInstance() {
    return new ChoiceChromosome(genes.map(ChoiceGene::newInstance));
  }
}
