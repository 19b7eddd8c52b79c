package blockfront.search.strategy;

import blockfront.search.space.Genome.Gene;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * A random forest (Breiman, 2001) over genes: ordinal ones are split at a threshold, others into
 * any two groups of choices. Its uncertainty is how much its trees differ.
 */
final class RandomForest implements Regression {

  private static final int SMALLEST_SPLIT = 4;
  private static final int DEEPEST = 24;

  /** A tree sees at most so many examples: half of them recent, so that it knows the front. */
  private static final int SAMPLE = 2_000;

  private static final int RECENT = 1_000;

  /** Up to so many examples, all trees are renewed for each that should be. */
  private static final int FULL = 500;

  private final List<Gene> genes;
  private final Tree[] trees;
  private final int first;
  private final int renewed;
  private final long seed;
  private int learnt;
  private int grown;

  /**
   * That knows nothing yet.
   *
   * @param count trees
   * @param first examples that the first trees are grown from
   * @param renewed trees grown anew for each further example, fewer beyond {@link #FULL}
   */
  RandomForest(List<Gene> genes, int count, int first, int renewed, long seed) {
    this.genes = genes;
    this.trees = new Tree[count];
    this.first = first;
    this.renewed = renewed;
    this.seed = seed;
  }

  /**
   * Learns more examples: with each of them the oldest trees are grown anew from what was known
   * then. What the forest knows depends on the examples only, not on the number of calls.
   *
   * @param examples those learnt before, and more; at least the first
   */
  void learn(List<int[]> examples, List<Double> targets) {
    if (learnt == 0) {
      for (int i = 0; i < trees.length; i++) {
        renew(examples, targets, first);
      }
      learnt = first;
    }
    int upcoming = 0;
    for (int known = learnt + 1; known <= examples.size(); known++) {
      upcoming += renewals(known);
    }
    while (learnt < examples.size()) {
      learnt++;
      for (int i = renewals(learnt); i > 0; i--) {
        if (upcoming <= trees.length) {
          renew(examples, targets, learnt);
        } else {
          grown++; // it would be replaced at once
        }
        upcoming--;
      }
    }
  }

  /** Fewer the more is known, since each is more work and one example tells less. */
  private int renewals(int known) {
    return known <= FULL ? renewed : Math.max(1, renewed * FULL / known);
  }

  private void renew(List<int[]> examples, List<Double> targets, int known) {
    trees[grown % trees.length] = tree(examples, targets, known, grown);
    grown++;
  }

  private Tree tree(List<int[]> examples, List<Double> targets, int known, int number) {
    var random = new SplittableRandom(seed + 0x9e3779b97f4a7c15L * (number + 1)).split();
    int size = Math.min(known, SAMPLE);
    var drawn = new int[size][];
    var values = new double[size];
    for (int i = 0; i < size; i++) {
      boolean recent = known > SAMPLE && i % 2 == 0;
      int index = recent ? known - 1 - random.nextInt(RECENT) : random.nextInt(known);
      drawn[i] = examples.get(index);
      values[i] = targets.get(index);
    }
    return new Tree(genes, drawn, values, random);
  }

  /**
   * What the forest guesses when one gene has a choice and the others are as they come: its partial
   * dependence on each gene (Hutter et al., 2014).
   *
   * @param shares how often each gene has each of its choices, {@code [gene][allele]}
   * @return {@code [gene][allele]}
   */
  double[][] marginals(double[][] shares) {
    var sums = new double[shares.length][];
    Arrays.setAll(sums, gene -> new double[shares[gene].length]);
    for (Tree tree : trees) {
      tree.addMarginals(shares, sums);
    }
    for (double[] sum : sums) {
      Arrays.setAll(sum, allele -> sum[allele] / trees.length);
    }
    return sums;
  }

  @Override
  public Guess guess(int[][] genes) {
    var guess = new Guess(genes.length);
    for (int i = 0; i < genes.length; i++) {
      double sum = 0;
      double squares = 0;
      for (Tree tree : trees) {
        double value = tree.value(genes[i]);
        sum += value;
        squares += value * value;
      }
      guess.mean[i] = sum / trees.length;
      double variance = squares / trees.length - guess.mean[i] * guess.mean[i];
      guess.deviation[i] = Math.sqrt(Math.max(1e-9, variance));
    }
    return guess;
  }

