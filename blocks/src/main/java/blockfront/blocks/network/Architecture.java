package blockfront.blocks.network;

import blockfront.blocks.graph.Shape;
import blockfront.blocks.spi.Choice;
import java.util.List;

/**
 * A complete network: the value that is searched, stored, trained and exported.
 *
 * <p>Settings hold only what differs from the standard, so equal networks are equal values.
 *
 * @param input one example: an image {@code [height, width, channels]}
 * @param classes the number of answers
 * @param norm the last one, before the head's linear layer
 */
public record Architecture(
    Shape input,
    int classes,
    Choice stem,
    Choice position,
    List<Stage> stages,
    Choice norm,
    Choice head) {

  public Architecture {
    stages = List.copyOf(stages);
    if (classes < 2) {
      throw new IllegalArgumentException("Network needs at least 2 classes, got " + classes);
    }
    if (stages.isEmpty()) {
      throw new IllegalArgumentException("Network needs at least one stage");
    }
    for (int i = 0; i < stages.size(); i++) {
      if (stages.get(i).downsampling().isPresent() != (i > 0)) {
        throw new IllegalArgumentException(
            i == 0
                ? "The first stage follows the stem and cannot have a downsampling"
                : "Stage %d needs a downsampling".formatted(i + 1));
      }
    }
  }

  /** The same network for other data. */
  public Architecture forInput(Shape otherInput, int otherClasses) {
    return new Architecture(otherInput, otherClasses, stem, position, stages, norm, head);
  }

  public int depth() {
    return stages.stream().mapToInt(stage -> stage.layers().size()).sum();
  }
}
