package blockfront.search.space;

import java.util.List;

/**
 * What a study may try beyond blocks, widths and depths; a list of one is no choice.
 *
 * @param stems ids of stems; {@code auto}: small convolutions or patches, by the stride
 * @param multipliers widths of a pyramid's stages as multiples of the first, {@code 1,2,5,8}
 * @param heads ids of heads
 * @param ratios of linear to full attention, {@code 3:1}; also {@code all_linear}, {@code all_full}
 *     and {@code off}: layers stay as their segment says
 * @param placements of full attention: {@code periodic}, {@code front} or {@code back}
 * @param prefixes how many of the first layers use the prefix mixer
 * @param prefixMixers ids of token mixers for that
 * @param loops how often the layers of a looped layout are applied
 * @param recursions how often each layer of a recursive layout is
 * @param reductions of tokens half way through: {@code none} or {@code pool}
 * @param gates of softmax attention: {@code none}, {@code elementwise}, {@code headwise}, {@code
 *     clipped} or {@code conditional}
 * @param layerScales where the scales of branches start; 0 for none
 * @param priors whether a search begins with what papers found good
 */
public record MacroGenes(
    List<String> stems,
    List<String> multipliers,
    List<String> heads,
    List<String> ratios,
    List<String> placements,
    List<Integer> prefixes,
    List<String> prefixMixers,
    List<Integer> loops,
    List<Integer> recursions,
    List<String> reductions,
    List<String> gates,
    List<Double> layerScales,
    boolean priors) {

  public static final List<String> RATIOS =
      List.of("off", "all_linear", "24:1", "12:1", "6:1", "3:1", "1:1", "all_full");
  public static final List<String> PLACEMENTS = List.of("periodic", "front", "back");
  public static final List<String> REDUCTIONS = List.of("none", "pool");
  public static final List<String> GATES =
      List.of("none", "elementwise", "headwise", "clipped", "conditional");
  public static final List<String> MULTIPLIERS = List.of("1,2,4,8", "1,2,5,8", "1,1.5,2");

  /** Nothing to choose. */
  public static final MacroGenes NONE =
      new MacroGenes(
          List.of("auto"),
          List.of("1,2,4,8"),
          List.of("mean_pool"),
          List.of("off"),
          List.of("periodic"),
          List.of(0),
          List.of("gfnet_filter"),
          List.of(2),
          List.of(2),
          List.of("none"),
          List.of("none"),
          List.of(0.0),
          false);

  public MacroGenes {
    stems = nonEmpty("stem", stems);
    multipliers = nonEmpty("multiplier", multipliers);
    heads = nonEmpty("head", heads);
    ratios = known("ratio", RATIOS, ratios);
    placements = known("placement", PLACEMENTS, placements);
    prefixes = nonEmpty("prefix", prefixes);
    prefixMixers = nonEmpty("prefix mixer", prefixMixers);
    loops = nonEmpty("number of loops", loops);
    recursions = nonEmpty("number of recursions", recursions);
    reductions = known("reduction", REDUCTIONS, reductions);
    gates = known("gate", GATES, gates);
    layerScales = nonEmpty("layer scale", layerScales);
    for (String each : multipliers) {
      Blueprint.multipliers(each);
    }
    within("prefixes", prefixes, 0, 48);
    within("loops", loops, 1, 64);
    within("recursions", recursions, 1, 8);
    if (layerScales.stream().anyMatch(scale -> !(scale >= 0 && scale <= 1))) {
      throw new IllegalArgumentException(
          "Search space needs layer scales from 0 to 1, got " + layerScales);
    }
  }

  private static <T> List<T> nonEmpty(String what, List<T> allowed) {
    if (allowed.isEmpty()) {
      throw new IllegalArgumentException("Search space needs at least one " + what);
    }
    return allowed.stream().distinct().toList();
  }

  private static List<String> known(String what, List<String> known, List<String> allowed) {
    for (String each : allowed) {
      if (!known.contains(each)) {
        throw new IllegalArgumentException("No %s '%s'; known are %s".formatted(what, each, known));
      }
    }
    return nonEmpty(what, allowed);
  }

  private static void within(String what, List<Integer> allowed, int least, int most) {
    if (allowed.stream().anyMatch(each -> each < least || each > most)) {
      throw new IllegalArgumentException(
          "Search space needs %s from %d to %d, got %s".formatted(what, least, most, allowed));
    }
  }
}
