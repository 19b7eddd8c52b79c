package blockfront.blocks.network;

import blockfront.blocks.spi.Choice;
import java.util.Optional;

/**
 * One layer of a stage.
 *
 * @param wrapper how the parts are joined
 * @param norm in front of each part
 * @param mixer the token mixer, if any
 * @param channel the channel mixer, if any
 * @param layerScale where the scale of each branch starts; 0 for no scale
 */
public record Layer(
    Choice wrapper,
    Choice norm,
    Optional<Choice> mixer,
    Optional<Choice> channel,
    double layerScale) {

  public Layer {
    if (!(layerScale >= 0 && layerScale <= 1)) {
      throw new IllegalArgumentException("Layer scale must be in [0, 1], got " + layerScale);
    }
  }
}
