package blockfront.search.trial;

import java.util.Optional;

/**
 * Under which circumstances an outcome came to be.
 *
 * @param seed of the training
 * @param dataHash of the data set's content
 * @param costRules version of the counting rules
 * @param version of Blockfront
 * @param machine processor, operating system, Java and BLAS, in one line
 * @param worker the process that trained it
 * @param parent number of the trial whose weights it began with, if it did not begin from scratch
 */
public record Provenance(
    long seed,
    String dataHash,
    int costRules,
    String version,
    String machine,
    String worker,
    Optional<Integer> parent) {

  /** Of a training from scratch. */
  public Provenance(
      long seed, String dataHash, int costRules, String version, String machine, String worker) {
    this(seed, dataHash, costRules, version, machine, worker, Optional.empty());
  }

  /** Of what nobody wrote down. */
  public static final Provenance UNKNOWN = new Provenance(0, "", 0, "", "", "");
}
