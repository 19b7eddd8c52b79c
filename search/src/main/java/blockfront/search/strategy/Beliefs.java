package blockfront.search.strategy;

import blockfront.search.space.Genome.Gene;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What is expected of genes that were not tried: a Gaussian process for each objective while little
 * is known, a random forest later, and how likely they are to train and to keep the constraints.
 *
 * <p>What is believed depends on what was told and in which order, not on when it was asked.
 */
final class Beliefs {

  /** Results before anything is believed. */
  static final int FEWEST = 6;

  /** Results up to which kernels are fitted anew, each time there are a fifth more. */
  private static final int FITTED = 120;

  private static final double MORE = 1.2;

  /** Results up to which scales are chosen. */
  private static final int SCALED = 50;

  /** Results up to which a Gaussian process answers fast enough. */
  private static final int PROCESS = 200;

  /** Genes in flight that narrow a process's uncertainty; of more, the latest. */
  private static final int FLYING = 100;

  private static final int FIRST_STEPS = 40;
  private static final int STEPS = 15;
  private static final int TREES = 40;

  private final List<Gene> genes;
  private final MixedKernel kernel;
  private final long seed;
  private final Map<Long, Integer> measuredAt = new HashMap<>();
  private final Map<Long, Integer> triedAt = new HashMap<>();
  private final List<int[]> measured = new ArrayList<>();
  private final List<List<Double>> results = new ArrayList<>(); // [objective][result]
  private final List<int[]> tried = new ArrayList<>();
  private final List<Double> kept = new ArrayList<>();
  private final List<RandomForest> forests = new ArrayList<>();
  private final List<List<Double>> forestTargets = new ArrayList<>();
  private final List<Warp> warps = new ArrayList<>();
  private final List<double[]> fits = new ArrayList<>();
  private final RandomForest keeping;
  private int nextFit = FEWEST;
  private boolean anyLost;

  /** One objective: guesses on a scale of their own. */
  record Objective(Regression regression, Warp warp) {}

  Beliefs(List<Gene> genes, long seed) {
    this.genes = genes;
    this.kernel = new MixedKernel(genes);
    this.seed = seed;
    this.keeping = new RandomForest(genes, TREES, 1, 8, seed);
  }

  /** Genes that were measured, in answer to a question. */
  void measured(long question, int[] alleles, double[] objectives, boolean feasible) {
    measuredAt.put(question, measured.size());
    if (results.isEmpty()) {
      Arrays.stream(objectives).forEach(_ -> results.add(new ArrayList<>()));
    }
    measured.add(alleles);
    for (int i = 0; i < objectives.length; i++) {
      results.get(i).add(objectives[i]);
    }
    tried(question, alleles, feasible);
  }

  /** Genes that could not be trained. */
  void failed(long question, int[] alleles) {
    tried(question, alleles, false);
  }

  /** What was measured before is known better now. */
  void revised(long question, double[] objectives, boolean feasible) {
    Integer at = measuredAt.get(question);
    if (at == null) {
      return; // failed before: what it became teaches little more
    }
    for (int i = 0; i < objectives.length; i++) {
      results.get(i).set(at, objectives[i]);
      if (i < forestTargets.size() && at < forestTargets.get(i).size()) {
        forestTargets.get(i).set(at, warps.get(i).apply(objectives[i]));
      }
    }
    outcome(question, feasible);
  }

  /** What was measured before failed in the end; the measurement stays. */
  void lost(long question) {
    outcome(question, false);
  }

  private void outcome(long question, boolean feasible) {
    Integer at = triedAt.get(question);
    if (at != null) {
      kept.set(at, feasible ? 1.0 : 0.0);
      anyLost |= !feasible;
    }
  }

  /** Whether enough is known. */
  boolean any() {
    return measured.size() >= FEWEST;
  }

  /** Whether it takes longer than it matters to know one result more. */
  boolean slow() {
    return measured.size() > PROCESS;
  }

  private void tried(long question, int[] alleles, boolean feasible) {
    triedAt.put(question, tried.size());
    tried.add(alleles);
    kept.add(feasible ? 1.0 : 0.0);
    anyLost |= !feasible;
  }

  /** What is believed of each objective while some genes are in flight. */
  List<Objective> objectives(List<int[]> inFlight) {
    while (measured.size() >= nextFit && nextFit <= FITTED) {
      fit(nextFit);
      nextFit = (int) Math.ceil(nextFit * MORE);
    }
    var objectives = new ArrayList<Objective>();
    for (int i = 0; i < results.size(); i++) {
      Regression regression = measured.size() <= PROCESS ? process(i, inFlight) : forest(i);
      objectives.add(new Objective(regression, warps.get(i)));
    }
    return objectives;
  }

  /** How likely genes are to be trained and to keep the constraints, each in (0, 1]. */
  double[] keeping(int[][] alleles) {
    var likely = new double[alleles.length];
    Arrays.fill(likely, 1);
    if (anyLost) {
      keeping.learn(tried, kept);
      double[] shares = keeping.guess(alleles).mean;
      // a forest is never that sure
      Arrays.setAll(likely, i -> 0.02 + 0.98 * shares[i]);
    }
    return likely;
  }

  private Regression process(int objective, List<int[]> inFlight) {
    var examples = new ArrayList<>(measured);
    examples.addAll(inFlight.subList(Math.max(0, inFlight.size() - FLYING), inFlight.size()));
    return new GaussianProcess(
        kernel,
        examples.toArray(new int[0][]),
        warped(objective, measured.size(), warps.get(objective)),
        fits.get(objective));
  }

  private Regression forest(int objective) {
    if (forests.size() <= objective) {
      forests.add(new RandomForest(genes, TREES, PROCESS, 2, seed + objective + 1));
      forestTargets.add(new ArrayList<>());
    }
    List<Double> targets = forestTargets.get(objective);
    for (int i = targets.size(); i < measured.size(); i++) {
      targets.add(warps.get(objective).apply(results.get(objective).get(i)));
    }
    RandomForest forest = forests.get(objective);
    forest.learn(measured, targets);
    return forest;
  }

  /** Fits the kernels to the first few results, beginning where they were. */
  private void fit(int count) {
    int[][] examples = measured.subList(0, count).toArray(new int[0][]);
    boolean first = fits.isEmpty();
    for (int i = 0; i < results.size(); i++) {
      double[] values = values(i, count);
      List<Warp> candidates =
          first || count <= SCALED ? Warp.candidates(values) : List.of(warps.get(i));
      double[] start = first ? kernel.prior() : fits.get(i);
      Warp warp = candidates.getFirst();
      double[] logs = start;
      double greatest = Double.NEGATIVE_INFINITY;
      for (Warp candidate : candidates) {
        GaussianProcess.Fit fit =
            GaussianProcess.fit(
                kernel, examples, warped(i, count, candidate), start, first ? FIRST_STEPS : STEPS);
        double evidence = fit.evidence + candidate.logSlope(values);
        if (evidence > greatest) {
          greatest = evidence;
          warp = candidate;
          logs = fit.logs;
        }
      }
      if (first) {
        warps.add(warp);
        fits.add(logs);
      } else {
        warps.set(i, warp);
        fits.set(i, logs);
      }
    }
  }

  private double[] values(int objective, int count) {
    return results.get(objective).subList(0, count).stream()
        .mapToDouble(Double::doubleValue)
        .toArray();
  }

  private double[] warped(int objective, int count, Warp warp) {
    return Arrays.stream(values(objective, count)).map(warp::apply).toArray();
  }
}