  /** Nodes in one array each; a leaf has gene -1. */
  static final class Tree {
    private int[] gene = new int[64];
    private boolean[][] left = new boolean[64][]; // by allele
    private int[] child = new int[64]; // the left one; the right one follows it
    private double[] value = new double[64];
    private int size;

    /** Tries two thirds of the genes at each split. */
    Tree(List<Gene> genes, int[][] examples, double[] targets, SplittableRandom random) {
      int n = targets.length;
      int[] order = new int[n];
      Arrays.setAll(order, i -> i);
      add();
      grow(0, new Growing(genes, examples, targets, random), order, 0, n, 0);
    }

    /** What all nodes of a tree grow from, and room for what each needs for a moment. */
    private static final class Growing {
      final int[] choices;
      final boolean[] ordinal;
      final int[][] columns; // [gene][example]: a column stays near while it is counted
      final double[] targets;
      final SplittableRandom random;
      final int[] genes;
      final double[] near; // targets of the examples of a node
      final int[] counts;
      final double[] sums;
      final int[] alleles;

      Growing(List<Gene> genes, int[][] examples, double[] targets, SplittableRandom random) {
        this.choices = genes.stream().mapToInt(Gene::choices).toArray();
        this.ordinal = new boolean[choices.length];
        this.columns = new int[choices.length][examples.length];
        for (int g = 0; g < choices.length; g++) {
          ordinal[g] = genes.get(g).ordinal();
          for (int i = 0; i < examples.length; i++) {
            columns[g][i] = examples[i][g];
          }
        }
        this.targets = targets;
        this.random = random;
        this.genes = new int[choices.length];
        this.near = new double[targets.length];
        int most = Arrays.stream(choices).max().orElse(1);
        this.counts = new int[most];
        this.sums = new double[most];
        this.alleles = new int[most];
      }
    }

    double value(int[] genes) {
      int node = 0;
      while (gene[node] >= 0) {
        node = left[node][genes[gene[node]]] ? child[node] : child[node] + 1;
      }
      return value[node];
    }

    /** Adds to {@code [gene][allele]} the mean over all leaves, weighted by what reaches them. */
    void addMarginals(double[][] shares, double[][] sums) {
      boolean[][] reach = new boolean[shares.length][];
      for (int g = 0; g < shares.length; g++) {
        reach[g] = new boolean[shares[g].length];
        Arrays.fill(reach[g], true);
      }
      addMarginals(0, reach, shares, sums);
    }

    private void addMarginals(int node, boolean[][] reach, double[][] shares, double[][] sums) {
      if (gene[node] < 0) {
        addLeaf(value[node], reach, shares, sums);
        return;
      }
      int split = gene[node];
      boolean[] whole = reach[split];
      for (int side = 0; side < 2; side++) {
        boolean[] part = new boolean[whole.length];
        boolean any = false;
        for (int allele = 0; allele < whole.length; allele++) {
          part[allele] = whole[allele] && left[node][allele] == (side == 0);
          any |= part[allele];
        }
        if (any) {
          reach[split] = part;
          addMarginals(child[node] + side, reach, shares, sums);
        }
      }
      reach[split] = whole;
    }

    private static void addLeaf(
        double value, boolean[][] reach, double[][] shares, double[][] sums) {
      double volume = 1;
      var held = new double[reach.length];
      for (int g = 0; g < reach.length; g++) {
        for (int allele = 0; allele < reach[g].length; allele++) {
          held[g] += reach[g][allele] ? shares[g][allele] : 0;
        }
        volume *= held[g];
      }
      if (volume == 0) {
        return; // no combination that occurs
      }
      for (int g = 0; g < reach.length; g++) {
        double others = value * volume / held[g];
        for (int allele = 0; allele < reach[g].length; allele++) {
          sums[g][allele] += reach[g][allele] ? others : 0;
        }
      }
    }

