package blockfront.search.strategy;

import blockfront.blocks.network.Architecture;
import java.util.Optional;

/**
 * Decides what to try next, asked for one network at a time.
 *
 * <p>Used by one thread at a time. The same sequence of calls gives the same proposals: all
 * randomness comes from the study's seed and the index of the question, so a study is resumed by
 * telling what the store knows.
 */
public interface SearchStrategy {

  /**
   * The next network, never one that was proposed before.
   *
   * @return empty if the space has nothing new to offer, or nothing before more is told: then
   *     {@link #exhausted} says which
   */
  Optional<Proposal> ask();

  /** How the network of a proposal did. */
  void tell(Proposal proposal, Result result);

  /** The proposal comes to nothing: cancelled, or lost. */
  void drop(Proposal proposal);

  /** Whether {@link #ask} will stay empty for ever. */
  boolean exhausted();

  /**
   * A network worth trying.
   *
   * @param askIndex which question it answers, from 0
   */
  record Proposal(long askIndex, Architecture architecture) {}

  /** What the search minimises. */
  sealed interface Result {

    /**
     * Trained.
     *
     * @param error 1 - validation accuracy
     * @param multiplyAdds of one example
     */
    record Measured(double error, long multiplyAdds) implements Result {}

    /** Refused or failed: never to be preferred to a network that trained. */
    record Failed() implements Result {}
  }
}
