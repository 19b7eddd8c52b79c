package blockfront.search.bench;

import static java.util.stream.Collectors.joining;

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
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A table of finished trainings, searched as if each row had yet to be trained. Rows of the same
 * choices are one training, with the mean of their results; one that lacks a result failed. Choices
 * that the table lacks stand for the row most like them, so a table need not hold every
 * combination. Safe for use by many threads.
 */
public final class Table implements Genome {

  /** The reference point, beyond the worst of the front by this share of the front's extent. */
  private static final double BEYOND = 0.1;

  /** What stands for the result of a training that failed. */
  private static final Pattern FAILED =
      Pattern.compile("|[-+]?(nan|na|inf|infinity)|none|null", Pattern.CASE_INSENSITIVE);

  /** Results must leave room for sums of squares. */
  private static final double GREATEST = 1e100;

  /** Combinations that the table lacks are remembered up to so many. */
  private static final int REMEMBERED = 200_000;

  /** Numbers by their size, and before words. */
  private static final Comparator<String> BY_VALUE =
      Comparator.<String, Boolean>comparing(value -> size(value).isEmpty())
          .thenComparing(value -> size(value).orElse(0))
          .thenComparing(Comparator.naturalOrder());

  private final List<Gene> genes;
  private final List<Training> trainings;
  private final Map<List<Integer>, Integer> byChoices = new HashMap<>();
  private final Map<List<Integer>, Integer> likest = new ConcurrentHashMap<>();
  private final LikestRow likestRow;
  private final List<List<Integer>> listed;
  private final List<String> notes;
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
   * Reads a table. A result that is blank or no finite number ({@code nan}, {@code inf}) is that of
   * a training that failed.
   *
   * @throws IllegalArgumentException if the file or a column is missing or a result is no number,
   *     in one line
   */
  public static Table read(Path file, Columns columns) {
    var rows = new Rows(file, columns);
    TableFile.read(file, rows.names(), rows);
    return new Table(rows);
  }

  /** What a file holds: each column's values by first appearance, and which of them a row has. */
  private static final class Rows implements TableFile.Rows {
    final Path file;
    final Columns columns;
    final List<Map<String, Integer>> values = new ArrayList<>();
    final List<int[]> choices = new ArrayList<>();
    final List<Optional<double[]>> results = new ArrayList<>();

    Rows(Path file, Columns columns) {
      this.file = file;
      this.columns = columns;
      columns.choices().forEach(_ -> values.add(new LinkedHashMap<>()));
    }

    List<String> names() {
      return Stream.of(columns.choices(), columns.maximize(), columns.minimize())
          .flatMap(List::stream)
          .toList();
    }

    @Override
    public void row(long line, List<String> row) {
      int genes = columns.choices().size();
      var chosen = new int[genes];
      for (int gene = 0; gene < genes; gene++) {
        Map<String, Integer> known = values.get(gene);
        chosen[gene] = known.computeIfAbsent(row.get(gene), _ -> known.size());
      }
      choices.add(chosen);
      var objectives = new double[row.size() - genes];
      for (int i = 0; i < objectives.length; i++) {
        double number = number(line, names().get(genes + i), row.get(genes + i));
        objectives[i] = i < columns.maximize().size() ? -number : number;
      }
      boolean failed = Arrays.stream(objectives).anyMatch(Double::isNaN);
      results.add(failed ? Optional.empty() : Optional.of(objectives));
    }

    /** Not a number where there is none, or none that can be reckoned with. */
    private double number(long line, String column, String text) {
      if (FAILED.matcher(text).matches()) {
        return Double.NaN;
      }
      try {
        double number = Double.parseDouble(text);
        return Math.abs(number) < GREATEST ? number : Double.NaN;
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "Table '%s', line %d: column '%s' needs a number, got '%s'"
                .formatted(file, line, column, text),
            e);
      }
    }

    /** For each column, what place in order the values have, by first appearance. */
    List<int[]> places() {
      return values.stream()
          .map(
              known -> {
                var places = new int[known.size()];
                List<String> sorted = known.keySet().stream().sorted(BY_VALUE).toList();
                for (int i = 0; i < places.length; i++) {
                  places[known.getOrDefault(sorted.get(i), 0)] = i;
                }
                return places;
              })
          .toList();
    }
  }

  private Table(Rows rows) {
    var allGenes = new ArrayList<Gene>();
    var allNotes = new ArrayList<String>();
    for (int i = 0; i < rows.values.size(); i++) {
      String name = rows.columns.choices().get(i);
      Set<String> values = rows.values.get(i).keySet();
      boolean ordinal = rows.columns.ordinal().contains(name);
      allGenes.add(new Gene(name, values.size(), ordinal));
      if (ordinal && values.stream().anyMatch(value -> size(value).isEmpty())) {
        allNotes.add(
            "Column '%s' is ordinal but not all numbers; taken in this order: %s"
                .formatted(name, values.stream().sorted(BY_VALUE).collect(joining(", "))));
      }
    }
    genes = List.copyOf(allGenes);
    notes = List.copyOf(allNotes);
    List<int[]> places = rows.places();
    var sums = new LinkedHashMap<List<Integer>, List<double[]>>();
    for (int i = 0; i < rows.choices.size(); i++) {
      int[] chosen = rows.choices.get(i);
      List<Integer> alleles =
          IntStream.range(0, chosen.length).mapToObj(g -> places.get(g)[chosen[g]]).toList();
      List<double[]> known = sums.computeIfAbsent(alleles, _ -> new ArrayList<>());
      rows.results.get(i).ifPresent(known::add);
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
    listed = trainings.stream().map(Training::choices).toList();
    likestRow = new LikestRow(genes, listed);
    List<double[]> trained = trainings.stream().flatMap(each -> each.point().stream()).toList();
    List<double[]> front = front(trained);
    if (front.isEmpty()) {
      throw new IllegalArgumentException(
          "Table '%s' has no row with all of its results".formatted(rows.file));
    }
    int objectives = front.getFirst().length;
    ideal = new double[objectives];
    extent = new double[objectives];
    reference = new double[objectives];
    for (int i = 0; i < objectives; i++) {
      int axis = i;
      ideal[i] = front.stream().mapToDouble(point -> point[axis]).min().orElseThrow();
      extent[i] =
          Stream.of(front, trained)
              .map(points -> points.stream().mapToDouble(point -> point[axis]).max().orElseThrow())
              .map(worst -> worst - ideal[axis])
              .filter(range -> range > 0)
              .findFirst()
              .orElse(1.0);
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

  @Override
  public Optional<List<List<Integer>>> listed() {
    return Optional.of(listed);
  }

  /** What whoever asked for the table should know of how it was read, a line each. */
  public List<String> notes() {
    return notes;
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
   * by its range over the true front, or over all trainings where that is 0; the reference is a
   * tenth of that beyond its worst.
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
      // of two objectives, the latest member is the best in the second
      int least = point.length == 2 ? Math.max(0, front.size() - 1) : 0;
      if (front.subList(least, front.size()).stream()
          .noneMatch(other -> DominatedVolume.asGood(other, point))) {
        front.add(point);
      }
    }
    return front;
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
    if (exact != null) {
      return exact;
    }
    if (likest.size() >= REMEMBERED) {
      likest.clear();
    }
    return likest.computeIfAbsent(List.copyOf(alleles), likestRow::of);
  }

  private static OptionalDouble size(String value) {
    try {
      return OptionalDouble.of(Double.parseDouble(value));
    } catch (NumberFormatException e) {
      return OptionalDouble.empty();
    }
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