    private int add() {
      if (size == gene.length) {
        gene = Arrays.copyOf(gene, 2 * size);
        left = Arrays.copyOf(left, 2 * size);
        child = Arrays.copyOf(child, 2 * size);
        value = Arrays.copyOf(value, 2 * size);
      }
      gene[size] = -1;
      return size++;
    }

    private void grow(int node, Growing with, int[] drawn, int from, int to, int depth) {
      double sum = 0;
      double squares = 0;
      for (int i = from; i < to; i++) {
        double target = with.targets[drawn[i]];
        with.near[i - from] = target;
        sum += target;
        squares += target * target;
      }
      int n = to - from;
      value[node] = sum / n;
      double error = squares - sum * sum / n;
      if (n < SMALLEST_SPLIT || depth == DEEPEST || error < 1e-9 * n) {
        return;
      }
      Optional<Split> found = bestSplit(with, drawn, from, to, sum);
      if (found.isEmpty()) {
        return;
      }
      Split best = found.get();
      int[] column = with.columns[best.gene];
      int middle = from;
      for (int i = from; i < to; i++) {
        if (best.left[column[drawn[i]]]) {
          int moved = drawn[i];
          drawn[i] = drawn[middle];
          drawn[middle++] = moved;
        }
      }
      gene[node] = best.gene;
      left[node] = best.left;
      int first = add();
      add();
      child[node] = first;
      grow(first, with, drawn, from, middle, depth + 1);
      grow(first + 1, with, drawn, middle, to, depth + 1);
    }

    /** The split that leaves the least squared error, if any leaves less. */
    private static Optional<Split> bestSplit(
        Growing with, int[] drawn, int from, int to, double sum) {
      int genes = with.choices.length;
      int n = to - from;
      int[] order = with.genes;
      for (int g = 0; g < genes; g++) {
        order[g] = g;
      }
      int[] counts = with.counts;
      double[] sums = with.sums;
      double[] near = with.near;
      Optional<Split> best = Optional.empty();
      double greatest = sum * sum / n + 1e-12;
      for (int tried = 0; tried < Math.ceilDiv(2 * genes, 3); tried++) {
        int at = tried + with.random.nextInt(genes - tried);
        int gene = order[at];
        order[at] = order[tried];
        int choices = with.choices[gene];
        Arrays.fill(counts, 0, choices, 0);
        Arrays.fill(sums, 0, choices, 0);
        int[] column = with.columns[gene];
        for (int i = 0; i < n; i++) {
          int allele = column[drawn[from + i]];
          counts[allele]++;
          sums[allele] += near[i];
        }
        int present = present(with, choices, with.ordinal[gene]);
        int count = 0;
        double part = 0;
        for (int i = 0; i < present - 1; i++) {
          count += counts[with.alleles[i]];
          part += sums[with.alleles[i]];
          double score = part * part / count + (sum - part) * (sum - part) / (n - count);
          if (score > greatest) {
            greatest = score;
            best = Optional.of(new Split(gene, group(with.alleles, i + 1, choices)));
          }
        }
      }
      return best;
    }

    /** Lists alleles that occur: in their order, or by the mean of their targets. */
    private static int present(Growing with, int choices, boolean ordinal) {
      int[] alleles = with.alleles;
      int present = 0;
      for (int allele = 0; allele < choices; allele++) {
        if (with.counts[allele] == 0) {
          continue;
        }
        int at = present++;
        if (!ordinal) {
          // few: insertion is fastest
          double mean = with.sums[allele] / with.counts[allele];
          while (at > 0 && with.sums[alleles[at - 1]] / with.counts[alleles[at - 1]] > mean) {
            alleles[at] = alleles[at - 1];
            at--;
          }
        }
        alleles[at] = allele;
      }
      return present;
    }

    private static boolean[] group(int[] alleles, int first, int choices) {
      var group = new boolean[choices];
      for (int i = 0; i < first; i++) {
        group[alleles[i]] = true;
      }
      return group;
    }

    /** A gene, and which of its alleles go left. */
    private static final class Split {
      final int gene;
      final boolean[] left;

      Split(int gene, boolean[] left) {
        this.gene = gene;
        this.left = left;
      }
    }
  }
}
