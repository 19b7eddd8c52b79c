package blockfront.search.study;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.cost.Cost;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Network;
import blockfront.search.space.ArchitectureJson;
import blockfront.search.space.GenomeCodec;
import blockfront.search.strategy.SearchStrategy.Proposal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A proposal as a network, before it is a trial.
 *
 * @param asked when the strategy was asked for it
 * @param cost nothing, if the network cannot be described
 * @param refusal why it is not to be trained, if it is not
 */
record Candidate(
    Proposal proposal,
    Instant asked,
    Architecture architecture,
    String id,
    Cost cost,
    List<String> repairs,
    Optional<String> refusal) {

  static Candidate of(
      Proposal proposal, Instant asked, GenomeCodec codec, Catalogue catalogue, Limits limits) {
    Architecture architecture = codec.decode(proposal.genes());
    String id = ArchitectureJson.id(architecture);
    try {
      Network network = Network.of(architecture, catalogue);
      Cost cost = Cost.of(network.logits());
      return new Candidate(
          proposal, asked, architecture, id, cost, network.repairs(), limits.refusal(cost));
    } catch (IllegalArgumentException e) {
      return new Candidate(
          proposal,
          asked,
          architecture,
          id,
          new Cost(0, 0, 0, 0, 0, 0),
          List.of(),
          Optional.of(String.valueOf(e.getMessage())));
    }
  }
}
