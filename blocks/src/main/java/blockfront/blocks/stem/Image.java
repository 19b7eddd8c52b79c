package blockfront.blocks.stem;

import blockfront.blocks.spi.Traits;

/** What all stems and downsamplings share: neighbouring pixels of a grid are brought together. */
final class Image {

  static final Traits TRAITS =
      new Traits(
          Traits.Mixing.LOCAL, Traits.Causality.NEVER, Traits.Layout.GRID, "O(N)", true, false);

  private Image() {}
}
