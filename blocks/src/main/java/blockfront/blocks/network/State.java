package blockfront.blocks.network;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.spi.TokenMixer;
import java.util.ArrayList;
import java.util.List;

/**
 * What a network has to keep of the tokens before, to go on with the next: keys and values of all
 * of them in attention, a state of one size in a recurrence.
 *
 * @param numbers of all layers, as {@link TokenMixer#state} says, for one example
 */
public record State(long numbers) {

  private static final ScopedValue<List<Long>> LAYERS = ScopedValue.newInstance();

  /** Of a network, its last token being still to come. */
  public static State of(Architecture architecture, Catalogue catalogue) {
    var layers = new ArrayList<Long>();
    ScopedValue.where(LAYERS, layers).call(() -> Network.of(architecture, catalogue));
    return new State(layers.stream().mapToLong(Long::longValue).sum());
  }

  /** In float32. */
  public long bytes() {
    return Math.multiplyExact(numbers, Float.BYTES);
  }

  /** Told of each mixer when it is described. */
  static void keep(long numbers) {
    if (LAYERS.isBound()) {
      LAYERS.get().add(numbers);
    }
  }
}
