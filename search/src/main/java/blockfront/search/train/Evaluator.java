package blockfront.search.train;

import blockfront.blocks.graph.Parameters;
import blockfront.blocks.network.Network;
import blockfront.search.data.Batches;
import blockfront.search.data.Examples;
import blockfront.search.data.Normalisation;
import blockfront.search.trial.Metric;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;

/** A trained network that answers. Owned by one thread; close it before its weights. */
public final class Evaluator implements AutoCloseable {

  private static final int USUAL_BATCH = 64;

  /** 64 MiB of a heap that may be 1 GiB. */
  private static final long BATCH_ELEMENTS = 1 << 24;

  private final Network network;
  private final Plan plan;
  private final int stride;
  private final int classes;
  private final float[] inputs;
  private final int[] chosen;
  private final float[] logits;

  /**
   * How a network does on some examples.
   *
   * @param accuracy share of right answers, 0 to 1; 0 if answers are numbers
   * @param loss mean cross-entropy in nats, or mean squared error
   * @param confusion examples by true class (rows) and answer (columns); empty unless an example
   *     has one class
   */
  public record Score(double accuracy, double loss, List<List<Integer>> confusion) {

    /** The number that a metric means. */
    public double by(Metric metric) {
      return switch (metric) {
        case ACCURACY -> accuracy;
        case BITS_PER_BYTE -> loss / Math.log(2);
        case MEAN_SQUARED_ERROR -> loss;
      };
    }
  }

  /** Compiles the network for inference, as many examples at a time as {@link #batch} says. */
  public Evaluator(Network network, Weights weights) {
    this(
        network,
        weights,
        batch(
            USUAL_BATCH, network.input().shape().elements(), network.logits().shape().elements()));
  }

  /**
   * How many examples to ask about at a time: fewer of those whose inputs or answers would fill the
   * memory, 1 at least.
   *
   * @param most of small ones
   * @param input numbers that one example is
   * @param answer numbers that its answer is
   */
  public static int batch(int most, long input, long answer) {
    return Math.clamp(BATCH_ELEMENTS / Math.max(input, answer), 1, most);
  }

  /**
   * Compiles the network for inference.
   *
   * @param batch examples at a time
   */
  public Evaluator(Network network, Weights weights, int batch) {
    this.network = network;
    this.classes = network.logits().shape().size(-1);
    this.stride = Math.toIntExact(network.logits().shape().elements());
    this.inputs =
        new float[Math.toIntExact(Math.multiplyExact(batch, network.input().shape().elements()))];
    this.chosen = new int[batch];
    this.logits = new float[Math.multiplyExact(batch, stride)];
    // last: whatever fails before it has taken no native memory
    this.plan =
        new Plan(
            List.of(network.logits()), batch, weights.of(Parameters.of(List.of(network.logits()))));
  }

  /** Answers a batch of normalised inputs; the answer is overwritten by the next. */
  float[] logits(float[] batch) {
    MemorySegment in = plan.buffer(network.input());
    MemorySegment.copy(batch, 0, in, ValueLayout.JAVA_FLOAT, 0, batch.length);
    plan.run();
    MemorySegment out = plan.buffer(network.logits());
    MemorySegment.copy(out, ValueLayout.JAVA_FLOAT, 0, logits, 0, logits.length);
    return logits;
  }

  /** The answer to every example, in order, outermost axis first. */
  public List<float[]> answers(Examples examples, Normalisation normalisation) {
    var answers = new ArrayList<float[]>();
    Batches batches = Batches.evaluation(examples, normalisation, plan.batch());
    for (int n = batches.next(inputs, chosen); n > 0; n = batches.next(inputs, chosen)) {
      float[] batch = logits(inputs);
      for (int i = 0; i < n; i++) {
        answers.add(Arrays.copyOfRange(batch, i * stride, (i + 1) * stride));
      }
    }
    return Collections.unmodifiableList(answers);
  }

  /** Scores the network. */
  public Score score(Examples examples, Normalisation normalisation) {
    var tally = new Tally(examples, classes);
    Batches batches = Batches.evaluation(examples, normalisation, plan.batch());
    for (int n = batches.next(inputs, chosen); n > 0; n = batches.next(inputs, chosen)) {
      float[] batch = logits(inputs);
      for (int i = 0; i < n; i++) {
        tally.add(chosen[i], batch, i * stride);
      }
    }
    return tally.score();
  }

  /**
   * Scores somebody else, who is asked batch by batch.
   *
   * @param answering answers each of some examples, which are as {@link Examples#raw} has them;
   *     outermost axis first
   */
  public static Score score(Examples examples, Function<float[], List<float[]>> answering) {
    int answer = answering.apply(examples.raw(0, 1)).getFirst().length;
    int batch = batch(USUAL_BATCH, examples.shape().elements(), answer);
    var tally = new Tally(examples, examples.numeric() ? answer : answer / examples.places());
    for (int start = 0; start < examples.size(); start += batch) {
      int end = Math.min(examples.size(), start + batch);
      List<float[]> answers = answering.apply(examples.raw(start, end));
      for (int i = start; i < end; i++) {
        tally.add(i, answers.get(i - start), 0);
      }
    }
    return tally.score();
  }

  /** What is counted while answers come in. */
  private static final class Tally {
    private final Examples examples;
    private final int classes;
    private final boolean single;
    private final int[][] counts;
    private long right;
    private double loss;
    private long counted;

    Tally(Examples examples, int classes) {
      this.examples = examples;
      this.classes = classes;
      this.single = !examples.numeric() && examples.places() == 1;
      this.counts = single ? new int[classes][classes] : new int[0][];
    }

    void add(int example, float[] answers, int from) {
      if (examples.numeric()) {
        double apart = answers[from] - examples.truth(example);
        loss += apart * apart;
        counted++;
        return;
      }
      for (int place = 0; place < examples.places(); place++) {
        int label = examples.label(example, place);
        if (label != Examples.IGNORED) {
          int start = from + place * classes;
          int answer = greatest(answers, start, start + classes) - start;
          right += answer == label ? 1 : 0;
          loss += crossEntropy(answers, start, classes, start + answer, label);
          counted++;
          if (single) {
            counts[label][answer]++;
          }
        }
      }
    }

    Score score() {
      var confusion = new ArrayList<List<Integer>>();
      for (int[] row : counts) {
        confusion.add(Arrays.stream(row).boxed().toList());
      }
      long answers = Math.max(1, counted);
      return new Score((double) right / answers, loss / answers, confusion);
    }
  }

  @Override
  public void close() {
    plan.close();
  }

  /** The index of the greatest logit, the first of equals. */
  public static int greatest(float[] logits) {
    return greatest(logits, 0, logits.length);
  }

  private static int greatest(float[] logits, int from, int to) {
    int best = from;
    for (int i = from + 1; i < to; i++) {
      if (logits[i] > logits[best]) {
        best = i;
      }
    }
    return best;
  }

  private static double crossEntropy(
      float[] logits, int from, int classes, int greatest, int label) {
    double most = logits[greatest];
    double sum = 0;
    for (int i = from; i < from + classes; i++) {
      sum += Math.exp(logits[i] - most);
    }
    return most + Math.log(sum) - logits[from + label];
  }
}
