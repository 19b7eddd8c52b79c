package blockfront.search.study;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.cost.Cost;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.network.Network;
import blockfront.search.space.GenomeCodec;
import blockfront.search.space.SearchSpace;
import io.jenetics.util.RandomRegistry;
import java.math.BigInteger;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * What a space holds, by looking at some of its networks.
 *
 * @param size different genotypes; several may be one network
 * @param leastMultiplyAdds of the networks looked at, one example
 * @param leastParameters of the networks looked at
 * @param fitting how many of them could be described
 * @param within how many of them keep the limits
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
    Optional<String> example) {

  private static final int NETWORKS = 150;

  /**
   * Looks at networks drawn at random, always the same ones.
   *
   * @throws IllegalArgumentException if the space names blocks that there are not
   */
  public static SpaceProbe of(
      SearchSpace space, Limits limits, Shape input, int classes, Catalogue catalogue) {
    var codec = new GenomeCodec(space, input, classes, catalogue);
    var random = new SplittableRandom(7);
    long leastAdds = Long.MAX_VALUE;
    long greatestAdds = 0;
    long leastParameters = Long.MAX_VALUE;
    long greatestParameters = 0;
    int fitting = 0;
    int within = 0;
    Optional<String> example = Optional.empty();
    for (int i = 0; i < NETWORKS; i++) {
      var genotype = RandomRegistry.with(random).call(() -> codec.encoding().newInstance());
      try {
        Cost cost = Cost.of(Network.of(codec.decode(genotype), catalogue).logits());
        fitting++;
        within += limits.refusal(cost).isEmpty() ? 1 : 0;
        leastAdds = Math.min(leastAdds, cost.multiplyAdds());
        greatestAdds = Math.max(greatestAdds, cost.multiplyAdds());
        leastParameters = Math.min(leastParameters, cost.parameters());
        greatestParameters = Math.max(greatestParameters, cost.parameters());
      } catch (IllegalArgumentException e) {
        example = Optional.of(String.valueOf(e.getMessage()));
      }
    }
    return new SpaceProbe(
        codec.size(),
        fitting == 0 ? 0 : leastAdds,
        greatestAdds,
        fitting == 0 ? 0 : leastParameters,
        greatestParameters,
        fitting,
        within,
        example);
  }

  /** Why no search can be made here, if none can. */
  public Optional<String> refusal(Limits limits) {
    if (fitting == 0) {
      return Optional.of(
          "No network of the space fits the data: " + example.orElse("none was found"));
    }
    if (within == 0) {
      String most =
          limits
              .multiplyAdds()
              .filter(limit -> limit < leastMultiplyAdds)
              .map(
                  limit ->
                      "the cheapest of %d tried needs %,d multiply-adds, the limit is %,d"
                          .formatted(fitting, leastMultiplyAdds, limit))
              .orElseGet(
                  () ->
                      "the smallest of %d tried has %,d parameters, the limit is %,d"
                          .formatted(
                              fitting,
                              leastParameters,
                              limits.parameters().orElse(Long.MAX_VALUE)));
      return Optional.of("No network of the space keeps the limits: " + most);
    }
    return Optional.empty();
  }
}
