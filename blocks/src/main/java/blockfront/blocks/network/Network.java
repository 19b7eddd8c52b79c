package blockfront.blocks.network;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import java.util.List;

/**
 * A network as one symbolic tensor: what every reader (cost, gradient, training, export) starts
 * from.
 *
 * @param image the input, named "image"
 * @param logits one for each class
 * @param repairs what had to be changed in blocks to make them fit, for the user to read
 */
public record Network(Tensor image, Tensor logits, List<String> repairs) {

  /** The name of the input. */
  public static final String IMAGE = "image";

  public Network {
    repairs = List.copyOf(repairs);
  }

  /** For inference: nothing random. */
  public static Network of(Architecture architecture, Catalogue catalogue) {
    return description(architecture, catalogue, Regularisation.NONE);
  }

  /**
   * Describes a network to be trained.
   *
   * @throws IllegalArgumentException if a block is unknown, set to what it does not allow, or
   *     cannot be used on the tokens it gets; the message starts with the place in the network
   */
  public static Network describe(
      Architecture architecture, Catalogue catalogue, Regularisation regularisation) {
    return Scope.inTraining(() -> description(architecture, catalogue, regularisation));
  }

  private static Network description(
      Architecture architecture, Catalogue catalogue, Regularisation regularisation) {
    if (architecture.input().rank() != 3) {
      throw new IllegalArgumentException(
          "Network needs images [height, width, channels], got " + architecture.input());
    }
    Tensor image = Tensor.input(IMAGE, architecture.input());
    var description = new Description(architecture, catalogue, regularisation);
    Scope.Noted<Tensor> logits = Scope.collectingRepairs(() -> description.of(image));
    return new Network(image, logits.value(), logits.repairs());
  }
}
