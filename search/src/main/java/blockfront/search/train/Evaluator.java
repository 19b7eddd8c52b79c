package blockfront.search.train;

import blockfront.blocks.graph.Parameters;
import blockfront.blocks.network.Network;
import blockfront.search.data.Batches;
import blockfront.search.data.Examples;
import blockfront.search.data.Normalisation;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** A trained network that answers. Owned by one thread; close it before its weights. */
public final class Evaluator implements AutoCloseable {

  private final Network network;
  private final Plan plan;
  private final int classes;
  private final float[] images;
  private final int[] labels;
  private final float[] logits;

  /**
   * How a network does on some examples.
   *
   * @param accuracy top-1, 0 to 1
   * @param loss mean cross-entropy in nats
   * @param confusion examples by true class (rows) and answer (columns)
   */
  public record Score(double accuracy, double loss, List<List<Integer>> confusion) {}

  /**
   * Compiles the network for inference.
   *
   * @param batch examples at a time
   */
  public Evaluator(Network network, Weights weights, int batch) {
    this.network = network;
    this.classes = network.logits().shape().size(-1);
    this.plan =
        new Plan(
            List.of(network.logits()), batch, weights.of(Parameters.of(List.of(network.logits()))));
    this.images = new float[Math.toIntExact(batch * network.image().shape().elements())];
    this.labels = new int[batch];
    this.logits = new float[batch * classes];
  }

  /** Answers a batch of normalised images; the answer is overwritten by the next. */
  float[] logits(float[] batch) {
    MemorySegment in = plan.buffer(network.image());
    MemorySegment.copy(batch, 0, in, ValueLayout.JAVA_FLOAT, 0, batch.length);
    plan.run();
    MemorySegment out = plan.buffer(network.logits());
    MemorySegment.copy(out, ValueLayout.JAVA_FLOAT, 0, logits, 0, logits.length);
    return logits;
  }

  /** The logits of every example, in order: {@code [examples][classes]}. */
  public List<float[]> answers(Examples examples, Normalisation normalisation) {
    var answers = new ArrayList<float[]>();
    Batches batches = Batches.evaluation(examples, normalisation, plan.batch());
    for (int n = batches.next(images, labels); n > 0; n = batches.next(images, labels)) {
      float[] batch = logits(images);
      for (int i = 0; i < n; i++) {
        answers.add(Arrays.copyOfRange(batch, i * classes, (i + 1) * classes));
      }
    }
    return Collections.unmodifiableList(answers);
  }

  /** Scores the network. */
  public Score score(Examples examples, Normalisation normalisation) {
    var counts = new int[classes][classes];
    int right = 0;
    double loss = 0;
    List<float[]> answers = answers(examples, normalisation);
    for (int i = 0; i < answers.size(); i++) {
      int label = examples.label(i);
      int answer = greatest(answers.get(i));
      counts[label][answer]++;
      right += answer == label ? 1 : 0;
      loss += crossEntropy(answers.get(i), label);
    }
    var confusion = new ArrayList<List<Integer>>();
    for (int[] row : counts) {
      confusion.add(Arrays.stream(row).boxed().toList());
    }
    return new Score((double) right / answers.size(), loss / answers.size(), confusion);
  }

  @Override
  public void close() {
    plan.close();
  }

  /** The index of the greatest logit, the first of equals. */
  public static int greatest(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      if (logits[i] > logits[best]) {
        best = i;
      }
    }
    return best;
  }

  private static double crossEntropy(float[] logits, int label) {
    double most = logits[greatest(logits)];
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - most);
    }
    return most + Math.log(sum) - logits[label];
  }
}
