package blockfront.search.train;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.network.Task;
import blockfront.search.data.Examples;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What a training lessens: the mean cross-entropy of all answers that count, or the mean squared
 * error.
 */
final class Objective {

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;

  private final Task task;
  private final Tensor target;
  private final Tensor share;
  private final Tensor loss;

  /**
   * Describes the loss.
   *
   * @param answer of the network
   * @param smoothing of the targets of a cross-entropy, in [0, 1)
   */
  Objective(Task task, Tensor answer, double smoothing) {
    this.task = task;
    this.target = Tensor.input("target", answer.shape());
    this.loss =
        switch (task) {
          case Task.ImageClassification _, Task.SequenceClassification _, Task.TokenPrediction _ ->
              answer.crossEntropy(target, smoothing);
          case Task.InContextRegression _ -> answer.minus(target).apply(Function.SQUARE);
        };
    this.share = Tensor.input("share", loss.shape());
  }

  /** The right answers, in the shape of the network's. */
  Tensor target() {
    return target;
  }

  /** One loss for each answer. */
  Tensor loss() {
    return loss;
  }

  /** By how much each loss counts: the gradient of the mean. */
  Tensor share() {
    return share;
  }

  /**
   * Sets the targets of a batch; what is beyond the real examples counts nothing.
   *
   * @param chosen which examples
   * @param count how many of them are real
   * @return how many answers count
   */
  int prepare(Plan plan, Examples examples, int[] chosen, int count) {
    MemorySegment targets = plan.buffer(target);
    MemorySegment shares = plan.buffer(share);
    targets.fill((byte) 0);
    shares.fill((byte) 0);
    if (task instanceof Task.InContextRegression) {
      for (int i = 0; i < count; i++) {
        targets.setAtIndex(FLOAT, i, (float) examples.truth(chosen[i]));
        shares.setAtIndex(FLOAT, i, 1f / count);
      }
      return count;
    }
    int places = examples.places();
    int classes = target.shape().size(-1);
    int counted = 0;
    for (int i = 0; i < count; i++) {
      for (int place = 0; place < places; place++) {
        counted += examples.label(chosen[i], place) == Examples.IGNORED ? 0 : 1;
      }
    }
    for (int i = 0; i < count; i++) {
      for (int place = 0; place < places; place++) {
        int label = examples.label(chosen[i], place);
        if (label != Examples.IGNORED) {
          long at = (long) i * places + place;
          targets.setAtIndex(FLOAT, at * classes + label, 1);
          shares.setAtIndex(FLOAT, at, 1f / counted);
        }
      }
    }
    return counted;
  }

  /** The mean loss of the answers that count, once the plan has run; 0 if none does. */
  double mean(Plan plan) {
    MemorySegment losses = plan.buffer(loss);
    MemorySegment shares = plan.buffer(share);
    double sum = 0;
    int counted = 0;
    for (long i = 0; i < losses.byteSize() / FLOAT.byteSize(); i++) {
      if (shares.getAtIndex(FLOAT, i) > 0) {
        sum += losses.getAtIndex(FLOAT, i);
        counted++;
      }
    }
    return sum / Math.max(1, counted);
  }
}
