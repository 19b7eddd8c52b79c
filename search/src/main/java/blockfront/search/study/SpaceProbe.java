package blockfront.search.study;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.cost.Cost;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Network;
import blockfront.blocks.network.Task;
import blockfront.search.space.GenomeCodec;
import blockfront.search.space.SearchSpace;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a space holds, by looking at some of its networks: some drawn from all of it, some from its
 * smallest and its largest corner (width, depth and patch at their ends), where the bounds are.
 *
 * @param size different genotypes; several may be one network
 * @param leastMultiplyAdds of the networks looked at, one example
 * @param leastParameters of the networks looked at
 * @param fitting how many of those drawn from all of it could be described
 * @param within how many of these keep the limits
 * @param looked how many could be described in all, corners included
 * @param possible whether any of these keeps the limits
 * @param example why one could not be described, if any could not
 */
public record SpaceProbe(
    BigInteger size,
    long leastMultiplyAdds,
    long greatestMultiplyAdds,
    long leastParameters,
    long greatestParameters,
    int fitting,
    int within,
    int looked,
    boolean possible,
    Optional<String> example) {

  private static final int NETWORKS = 150;
  private static final int CORNER = 30;

  /**
   * Looks at networks drawn at random, always the same ones.
   *
   * @throws IllegalArgumentException if the space names blocks that there are not
   */
  public static SpaceProbe of(SearchSpace space, Limits limits, Task task, Catalogue catalogue) {
    var codec = new GenomeCodec(space, task, catalogue);
    var all = Sample.of(codec, NETWORKS, limits, catalogue);
    var seen = new ArrayList<>(List.of(all));
    for (SearchSpace corner : List.of(space.smallest(task), space.largest())) {
      var genes = new GenomeCodec(corner, task, catalogue);
      seen.add(Sample.of(genes, CORNER, limits, catalogue));
    }
    List<Cost> costs = seen.stream().flatMap(sample -> sample.costs().stream()).toList();
    LongSummaryStatistics adds = costs.stream().mapToLong(Cost::multiplyAdds).summaryStatistics();
    LongSummaryStatistics parameters =
        costs.stream().mapToLong(Cost::parameters).summaryStatistics();
    return new SpaceProbe(
        codec.size(),
        costs.isEmpty() ? 0 : adds.getMin(),
        costs.isEmpty() ? 0 : adds.getMax(),
        costs.isEmpty() ? 0 : parameters.getMin(),
        costs.isEmpty() ? 0 : parameters.getMax(),
        all.costs().size(),
        all.within(),
        costs.size(),
        seen.stream().anyMatch(sample -> sample.within() > 0),
        seen.stream().flatMap(sample -> sample.refusal().stream()).findFirst());
  }

  /**
   * Why no search can be made in a space; stops looking at the first network that could be trained,
   * which {@link #of} does not.
   *
   * @return nothing if one can be made
   * @throws IllegalArgumentException if the space names blocks that there are not
   */
  public static Optional<String> refusal(
      SearchSpace space, Limits limits, Task task, Catalogue catalogue) {
    boolean possible =
        Drawn.from(new GenomeCodec(space, task, catalogue), catalogue)
            .limit(NETWORKS)
            .anyMatch(drawn -> drawn.within(limits));
    return possible ? Optional.empty() : of(space, limits, task, catalogue).refusal(limits);
  }

  /** A network drawn at random: what it costs, or why it could not be described. */
  private record Drawn(Optional<Cost> cost, Optional<String> refusal) {

    /** Without end, and always the same ones. */
    static Stream<Drawn> from(GenomeCodec codec, Catalogue catalogue) {
      return codec.draws(7).map(network -> of(network, catalogue));
    }

    private static Drawn of(Architecture architecture, Catalogue catalogue) {
      try {
        Tensor logits = Network.of(architecture, catalogue).logits();
        return new Drawn(Optional.of(Cost.of(logits)), Optional.empty());
      } catch (IllegalArgumentException e) {
        return new Drawn(Optional.empty(), Optional.of(String.valueOf(e.getMessage())));
      }
    }

    boolean within(Limits limits) {
      return cost.filter(each -> limits.refusal(each).isEmpty()).isPresent();
    }
  }

  /** Some networks of one space: what they cost, and why one could not be described. */
  private record Sample(List<Cost> costs, int within, Optional<String> refusal) {

    static Sample of(GenomeCodec codec, int networks, Limits limits, Catalogue catalogue) {
      List<Drawn> drawn = Drawn.from(codec, catalogue).limit(networks).toList();
      return new Sample(
          drawn.stream().flatMap(each -> each.cost().stream()).toList(),
          (int) drawn.stream().filter(each -> each.within(limits)).count(),
          drawn.stream().flatMap(each -> each.refusal().stream()).findFirst());
    }
  }

  /** Why no search can be made here, if none can. */
  public Optional<String> refusal(Limits limits) {
    if (looked == 0) {
      return Optional.of(
          "No network of the space fits the data: " + example.orElse("none was found"));
    }
    if (!possible) {
      String most =
          limits
              .multiplyAdds()
              .filter(limit -> limit < leastMultiplyAdds)
              .map(
                  limit ->
                      "the cheapest of %d tried needs %,d multiply-adds, the limit is %,d"
                          .formatted(looked, leastMultiplyAdds, limit))
              .or(
                  () ->
                      limits
                          .parameters()
                          .filter(limit -> limit < leastParameters)
                          .map(
                              limit ->
                                  "the smallest of %d tried has %,d parameters, the limit is %,d"
                                      .formatted(looked, leastParameters, limit)))
              .orElse(
                  "none of %d tried keeps that of multiply-adds and that of parameters at once"
                      .formatted(looked));
      return Optional.of("No network of the space keeps the limits: " + most);
    }
    return Optional.empty();
  }
}
