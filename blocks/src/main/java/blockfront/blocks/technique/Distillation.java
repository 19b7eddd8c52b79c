package blockfront.blocks.technique;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Tensor;

/**
 * The loss of a network that learns from the answers of another as well as from labels.
 *
 * @param temperature how soft answers are made
 * @param share of the loss that is the teacher's, 0 to 1
 */
public record Distillation(double temperature, double share) {

  public Distillation {
    if (!(temperature > 0) || !(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException(
          "Distillation needs a positive temperature and a share from 0 to 1, got %s and %s"
              .formatted(temperature, share));
    }
  }

  /**
   * {@code (1 - share) CE(target, logits) + share t² KL(teacher || student)}, both softened by the
   * temperature t.
   *
   * @param teacher logits, of which no gradient is wanted
   * @return of size 1 on the last axis
   */
  public Tensor loss(Tensor logits, Tensor target, Tensor teacher) {
    Tensor labels = logits.crossEntropy(target, 0).times(1 - share);
    return labels.plus(divergence(logits, teacher).times(share * temperature * temperature));
  }

  /** {@code KL(softmax(teacher / t) || softmax(logits / t))}. */
  public Tensor divergence(Tensor logits, Tensor teacher) {
    Tensor soft = teacher.times(1 / temperature);
    Tensor answers = soft.softmax();
    Tensor entropy = soft.crossEntropy(answers, 0);
    return logits.times(1 / temperature).crossEntropy(answers, 0).minus(entropy);
  }

  /** The mean square distance of what both see, where widths and tokens are the same. */
  public static Tensor ofFeatures(Tensor student, Tensor teacher) {
    Tensor square = student.minus(teacher).apply(Function.SQUARE);
    var axes = new Integer[square.shape().rank()];
    for (int i = 0; i < axes.length; i++) {
      axes[i] = i;
    }
    return square.mean(axes);
  }
}
