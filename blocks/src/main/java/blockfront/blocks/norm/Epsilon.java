package blockfront.blocks.norm;

import blockfront.blocks.spi.Knob;

/** The knob that all norms share. */
final class Epsilon {

  private Epsilon() {}

  static Knob<Double> of(double standard) {
    return Knob.decimal(
        "epsilon",
        "added to the variance, so that a constant input stays finite",
        standard,
        1e-12,
        1e-1,
        standard);
  }
}
