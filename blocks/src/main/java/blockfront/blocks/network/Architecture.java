package blockfront.blocks.network;

import blockfront.blocks.graph.Shape;
import blockfront.blocks.spi.Choice;
import java.util.List;

/**
 * A complete network: the value that is searched, stored, trained and exported.
 *
 * <p>Settings hold only what differs from the standard, so equal networks are equal values.
 *
 * @param task what enters and what is to be answered
 * @param norm the last one, before the head's linear layer
 */
public record Architecture(
    Task task, Choice stem, Choice position, List<Stage> stages, Choice norm, Choice head) {

  public Architecture {
    stages = List.copyOf(stages);
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

  /**
   * A network that tells of which class an image is.
   *
   * @param input one example {@code [height, width, channels]}
   */
  public Architecture(
      Shape input,
      int classes,
      Choice stem,
      Choice position,
      List<Stage> stages,
      Choice norm,
      Choice head) {
    this(new Task.ImageClassification(input, classes), stem, position, stages, norm, head);
  }

  /** The same network for other data. */
  public Architecture forTask(Task other) {
    return new Architecture(other, stem, position, stages, norm, head);
  }

  /** The same network for other images. */
  public Architecture forInput(Shape otherInput, int otherClasses) {
    return forTask(new Task.ImageClassification(otherInput, otherClasses));
  }

  /** The shape of one example. */
  public Shape input() {
    return task.input();
  }

  /** How many numbers an answer has: one for each class or token, or a single one. */
  public int classes() {
    return task.output().size(-1);
  }

  public int depth() {
    return stages.stream().mapToInt(stage -> stage.layers().size()).sum();
  }
}
