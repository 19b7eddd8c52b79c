package blockfront.search.space;

import io.jenetics.Genotype;
import io.jenetics.util.ISeq;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Genes and what they stand for: all that a strategy knows of what it searches. Alleles are the
 * indices of the choices, one for each gene in order.
 */
public interface Genome {

  /**
   * What one gene chooses.
   *
   * @param name unique in its genome, for people
   * @param choices how many there are
   * @param ordinal whether neighbouring choices are alike
   */
  record Gene(String name, int choices, boolean ordinal) {

    public Gene {
      if (choices < 1) {
        throw new IllegalArgumentException(
            "Gene '%s' needs at least 1 choice, got %d".formatted(name, choices));
      }
    }
  }

  List<Gene> genes();

  /** The same text for alleles that mean the same, and for no others. */
  String identity(List<Integer> alleles);

  /** Alleles that mean the same, with every gene that acts on nothing at its first choice. */
  List<Integer> canonical(List<Integer> alleles);

  /** Alleles worth a look before all others, the most promising first. */
  default List<List<Integer>> priors() {
    return List.of();
  }

  /** All that the genes can mean, each in canonical form; empty if it is not listed anywhere. */
  default Optional<List<List<Integer>>> listed() {
    return Optional.empty();
  }

  /** Different genotypes; several may mean the same. */
  default BigInteger size() {
    return genes().stream()
        .map(gene -> BigInteger.valueOf(gene.choices()))
        .reduce(BigInteger.ONE, BigInteger::multiply);
  }

  /** The alleles as genes that Jenetics can cross and move. */
  default Genotype<ChoiceGene> genotype(List<Integer> alleles) {
    List<Gene> genes = genes();
    if (alleles.size() != genes.size()) {
      throw new IllegalArgumentException(
          "A genome of %d genes got %d alleles".formatted(genes.size(), alleles.size()));
    }
    var sequence = new ArrayList<ChoiceGene>();
    for (int i = 0; i < genes.size(); i++) {
      sequence.add(new ChoiceGene(alleles.get(i), genes.get(i).choices(), genes.get(i).ordinal()));
    }
    return Genotype.of(new ChoiceChromosome(ISeq.of(sequence)));
  }

  /** The alleles of a genotype. */
  static List<Integer> alleles(Genotype<ChoiceGene> genotype) {
    return genotype.chromosome().stream().map(ChoiceGene::allele).toList();
  }
}
