package blockfront.search.strategy;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Decides what to try next, asked for one genome at a time; never waits for others to end.
 *
 * <p>Used by one thread at a time. The same sequence of calls gives the same proposals: all
 * randomness comes from the study's seed and the index of the question, so a study is resumed by
 * asking and telling again what the store knows.
 */
public interface SearchStrategy {

  /**
   * The next genes, never any that mean what was proposed before.
   *
   * @return empty if there is nothing new to offer, or nothing before more is told: then {@link
   *     #exhausted} says which
   */
  Optional<Proposal> ask();

  /**
   * How a proposal did.
   *
   * @throws IllegalArgumentException if it was never made, or told or dropped before
   */
  void tell(Proposal proposal, Result result);

  /**
   * A proposal that was told before was trained further: this is what is known of it now.
   *
   * @throws IllegalArgumentException if it was not told before
   */
  void revise(Proposal proposal, Result result);

  /** The proposal comes to nothing: cancelled, or lost. It is not made again. */
  void drop(Proposal proposal);

  /** Whether {@link #ask} will stay empty for ever. */
  boolean exhausted();

  /**
   * Whether answers take so long that it is better asked before its answer is needed, though it
   * knows of a result less then.
   */
  default boolean slow() {
    return false;
  }

  /** How often something was drawn that means what was proposed before, and was drawn anew. */
  long duplicates();

  /**
   * Genes worth trying.
   *
   * @param askIndex which question they answer, from 0
   * @param genes alleles of the strategy's {@link blockfront.search.space.Genome}
   */
  record Proposal(long askIndex, List<Integer> genes) {

    public Proposal {
      genes = List.copyOf(genes);
    }
  }

  /** What the search minimises. */
  sealed interface Result {

    /**
     * Trained.
     *
     * @param objectives two or three, each the less the better, on the scales on which the
     *     hypervolume is measured; as many in every result of a study
     * @param violation by how much constraints are violated, 0 if none is: whatever violates is
     *     worse than whatever does not
     */
    record Measured(List<Double> objectives, double violation) implements Result {

      public Measured {
        objectives = List.copyOf(objectives);
        if (objectives.isEmpty() || !objectives.stream().allMatch(Double::isFinite)) {
          throw new IllegalArgumentException("Result needs finite objectives, got " + objectives);
        }
        if (!(violation >= 0)) {
          throw new IllegalArgumentException(
              "Result needs a violation of at least 0, got " + violation);
        }
      }

      /** Without constraints, or with all of them kept. */
      public static Measured of(double... objectives) {
        return new Measured(Arrays.stream(objectives).boxed().toList(), 0);
      }
    }

    /** Refused or failed: never to be preferred to what trained. */
    record Failed() implements Result {}
  }
}
