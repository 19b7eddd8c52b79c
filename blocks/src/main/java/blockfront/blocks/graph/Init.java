package blockfront.blocks.graph;

/** How a parameter starts. */
public sealed interface Init {

  /** The usual start of weights in transformers: truncated normal, deviation 0.02. */
  Init TRUNCATED_NORMAL_002 = new TruncatedNormal(0.02);

  Init ZEROS = new Constant(0);
  Init ONES = new Constant(1);

  /**
   * Glorot and Bengio's start, which keeps the variance of what passes a matrix forth and back.
   *
   * @param gain 1 for a linear layer
   */
  static Init xavier(int in, int out, double gain) {
    return new Uniform(gain * Math.sqrt(6.0 / (in + out)));
  }

  /** Every entry the same. */
  record Constant(double value) implements Init {}

  /** Independent normal entries, mean 0. */
  record Normal(double deviation) implements Init {}

  /** Independent normal entries, mean 0, drawn again while their magnitude exceeds 2. */
  record TruncatedNormal(double deviation) implements Init {}

  /** Independent entries, equally likely anywhere within a bound around 0. */
  record Uniform(double bound) implements Init {}

  /** Independent entries whose exponentials are equally likely from 0 to a bound. */
  record LogOfUniform(double bound) implements Init {}

  /** Independent entries the logarithms of whose softplus are equally likely between two bounds. */
  record LogUniformSoftplus(double least, double greatest) implements Init {}

  /** The given entries, outermost axis first. */
  record Given(Values values) implements Init {}
}
