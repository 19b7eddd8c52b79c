package blockfront.blocks.spi;

/**
 * An entry of the catalogue that is no part by itself: a way to lay out parts, to train, to search
 * or to measure.
 *
 * <p>It is listed with the parts, so that a reader finds everything in one place; what it does is
 * in the class that its documentation names.
 */
public non-sealed interface Technique extends Block {

  @Override
  default Role role() {
    return Role.NONE;
  }
}
