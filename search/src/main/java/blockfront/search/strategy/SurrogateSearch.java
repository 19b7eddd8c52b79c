package blockfront.search.strategy;

import blockfront.search.space.ChoiceGene;
import blockfront.search.space.Genome;
import blockfront.search.space.Genome.Gene;
import blockfront.search.strategy.Population.Told;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Learns what to expect from what was told, and proposes what is expected to add most to the
 * hypervolume; what is in flight is believed to come out as expected. Every tenth proposal is bred
 * from the survivors of NSGA-II, and where nothing more is found in a space of which much has been
 * seen, more and more are drawn: no wrong belief keeps anything from being tried.
 */
public final class SurrogateSearch implements SearchStrategy {

  private static final int START = 10;
  private static final int PLAIN = 10;
  private static final int POPULATION = 20;

  /** Candidates bred from the front and drawn, before the best of them are improved. */
  private static final int POOL = 200;

  private static final double DRAWN = 0.15;
  private static final double FURTHER_MOVES = 0.45;

  /** Rounds of improving, and candidates that each improves. */
  private static final int ROUNDS = 2;

  private static final int IMPROVED = 4;
  private static final int NEIGHBOURS = 40;

  private final Genome genome;
  private final List<Gene> genes;
  private final Proposals proposals;
  private final Start start;
  private final Population survivors;
  private final Beliefs beliefs;
  private final Stagnation stagnation;
  private final Map<Long, int[]> inFlight = new LinkedHashMap<>();
  private final Set<List<Integer>> tried = new HashSet<>();
  private final Map<Long, Tried> kept = new LinkedHashMap<>();
  private List<Tried> front = List.of();
  private double[] worst = new double[0];

  /** Genes in canonical form, and what came or is believed to come of them. */
  private static final class Tried {
    final int[] genes;
    final double[] objectives;

    Tried(int[] genes, double[] objectives) {
      this.genes = genes;
      this.objectives = objectives;
    }
  }

  public SurrogateSearch(Genome genome, long seed) {
    this.genome = genome;
    this.genes = genome.genes();
    this.proposals = new Proposals(genome, seed);
    this.start = new Start(genome, START, seed);
    this.survivors = new Population(genome, POPULATION, new CrowdedFronts());
    this.beliefs = new Beliefs(genes, seed);
    this.stagnation = new Stagnation(genome, 2 * POPULATION, 0);
  }

  @Override
  public Optional<Proposal> ask() {
    Optional<Proposal> proposal = next(proposals.asked());
    proposal.ifPresent(
        made -> {
          List<Integer> canonical = genome.canonical(made.genes());
          tried.add(canonical);
          inFlight.put(made.askIndex(), array(canonical));
        });
    return proposal;
  }

  @Override
  public void tell(Proposal proposal, Result result) {
    int[] alleles = array(genome.canonical(proposal.genes()));
    proposals.told(proposal);
    inFlight.remove(proposal.askIndex());
    survivors.add(List.of(new Told(proposal.genes(), result)));
    stagnation.told(proposal.askIndex(), result);
    switch (result) {
      case Result.Measured(List<Double> told, double violation) -> {
        double[] objectives = told.stream().mapToDouble(Double::doubleValue).toArray();
        beliefs.measured(proposal.askIndex(), alleles, objectives, violation == 0);
        if (violation == 0) {
          keep(proposal, new Tried(alleles, objectives));
        }
      }
      case Result.Failed() -> beliefs.failed(proposal.askIndex(), alleles);
    }
  }

  @Override
  public void revise(Proposal proposal, Result result) {
    proposals.requireTold(proposal);
    survivors.revise(new Told(proposal.genes(), result));
    stagnation.revised(proposal.askIndex(), result);
    if (kept.remove(proposal.askIndex()) != null) {
      front = List.of();
      kept.values().forEach(each -> front = with(front, each));
    }
    switch (result) {
      case Result.Measured(List<Double> told, double violation) -> {
        double[] objectives = told.stream().mapToDouble(Double::doubleValue).toArray();
        beliefs.revised(proposal.askIndex(), objectives, violation == 0);
        if (violation == 0) {
          keep(proposal, new Tried(array(genome.canonical(proposal.genes())), objectives));
        }
      }
      case Result.Failed() -> beliefs.lost(proposal.askIndex());
    }
  }

