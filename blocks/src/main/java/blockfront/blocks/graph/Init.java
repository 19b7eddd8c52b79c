package blockfront.blocks.graph;

/** How a parameter starts. */
public sealed interface Init {

  /** The usual start of weights in transformers: truncated normal, deviation 0.02. */
  Init TRUNCATED_NORMAL_002 = new TruncatedNormal(0.02);

  Init ZEROS = new Constant(0);
  Init ONES = new Constant(1);

  /** Every entry the same. */
  record Constant(double value) implements Init {}

  /** Independent normal entries, mean 0. */
  record Normal(double deviation) implements Init {}

  /** Independent normal entries, mean 0, drawn again while their magnitude exceeds 2. */
  record TruncatedNormal(double deviation) implements Init {}

  /** The given entries, outermost axis first. */
  record Given(Values values) implements Init {}
}
