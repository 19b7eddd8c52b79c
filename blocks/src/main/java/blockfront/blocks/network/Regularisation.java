package blockfront.blocks.network;

/**
 * Randomness in training that is described with the network.
 *
 * @param dropPath how often the branches of the last layer are left out (stochastic depth), in [0,
 *     1); the rate grows linearly from 0 at the first layer
 */
public record Regularisation(double dropPath) {

  /** For inference, and for training without. */
  public static final Regularisation NONE = new Regularisation(0);

  public Regularisation {
    if (!(dropPath >= 0 && dropPath < 1)) {
      throw new IllegalArgumentException("Drop path must be in [0, 1), got " + dropPath);
    }
  }

  /** The rate of one layer of several; 0 if it is the only one. */
  double dropPath(int layer, int layers) {
    return layers == 1 ? 0 : dropPath * layer / (layers - 1);
  }
}