  private void keep(Proposal proposal, Tried one) {
    kept.put(proposal.askIndex(), one);
    widen(one.objectives);
    front = with(front, one);
  }

  @Override
  public void drop(Proposal proposal) {
    proposals.ended(proposal);
    inFlight.remove(proposal.askIndex());
  }

  @Override
  public boolean exhausted() {
    return proposals.exhausted();
  }

  @Override
  public boolean slow() {
    return beliefs.slow();
  }

  @Override
  public long duplicates() {
    return proposals.duplicates();
  }

  private Optional<Proposal> next(long index) {
    if (index < start.size()) {
      return proposals.nextOr(start.row((int) index));
    }
    if (stagnation.explores(index)) {
      return proposals.next(proposals::draw);
    }
    if (!beliefs.any() || front.isEmpty() || index % PLAIN == PLAIN - 1) {
      return proposals.next(survivors.breeds() ? survivors::breed : proposals::draw);
    }
    return proposals.answer(this::mostPromising);
  }

  private Optional<List<Integer>> mostPromising(RandomGenerator random) {
    List<int[]> flying = List.copyOf(inFlight.values());
    List<Beliefs.Objective> objectives = beliefs.objectives(flying);
    List<Tried> believed = front;
    for (Tried one : believed(objectives, flying)) {
      believed = with(believed, one);
    }
    List<double[]> points = believed.stream().map(each -> each.objectives).toList();
    var gain = new ExpectedGain(objectives, points, reference(points, random), random);
    var scores = new HashMap<List<Integer>, Double>();
    score(bred(believed, random), gain, scores);
    for (int round = 0; round < ROUNDS; round++) {
      var neighbours = new ArrayList<List<Integer>>();
      for (List<Integer> one : best(scores).stream().limit(IMPROVED).toList()) {
        neighbours.addAll(neighbours(one, random));
      }
      score(neighbours, gain, scores);
    }
    return best(scores).stream().filter(proposals::isNew).findFirst();
  }

  /**
   * The worst that may count: of the front, of all that was told, or as far away again, by turns of
   * chance. Near the front its middle gains most; the farther away, the more its ends gain.
   */
  private double[] reference(List<double[]> points, RandomGenerator random) {
    return switch (random.nextInt(3)) {
      case 0 -> points.getFirst(); // the front's own worst counts in any case
      case 1 -> worst;
      default -> {
        var far = new double[worst.length];
        for (int k = 0; k < far.length; k++) {
          int axis = k;
          double least = points.stream().mapToDouble(point -> point[axis]).min().orElseThrow();
          far[k] = 2 * worst[k] - least;
        }
        yield far;
      }
    };
  }

  /** What is expected of the genes in flight. */
  private static List<Tried> believed(List<Beliefs.Objective> objectives, List<int[]> flying) {
    var believed = new ArrayList<Tried>();
    int[][] rows = flying.toArray(new int[0][]);
    var guesses = objectives.stream().map(each -> each.regression().guess(rows)).toList();
    for (int i = 0; i < rows.length; i++) {
      var expected = new double[objectives.size()];
      for (int k = 0; k < expected.length; k++) {
        expected[k] = objectives.get(k).warp().undo(guesses.get(k).mean[i]);
      }
      believed.add(new Tried(rows[i], expected));
    }
    return believed;
  }

  /** Adds the scores of candidates that were neither tried nor scored. */
  private void score(
      List<List<Integer>> candidates, ExpectedGain gain, Map<List<Integer>, Double> scores) {
    var fresh =
        candidates.stream()
            .map(genome::canonical)
            .distinct()
            .filter(each -> !tried.contains(each) && !scores.containsKey(each))
            .toList();
    int[][] rows = fresh.stream().map(SurrogateSearch::array).toArray(int[][]::new);
    if (rows.length == 0) {
      return;
    }
    double[] gains = gain.of(rows);
    double[] likely = beliefs.keeping(rows);
    for (int i = 0; i < rows.length; i++) {
      scores.put(fresh.get(i), gains[i] > 0 ? gains[i] * likely[i] : gains[i] / likely[i]);
    }
  }

