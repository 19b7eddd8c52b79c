package blockfront.search.strategy;

import blockfront.search.space.Genome;
import blockfront.search.space.Genome.Gene;
import blockfront.search.strategy.SearchStrategy.Proposal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * The proposals of one strategy: remembers what was proposed, decided on what genes mean and not on
 * the genes, which proposals are in flight, and whether anything is left.
 */
final class Proposals {

  /** Draws before others than those asked for are taken. */
  private static final int DRAWS = 100;

  private static final int PLAIN_DRAWS = 2_000;

  /** Genomes of up to so many genotypes are searched through to the end. */
  private static final BigInteger ENUMERABLE = BigInteger.valueOf(200_000);

  private final Genome genome;
  private final List<Gene> genes;
  private final List<List<Integer>> priors;
  private final long seed;
  private final Set<String> proposed = new HashSet<>();
  private final Map<Long, Proposal> inFlight = new LinkedHashMap<>();
  private final Set<Long> told = new HashSet<>();
  private long duplicates;
  private long asked;
  private boolean exhausted;

  Proposals(Genome genome, long seed) {
    this.genome = genome;
    this.genes = genome.genes();
    this.priors = genome.priors();
    this.seed = seed;
  }

  /**
   * Answers the next question with the first draw that is new, or else with anything new. Each
   * question has a generator of its own.
   */
  Optional<Proposal> next(Function<RandomGenerator, List<Integer>> draw) {
    return answer(
        random -> {
          for (int i = 0; i < DRAWS; i++) {
            List<Integer> drawn = draw.apply(random);
            if (isNew(drawn)) {
              return Optional.of(drawn);
            }
            duplicates++;
          }
          return Optional.empty();
        });
  }

  /** Answers the next question with these genes if they are new, or else with any others. */
  Optional<Proposal> nextOr(List<Integer> genes) {
    return answer(_ -> isNew(genes) ? Optional.of(genes) : Optional.empty());
  }

  /** Answers the next question with a choice among what {@link #isNew}, or with anything new. */
  Optional<Proposal> answer(Function<RandomGenerator, Optional<List<Integer>>> choice) {
    if (exhausted) {
      return Optional.empty();
    }
    long index = asked++;
    RandomGenerator random = generator(index);
    Optional<List<Integer>> found =
        prior(index).or(() -> choice.apply(random)).or(() -> plain(random)).or(() -> left(random));
    exhausted = found.isEmpty();
    return found.map(
        alleles -> {
          proposed.add(genome.identity(alleles));
          var proposal = new Proposal(index, alleles);
          inFlight.put(index, proposal);
          return proposal;
        });
  }

  /** What is known to be good goes first, whatever the strategy would like. */
  private Optional<List<Integer>> prior(long index) {
    return index < priors.size()
        ? Optional.of(priors.get(Math.toIntExact(index))).filter(this::isNew)
        : Optional.empty();
  }

  boolean isNew(List<Integer> alleles) {
    return !proposed.contains(genome.identity(alleles));
  }

  /** The index of the next question. */
  long asked() {
    return asked;
  }

  /** Neither told nor dropped yet, the oldest first. */
  List<Proposal> inFlight() {
    return List.copyOf(inFlight.values());
  }

  /** Takes a proposal out of flight, its result being known. */
  void told(Proposal proposal) {
    ended(proposal);
    told.add(proposal.askIndex());
  }

  /** Sees that a proposal was told before. */
  void requireTold(Proposal proposal) {
    if (!told.contains(proposal.askIndex())) {
      throw new IllegalArgumentException(
          "Proposal %d was not told before, so it cannot be revised"
              .formatted(proposal.askIndex()));
    }
  }

  /** How often a draw meant what was proposed before. */
  long duplicates() {
    return duplicates;
  }

  /** Takes a proposal out of flight. */
  void ended(Proposal proposal) {
    if (!inFlight.remove(proposal.askIndex(), proposal)) {
      throw new IllegalArgumentException(
          "Nothing was proposed as %d, or it was told before".formatted(proposal.askIndex()));
    }
  }

  boolean exhausted() {
    return exhausted;
  }

  /** Every choice alike. */
  List<Integer> draw(RandomGenerator random) {
    var alleles = new ArrayList<Integer>(genes.size());
    for (Gene gene : genes) {
      alleles.add(random.nextInt(gene.choices()));
    }
    return alleles;
  }

  private RandomGenerator generator(long index) {
    // two rounds of splitting keep neighbouring questions apart
    return new SplittableRandom(new SplittableRandom(seed).nextLong() + index * 0x9e3779b97f4a7c15L)
        .split();
  }

  private Optional<List<Integer>> plain(RandomGenerator random) {
    for (int i = 0; i < PLAIN_DRAWS; i++) {
      List<Integer> drawn = draw(random);
      if (isNew(drawn)) {
        return Optional.of(drawn);
      }
      duplicates++;
    }
    return Optional.empty();
  }

  /** When draws find nothing new: what is left, if all that there is can be looked through. */
  private Optional<List<Integer>> left(RandomGenerator random) {
    Optional<List<List<Integer>>> listed = genome.listed();
    if (listed.isEmpty() && genome.size().compareTo(ENUMERABLE) > 0) {
      return Optional.empty();
    }
    int size = listed.map(List::size).orElseGet(() -> genome.size().intValueExact());
    IntFunction<List<Integer>> at =
        listed.<IntFunction<List<Integer>>>map(all -> all::get).orElse(this::number);
    int first = random.nextInt(size); // where a file or an order of choices begins is no better
    return IntStream.range(0, size)
        .mapToObj(i -> at.apply((int) ((first + (long) i) % size)))
        .filter(this::isNew)
        .findFirst();
  }

  private List<Integer> number(int number) {
    var alleles = new ArrayList<Integer>();
    int rest = number;
    for (Gene gene : genes) {
      alleles.add(rest % gene.choices());
      rest /= gene.choices();
    }
    return alleles;
  }
}
