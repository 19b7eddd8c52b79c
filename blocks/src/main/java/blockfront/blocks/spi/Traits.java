package blockfront.blocks.spi;

/**
 * What a block can be used for.
 *
 * @param mixes how far one token's output sees
 * @param causality whether a token can be kept from seeing later ones
 * @param layout what the tokens may be laid out as
 * @param complexity in tokens N, as text: {@code O(N)}
 * @param linear whether the cost grows no faster than N (up to a logarithm)
 * @param fixedTokens whether weights depend on the number of tokens, so that it cannot change after
 */
public record Traits(
    Mixing mixes,
    Causality causality,
    Layout layout,
    String complexity,
    boolean linear,
    boolean fixedTokens) {

  /** How far information travels in one pass. */
  public enum Mixing {
    NONE,
    LOCAL,
    GLOBAL
  }

  public enum Causality {
    NEVER,
    ALWAYS,
    OPTIONAL,
    /** As what it wraps. */
    INHERITED
  }

  public enum Layout {
    SEQUENCE,
    GRID,
    BOTH
  }

  /** Acts on each token alone. */
  public static final Traits PER_TOKEN =
      new Traits(Mixing.NONE, Causality.ALWAYS, Layout.BOTH, "O(N)", true, false);
}