  /** The best first; of equals always in the same order. */
  private static List<List<Integer>> best(Map<List<Integer>, Double> scores) {
    return scores.entrySet().stream()
        .sorted(
            Map.Entry.<List<Integer>, Double>comparingByValue()
                .reversed()
                .thenComparing(Map.Entry::getKey, SurrogateSearch::inOrder))
        .map(Map.Entry::getKey)
        .toList();
  }

  private static int inOrder(List<Integer> one, List<Integer> other) {
    for (int i = 0; i < one.size(); i++) {
      int order = one.get(i).compareTo(other.get(i));
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  /** Children of the front, most of them close to a parent, and some drawn alike. */
  private List<List<Integer>> bred(List<Tried> parents, RandomGenerator random) {
    var children = new ArrayList<List<Integer>>();
    for (int i = 0; i < POOL; i++) {
      if (random.nextDouble() < DRAWN) {
        children.add(proposals.draw(random));
        continue;
      }
      int[] child = parents.get(random.nextInt(parents.size())).genes.clone();
      if (random.nextBoolean()) {
        int[] other = parents.get(random.nextInt(parents.size())).genes;
        for (int g = 0; g < child.length; g++) {
          child[g] = random.nextBoolean() ? child[g] : other[g];
        }
      }
      do {
        move(child, random.nextInt(child.length), random);
      } while (random.nextDouble() < FURTHER_MOVES);
      children.add(list(child));
    }
    return children;
  }

  private void move(int[] alleles, int gene, RandomGenerator random) {
    Gene moved = genes.get(gene);
    alleles[gene] =
        new ChoiceGene(alleles[gene], moved.choices(), moved.ordinal()).moved(random).allele();
  }

  /** Those with one gene at another choice, some of them if there are many. */
  private List<List<Integer>> neighbours(List<Integer> of, RandomGenerator random) {
    var order = new int[genes.stream().mapToInt(gene -> gene.choices() - 1).sum()];
    Arrays.setAll(order, i -> i);
    var some = new ArrayList<List<Integer>>();
    for (int i = 0; i < Math.min(NEIGHBOURS, order.length); i++) {
      int chosen = i + random.nextInt(order.length - i);
      some.add(neighbour(of, order[chosen]));
      order[chosen] = order[i];
    }
    return some;
  }

  /** The first ones differ in the first gene, those after them in the second, ... */
  private List<Integer> neighbour(List<Integer> of, int number) {
    int gene = 0;
    int rest = number;
    while (rest >= genes.get(gene).choices() - 1) {
      rest -= genes.get(gene++).choices() - 1;
    }
    var neighbour = new ArrayList<>(of);
    neighbour.set(gene, rest < of.get(gene) ? rest : rest + 1);
    return neighbour;
  }

  /** A front with one more, if it belongs there; the cheapest in the first objective first. */
  private static List<Tried> with(List<Tried> front, Tried one) {
    for (Tried other : front) {
      if (DominatedVolume.asGood(other.objectives, one.objectives)) {
        return front;
      }
    }
    var grown = new ArrayList<>(front);
    grown.removeIf(other -> DominatedVolume.asGood(one.objectives, other.objectives));
    grown.add(one);
    grown.sort(Comparator.comparingDouble(each -> each.objectives[0]));
    return List.copyOf(grown);
  }

  private void widen(double[] objectives) {
    if (worst.length == 0) {
      worst = objectives.clone();
    }
    for (int i = 0; i < worst.length; i++) {
      worst[i] = Math.max(worst[i], objectives[i]);
    }
  }

  private static int[] array(List<Integer> alleles) {
    return alleles.stream().mapToInt(Integer::intValue).toArray();
  }

  private static List<Integer> list(int[] alleles) {
    var list = new ArrayList<Integer>(alleles.length);
    for (int allele : alleles) {
      list.add(allele);
    }
    return list;
  }
}
