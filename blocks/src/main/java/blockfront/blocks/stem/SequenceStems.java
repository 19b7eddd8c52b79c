package blockfront.blocks.stem;

import blockfront.blocks.spi.Traits;

/** What stems of sequences share: each element becomes a token by itself. */
final class SequenceStems {

  static final Traits TRAITS =
      new Traits(
          Traits.Mixing.NONE, Traits.Causality.ALWAYS, Traits.Layout.SEQUENCE, "O(N)", true, false);

  private SequenceStems() {}
}
