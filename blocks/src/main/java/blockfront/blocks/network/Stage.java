package blockfront.blocks.network;

import blockfront.blocks.spi.Choice;
import java.util.List;
import java.util.Optional;

/**
 * Layers of one width.
 *
 * @param width channels of a token
 * @param downsampling what leads here from the stage before; absent in the first
 * @param layers at least one
 * @param layout how the layers are put together
 */
public record Stage(int width, Optional<Choice> downsampling, List<Layer> layers, Choice layout) {

  /** One layer after another. */
  public static final Choice STACKED = Choice.of("stacked");

  public Stage {
    layers = List.copyOf(layers);
    if (width < 1) {
      throw new IllegalArgumentException("Stage needs a positive width, got " + width);
    }
    if (layers.isEmpty()) {
      throw new IllegalArgumentException("Stage needs at least one layer");
    }
  }

  /** A stage of layers one after another. */
  public Stage(int width, Optional<Choice> downsampling, List<Layer> layers) {
    this(width, downsampling, layers, STACKED);
  }
}
