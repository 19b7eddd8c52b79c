package blockfront.search.strategy;

import blockfront.blocks.network.Architecture;
import blockfront.search.space.ArchitectureJson;
import blockfront.search.space.ChoiceGene;
import blockfront.search.space.GenomeCodec;
import io.jenetics.Genotype;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * New networks of a space: remembers what was proposed, decided on the network and not on the
 * genes, and knows when nothing is left.
 */
final class Proposals {

  private static final int DRAWS = 200;

  /** Spaces of up to so many genotypes are searched through to the end. */
  private static final BigInteger ENUMERABLE = BigInteger.valueOf(200_000);

  private final GenomeCodec codec;
  private final long seed;
  private final Set<String> proposed = new HashSet<>();
  private long asked;
  private long enumerated;
  private boolean exhausted;

  /** Genes of a network that was never proposed. */
  record Fresh(long askIndex, Genotype<ChoiceGene> genotype, Architecture architecture) {}

  Proposals(GenomeCodec codec, long seed) {
    this.codec = codec;
    this.seed = seed;
  }

  /**
   * Draws until something new comes; each question has a generator of its own.
   *
   * @param draw genes from a generator
   */
  Optional<Fresh> next(Function<RandomGenerator, Genotype<ChoiceGene>> draw) {
    long index = asked++;
    RandomGenerator random = generator(index);
    for (int i = 0; i < DRAWS; i++) {
      Optional<Fresh> fresh = fresh(index, draw.apply(random));
      if (fresh.isPresent()) {
        return fresh;
      }
    }
    return enumerate(index);
  }

  boolean exhausted() {
    return exhausted;
  }

  private RandomGenerator generator(long index) {
    // two rounds of splitting keep neighbouring questions apart
    return new SplittableRandom(new SplittableRandom(seed).nextLong() + index * 0x9e3779b97f4a7c15L)
        .split();
  }

  private Optional<Fresh> fresh(long index, Genotype<ChoiceGene> genotype) {
    Architecture architecture = codec.decode(genotype);
    return proposed.add(ArchitectureJson.id(architecture))
        ? Optional.of(new Fresh(index, genotype, architecture))
        : Optional.empty();
  }

  /** When draws find nothing new: every genotype in turn, if they can be counted through. */
  private Optional<Fresh> enumerate(long index) {
    if (codec.size().compareTo(ENUMERABLE) > 0) {
      exhausted = true;
      return Optional.empty();
    }
    long size = codec.size().longValueExact();
    while (enumerated < size) {
      Optional<Fresh> fresh = fresh(index, genotype(enumerated++));
      if (fresh.isPresent()) {
        return fresh;
      }
    }
    exhausted = true;
    return Optional.empty();
  }

  private Genotype<ChoiceGene> genotype(long number) {
    List<Integer> alleles = new ArrayList<>();
    long rest = number;
    for (int choices : codec.cardinalities()) {
      alleles.add((int) (rest % choices));
      rest /= choices;
    }
    return codec.genotype(alleles);
  }
}
