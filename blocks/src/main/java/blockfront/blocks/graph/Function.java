package blockfront.blocks.graph;

/** A function of one number, applied to every element. */
public enum Function {
  /** {@code x Φ(x)}, Φ the normal distribution function, by erf. */
  GELU,
  /** The tanh approximation of {@link #GELU}. */
  GELU_TANH,
  /** {@code x σ(x)}. */
  SILU,
  /** {@code max(x, 0)}; derivative 0 at 0. */
  RELU,
  SIGMOID,
  TANH,
  EXP,
  /** Natural logarithm. */
  LOG,
  SQRT,
  SQUARE,
  /** Magnitude; derivative 0 at 0. */
  ABS,
  /** 1 where x is more than 0, else 0; derivative 0 everywhere. */
  STEP
}
