package blockfront.search.data;

import blockfront.blocks.graph.Shape;
import java.util.List;

/**
 * What a search may see of a {@link DataSet}: everything but the test part.
 *
 * @param name of the data set
 * @param shape of one image: {@code [height, width, channels]}
 * @param classes names, in the order of the labels
 * @param train what weights are fitted to
 * @param validation what networks are compared by
 * @param normalisation of the train part
 * @param flips whether an image seen in a mirror keeps its class
 */
public record SearchData(
    String name,
    Shape shape,
    List<String> classes,
    Examples train,
    Examples validation,
    Normalisation normalisation,
    boolean flips) {

  public SearchData {
    classes = List.copyOf(classes);
  }

  /**
   * The augmentation that suits these images: an eighth of a side, mirrored where it makes sense.
   */
  public Augmentation usualAugmentation() {
    return new Augmentation(Math.min(shape.size(0), shape.size(1)) / 8, flips);
  }
}
