package blockfront.search.study;

import blockfront.search.space.ArchitectureFeatures;
import blockfront.search.space.Genome.Gene;
import blockfront.search.strategy.Importance;
import blockfront.search.trial.Trial;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * What a study's choices have to do with its objectives.
 *
 * @param choices those that differ between its networks, the most important first
 * @param networks what was measured, in the order of the trials' numbers
 */
public record Insight(List<Objective> objectives, List<Choice> choices, List<Network> networks) {

  private static final String ABSENT = "–";

  /** Values of a number that are told apart; more are put into groups of equal size. */
  private static final int GROUPS = 12;

  /**
   * One choice.
   *
   * @param name as {@link ArchitectureFeatures} names it
   * @param values in order: numbers by size, then texts
   * @param ordinal whether the order means something
   * @param shares of each objective's variance that the choice explains alone, in the order of the
   *     objectives
   * @param effects of each value on each objective, less the mean, on the objective's scale: {@code
   *     [objective][value]}; not a number where a value never occurred
   */
  public record Choice(
      String name,
      List<String> values,
      boolean ordinal,
      List<Double> shares,
      List<List<Double>> effects) {

    double greatestShare() {
      return shares.stream().mapToDouble(Double::doubleValue).max().orElse(0);
    }
  }

  /**
   * One network.
   *
   * @param values index of the value of each choice
   * @param objectives what it showed, in the order of the objectives and in their units
   * @param score as the study's metric says it
   */
  public record Network(int number, List<Integer> values, List<Double> objectives, double score) {}

  public Insight {
    objectives = List.copyOf(objectives);
    choices = List.copyOf(choices);
    networks = List.copyOf(networks);
  }

  /** A trial with its features. */
  private record Seen(Trial trial, Map<String, Object> features, List<Double> objectives) {

    Object feature(String name) {
      return features.getOrDefault(name, ABSENT);
    }
  }

  /** Of the trials that were measured; 10,000 take well under a second. */
  public static Insight of(Collection<Trial> trials, Aims aims) {
    List<Seen> seen =
        trials.stream()
            .sorted(Comparator.comparingInt(trial -> trial.id().number()))
            .flatMap(
                trial ->
                    aims.values(trial).stream()
                        .map(
                            values ->
                                new Seen(
                                    trial, ArchitectureFeatures.of(trial.architecture()), values)))
            .toList();
    var names = new LinkedHashMap<String, Scale>();
    seen.stream()
        .flatMap(each -> each.features().keySet().stream())
        .forEach(name -> names.computeIfAbsent(name, _ -> Scale.of(name, seen)));
    names.values().removeIf(scale -> scale.values().size() < 2);
    List<String> order = List.copyOf(names.keySet());
    List<Scale> scales = List.copyOf(names.values());
    List<Gene> genes = new ArrayList<>();
    names.forEach(
        (name, scale) -> genes.add(new Gene(name, scale.values().size(), scale.ordinal())));
    List<int[]> examples = seen.stream().map(each -> alleles(each, order, scales)).toList();
    List<Importance> importances = new ArrayList<>();
    for (int i = 0; i < aims.objectives().size(); i++) {
      int objective = i;
      importances.add(
          Importance.of(
              genes,
              examples,
              seen.stream()
                  .map(
                      each ->
                          aims.objectives().get(objective).scaled(each.objectives().get(objective)))
                  .toList()));
    }
    var choices = new ArrayList<Choice>();
    for (int g = 0; g < genes.size(); g++) {
      int gene = g;
      choices.add(
          new Choice(
              genes.get(g).name(),
              scales.get(g).values(),
              genes.get(g).ordinal(),
              importances.stream().map(each -> each.shares().get(gene)).toList(),
              importances.stream().map(each -> each.effects().get(gene)).toList()));
    }
    List<Integer> ranked =
        IntStream.range(0, choices.size())
            .boxed()
            .sorted(
                Comparator.comparingDouble((Integer at) -> choices.get(at).greatestShare())
                    .reversed())
            .toList();
    var networks = new ArrayList<Network>();
    for (int i = 0; i < seen.size(); i++) {
      int[] example = examples.get(i);
      networks.add(
          new Network(
              seen.get(i).trial().id().number(),
              ranked.stream().map(at -> example[at]).toList(),
              seen.get(i).objectives(),
              seen.get(i).trial().measurement().orElseThrow().validationScore()));
    }
    return new Insight(aims.objectives(), ranked.stream().map(choices::get).toList(), networks);
  }

  private static int[] alleles(Seen seen, List<String> names, List<Scale> scales) {
    var alleles = new int[names.size()];
    Arrays.setAll(alleles, i -> scales.get(i).index(seen.feature(names.get(i))));
    return alleles;
  }

  /**
   * The values of one feature.
   *
   * @param bounds the greatest number of each group, if values are numbers
   */
  private record Scale(List<String> values, boolean ordinal, List<Double> bounds) {

    static Scale of(String name, List<Seen> seen) {
      var numbers = new TreeSet<Double>();
      var texts = new TreeSet<String>();
      for (Seen each : seen) {
        if (each.feature(name) instanceof Double number) {
          numbers.add(number);
        } else {
          texts.add(each.feature(name).toString());
        }
      }
      List<Double> bounds = grouped(List.copyOf(numbers));
      var values = new ArrayList<String>();
      bounds.forEach(bound -> values.add(text(bound)));
      values.addAll(texts); // what is absent comes last
      return new Scale(values, texts.isEmpty(), bounds);
    }

    private static List<Double> grouped(List<Double> sorted) {
      if (sorted.size() <= GROUPS) {
        return sorted;
      }
      var bounds = new ArrayList<Double>();
      for (int i = 1; i <= GROUPS; i++) {
        bounds.add(sorted.get(i * sorted.size() / GROUPS - 1));
      }
      return bounds;
    }

    private static String text(double number) {
      return number == Math.rint(number) && Math.abs(number) < 1e9
          ? String.valueOf((long) number)
          : String.valueOf(number);
    }

    int index(Object value) {
      if (!(value instanceof Double number)) {
        return values.indexOf(value.toString());
      }
      int at = 0;
      while (at < bounds.size() - 1 && number > bounds.get(at)) {
        at++;
      }
      return at;
    }
  }
}
