package blockfront.blocks.wrapper;

import blockfront.blocks.spi.Traits;

/** A wrapper is what its parts are. */
final class Inherited {

  static final Traits TRAITS =
      new Traits(
          Traits.Mixing.NONE, Traits.Causality.INHERITED, Traits.Layout.BOTH, "O(N)", true, false);

  private Inherited() {}
}
