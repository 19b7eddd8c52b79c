package blockfront.search.train;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * What is done to a plan to make it faster or smaller; each can be left out, and none changes what
 * is computed by more than rounding.
 */
public enum Pass {
  /** The gradient of a parameter is computed as soon as it can be, and what it needs set free. */
  EARLY_GRADIENTS,

  /** The batch goes through in slices that the caches hold; gradients add up in place. */
  SLICES,

  /**
   * Slices, permutations and stretches are read where they lie, and matrix products write straight
   * into what they are permuted or joined to.
   */
  VIEWS,

  /** Factors of a product's operand or result become the factor of the product. */
  FACTORS,

  /** What is computed element by element overwrites an operand that nobody needs any more. */
  IN_PLACE,

  /** A product that is added to what nobody needs any more is added there by BLAS. */
  SUMS_OF_PRODUCTS,

  /** An activation leaves its slope where its argument was, for the backward pass. */
  SLOPES,

  /** A norm keeps its means and scales for the backward pass. */
  STATISTICS,

  /**
   * Attention and its gradients are done some queries at a time, the weights of long sequences made
   * anew in the backward pass: nothing holds the scores of all their queries with all keys.
   */
  ATTENTION;

  /** Every pass, as trainings have them. */
  public static final Set<Pass> ALL = Collections.unmodifiableSet(EnumSet.allOf(Pass.class));

  /** Each operation by itself, as it is described. */
  public static final Set<Pass> NONE = Collections.unmodifiableSet(EnumSet.noneOf(Pass.class));
}
