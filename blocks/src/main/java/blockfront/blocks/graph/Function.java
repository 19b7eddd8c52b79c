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
  STEP,
  /**
   * 1 where x is at least 0, else 0; trained as if it were {@code σ(4x)}: its derivative is taken
   * to be {@code 4 σ(4x) (1 - σ(4x))}.
   */
  SPIKE_SIGMOID,
  /**
   * 1 where x is at least 0, else 0; trained as if it were {@code arctan(πx) / π + 1/2}: its
   * derivative is taken to be {@code 1 / (1 + (πx)²)}.
   */
  SPIKE_ARCTAN;

  /** Whether it is a spike: a step forward, something smoother backward. */
  public boolean spike() {
    return this == SPIKE_SIGMOID || this == SPIKE_ARCTAN;
  }
}
