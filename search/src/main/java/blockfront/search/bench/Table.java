package blockfront.search.bench;

import blockfront.search.space.Genome;
import blockfront.search.strategy.DominatedVolume;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A table of finished trainings, searched as if each row had yet to be trained. Rows of the same
 * choices are one training, with the mean of their results; one that lacks a result failed. Choices
 * that the table lacks stand for the row most like them, so a table need not hold every
 * combination. Safe for use by many threads.
 */
public final class Table implements Genome {

  /** The reference point, beyond the worst of the front by this share of the front's extent. */
  private static final double BEYOND = 0.1;

  private final List<Gene> genes;
  private final List<Training> trainings;
  private final Map<List<Integer>, Integer> byChoices = new HashMap<>();
  private final Map<List<Integer>, Integer> likest = new ConcurrentHashMap<>();
  private final double[] ideal;
  private final double[] extent;
  private final double[] reference;
  private final double volume;
  private final int frontSize;

  /** One row, or the mean of several; without objectives if all of them failed. */
  private record Training(List<Integer> choices, Optional<List<Double>> objectives) {
    Optional<double[]> point() {
      return objectives.map(all -> all.stream().mapToDouble(Double::doubleValue).toArray());
    }
  }

  /**
   * Which columns are what.
   *
   * @param choices columns that a search decides
   * @param ordinal those of the choices whose neighbouring values are alike
   * @param minimize columns of results, the less the better
   * @param maximize columns of results, the more the better
   */
  public record Columns(
      List<String> choices, List<String> ordinal, List<String> minimize, List<String> maximize) {

    public Columns {
      choices = List.copyOf(choices);
      ordinal = List.copyOf(ordinal);
      minimize = List.copyOf(minimize);
      maximize = List.copyOf(maximize);
      if (choices.isEmpty()) {
        throw new IllegalArgumentException("Table needs at least one column of choices");
      }
      if (!choices.containsAll(ordinal)) {
        throw new IllegalArgumentException(
            "Ordinal columns %s are not all among the choices %s".formatted(ordinal, choices));
      }
      var results = new ArrayList<>(minimize);
      results.addAll(maximize);
      if (results.size() < 2 || results.size() > 3) {
        throw new IllegalArgumentException(
            "Table needs 2 or 3 columns to minimize or maximize, got " + results);
      }
      var all = new ArrayList<>(choices);
      all.addAll(results);
      if (new HashSet<>(all).size() < all.size()) {
        throw new IllegalArgumentException("A column of the table is used twice: " + all);
      }
    }
  }

  /**
   * Reads a table.
   *
   * @throws IllegalArgumentException if the file or a column is missing or a result is no number,
   *     in one line
   */
  public static Table read(Path file, Columns columns) {
    return new Table(TableFile.read(file), columns);
  }

  private Table(TableFile file, Columns columns) {
    var allGenes = new ArrayList<Gene>();
    var values = new ArrayList<Map<String, Integer>>();
    for (String name : columns.choices()) {
      Map<String, Integer> indices = indices(file, file.column(name));
      values.add(indices);
      allGenes.add(new Gene(name, indices.size(), columns.ordinal().contains(name)));
    }
    genes = List.copyOf(allGenes);
    List<Optional<double[]>> results = results(file, columns);
    var sums = new LinkedHashMap<List<Integer>, List<double[]>>();
    for (int i = 0; i < file.rows().size(); i++) {
      var alleles = new ArrayList<Integer>();
      for (int gene = 0; gene < genes.size(); gene++) {
        String value = file.rows().get(i).get(file.column(genes.get(gene).name()));
        alleles.add(values.get(gene).getOrDefault(value, 0));
      }
      List<double[]> known = sums.computeIfAbsent(List.copyOf(alleles), _ -> new ArrayList<>());
      results.get(i).ifPresent(known::add);
    }
    var means = new ArrayList<Training>();
    sums.forEach(
        (alleles, all) -> {
          byChoices.put(alleles, means.size());
          means.add(
              new Training(
                  alleles,
                  all.isEmpty()
                      ? Optional.empty()
                      : Optional.of(Arrays.stream(mean(all)).boxed().toList())));
        });
    trainings = List.copyOf(means);
    List<double[]> front =
        front(trainings.stream().flatMap(training -> training.point().stream()).toList());
    if (front.isEmpty()) {
      throw new IllegalArgumentException(
          "Table '%s' has no row with all of its results".formatted(file.file()));
    }
    int objectives = front.getFirst().length;
    ideal = new double[objectives];
    extent = new double[objectives];
    reference = new double[objectives];
    for (int i = 0; i < objectives; i++) {
      int axis = i;
      ideal[i] = front.stream().mapToDouble(point -> point[axis]).min().orElseThrow();
      double range =
          front.stream().mapToDouble(point -> point[axis]).max().orElseThrow() - ideal[i];
      extent[i] = range > 0 ? range : 1;
      reference[i] = 1 + BEYOND;
    }
    volume = DominatedVolume.of(front.stream().map(this::normalised).toList(), reference);
    frontSize = front.size();
  }

  @Override
  public List<Gene> genes() {
    return genes;
  }

