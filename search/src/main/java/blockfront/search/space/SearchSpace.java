package blockfront.search.space;

import blockfront.blocks.graph.Shape;
import blockfront.blocks.network.Task;
import java.util.Collections;
import java.util.List;

/**
 * What a study may try; every list holds what is allowed, in a fixed order.
 *
 * @param layouts {@code isotropic}: one stage; {@code pyramid}: stages that halve the grid and
 *     widen while the grid allows it; and the others of {@link Blueprint#LAYOUTS}
 * @param mixers ids of token mixers
 * @param channelMixers ids of channel mixers
 * @param norms ids of norms
 * @param positions ids of positions
 * @param patches strides of the stem, in pixels
 * @param widths channels of the first stage
 * @param minDepth fewest layers in all
 * @param maxDepth most layers in all
 * @param macro what may be chosen beyond these
 */
public record SearchSpace(
    List<String> layouts,
    List<String> mixers,
    List<String> channelMixers,
    List<String> norms,
    List<String> positions,
    List<Integer> patches,
    List<Integer> widths,
    int minDepth,
    int maxDepth,
    MacroGenes macro) {

  public SearchSpace {
    layouts = nonEmpty("layout", layouts);
    mixers = nonEmpty("token mixer", mixers);
    channelMixers = nonEmpty("channel mixer", channelMixers);
    norms = nonEmpty("norm", norms);
    positions = nonEmpty("position", positions);
    patches = nonEmpty("patch", patches);
    widths = nonEmpty("width", widths);
    if (minDepth < 1 || maxDepth < minDepth || maxDepth > 48) {
      throw new IllegalArgumentException(
          "Search space needs 1 <= minDepth <= maxDepth <= 48, got %d and %d"
              .formatted(minDepth, maxDepth));
    }
    if (widths.stream().anyMatch(width -> width < 8 || width > 1024 || width % 8 != 0)) {
      throw new IllegalArgumentException(
          "Search space needs widths that are multiples of 8 up to 1024, got " + widths);
    }
    if (patches.stream().anyMatch(patch -> patch < 1 || patch > 32)) {
      throw new IllegalArgumentException("Search space needs patches from 1 to 32, got " + patches);
    }
  }

  /** A space without macro genes. */
  public SearchSpace(
      List<String> layouts,
      List<String> mixers,
      List<String> channelMixers,
      List<String> norms,
      List<String> positions,
      List<Integer> patches,
      List<Integer> widths,
      int minDepth,
      int maxDepth) {
    this(
        layouts,
        mixers,
        channelMixers,
        norms,
        positions,
        patches,
        widths,
        minDepth,
        maxDepth,
        MacroGenes.NONE);
  }

  /**
   * The corner of the cheapest networks: coarsest patch, narrowest, shallowest.
   *
   * @param task whose images must be as large as the patch
   */
  public SearchSpace smallest(Task task) {
    Shape input = task.input();
    int side = task.sequence().isPresent() ? 1 : Math.min(input.size(0), input.size(1));
    List<Integer> fitting = patches.stream().filter(patch -> patch <= side).toList();
    List<Integer> coarsest = fitting.isEmpty() ? patches : List.of(Collections.max(fitting));
    return corner(coarsest, Collections.min(widths), minDepth);
  }

  /** The corner of the dearest networks: finest patch, widest, deepest. */
  public SearchSpace largest() {
    return corner(List.of(Collections.min(patches)), Collections.max(widths), maxDepth);
  }

  private SearchSpace corner(List<Integer> patch, int width, int depth) {
    return new SearchSpace(
        layouts,
        mixers,
        channelMixers,
        norms,
        positions,
        patch,
        List.of(width),
        depth,
        depth,
        macro);
  }

  private static <T> List<T> nonEmpty(String what, List<T> allowed) {
    if (allowed.isEmpty()) {
      throw new IllegalArgumentException("Search space needs at least one " + what);
    }
    return allowed.stream().distinct().toList();
  }
}