  @Override
  public String identity(List<Integer> alleles) {
    return String.valueOf(row(alleles));
  }

  @Override
  public List<Integer> canonical(List<Integer> alleles) {
    return trainings.get(row(alleles)).choices();
  }

  /** Different trainings. */
  public int rows() {
    return trainings.size();
  }

  /** Trainings on the true front. */
  public int frontSize() {
    return frontSize;
  }

  /**
   * What a training showed, all to be minimised: maximised columns have their sign changed. Empty
   * if it failed.
   */
  Optional<double[]> objectives(List<Integer> alleles) {
    return trainings.get(row(alleles)).point();
  }

  /**
   * The hypervolume of some results as a share of that of the whole table. Each objective is scaled
   * by its range over the true front; the reference is a tenth of that beyond its worst.
   */
  double share(List<double[]> results) {
    return DominatedVolume.of(results.stream().map(this::normalised).toList(), reference) / volume;
  }

  /** Those that no other is at least as good as in everything; of equals the first. */
  static List<double[]> front(List<double[]> points) {
    var sorted = new ArrayList<>(points);
    sorted.sort(
        Comparator.<double[]>comparingDouble(point -> point[0])
            .thenComparingDouble(point -> point[1])
            .thenComparingDouble(point -> point[point.length - 1]));
    var front = new ArrayList<double[]>();
    for (double[] point : sorted) {
      if (front.stream().noneMatch(other -> asGood(other, point))) {
        front.add(point);
      }
    }
    return front;
  }

  static boolean asGood(double[] one, double[] other) {
    for (int i = 0; i < one.length; i++) {
      if (one[i] > other[i]) {
        return false;
      }
    }
    return true;
  }

  private double[] normalised(double[] point) {
    var scaled = new double[point.length];
    for (int i = 0; i < point.length; i++) {
      scaled[i] = (point[i] - ideal[i]) / extent[i];
    }
    return scaled;
  }

  private int row(List<Integer> alleles) {
    Integer exact = byChoices.get(alleles);
    return exact != null ? exact : likest.computeIfAbsent(List.copyOf(alleles), this::likestRow);
  }

  private int likestRow(List<Integer> alleles) {
    // of rows as like, one that depends on the choices only: none is favoured
    int first = Math.floorMod(alleles.hashCode() * 0x9e3779b9, trainings.size());
    int best = first;
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < trainings.size(); i++) {
      int row = (first + i) % trainings.size();
      double distance = distance(alleles, trainings.get(row).choices());
      if (distance < least) {
        least = distance;
        best = row;
      }
    }
    return best;
  }

  private double distance(List<Integer> one, List<Integer> other) {
    double distance = 0;
    for (int i = 0; i < genes.size(); i++) {
      int difference = Math.abs(one.get(i) - other.get(i));
      distance +=
          genes.get(i).ordinal()
              ? (double) difference / Math.max(1, genes.get(i).choices() - 1)
              : Math.min(1, difference);
    }
    return distance;
  }

  /** The different values of a column in order, numbers by their size. */
  private static Map<String, Integer> indices(TableFile file, int column) {
    List<String> values =
        file.rows().stream().map(row -> row.get(column)).distinct().sorted(Table::byValue).toList();
    var indices = new HashMap<String, Integer>();
    values.forEach(value -> indices.put(value, indices.size()));
    return indices;
  }

  private static int byValue(String one, String other) {
    try {
      int order = Double.compare(Double.parseDouble(one), Double.parseDouble(other));
      return order != 0 ? order : one.compareTo(other);
    } catch (NumberFormatException e) {
      return one.compareTo(other);
    }
  }

  private static List<Optional<double[]>> results(TableFile file, Columns columns) {
    var results = new ArrayList<Optional<double[]>>();
    for (int i = 0; i < file.rows().size(); i++) {
      var objectives = new double[columns.minimize().size() + columns.maximize().size()];
      int at = 0;
      for (String name : columns.maximize()) {
        objectives[at++] = -number(file, i, name);
      }
      for (String name : columns.minimize()) {
        objectives[at++] = number(file, i, name);
      }
      boolean failed = Arrays.stream(objectives).anyMatch(Double::isNaN);
      results.add(failed ? Optional.empty() : Optional.of(objectives));
    }
    return results;
  }

  /** Not a number where there is none. */
  private static double number(TableFile file, int row, String column) {
    String text = file.rows().get(row).get(file.column(column));
    if (text.isEmpty()) {
      return Double.NaN;
    }
    try {
      double number = Double.parseDouble(text);
      if (Double.isFinite(number)) {
        return number;
      }
    } catch (NumberFormatException e) {
      // told below, as are numbers without end
    }
    throw new IllegalArgumentException(
        "Table '%s', row %d: column '%s' needs a finite number, got '%s'"
            .formatted(file.file(), row + 1, column, text));
  }

  private static double[] mean(List<double[]> all) {
    var mean = new double[all.getFirst().length];
    for (double[] each : all) {
      for (int i = 0; i < mean.length; i++) {
        mean[i] += each[i] / all.size();
      }
    }
    return mean;
  }
}
