package blockfront.search.probe;

import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Tensor;
import blockfront.search.data.Examples;
import blockfront.search.data.Normalisation;
import blockfront.search.train.TrainedNetwork;
import blockfront.search.trial.Inspection.Attention;
import java.util.List;
import java.util.Optional;

/** Where the attention of a network goes. */
public final class AttentionProbe {

  private AttentionProbe() {}

  /**
   * Looks at the first examples.
   *
   * @return empty if the network has no softmax over its tokens
   */
  public static Optional<Attention> of(
      TrainedNetwork network, Examples examples, Normalisation normalisation, int count) {
    List<Tensor> attentions =
        network.network().logits().inOrder().stream().filter(AttentionProbe::attends).toList();
    if (attentions.isEmpty()) {
      return Optional.empty();
    }
    List<float[]> values = network.trace(attentions, examples, normalisation, count);
    double sink = 0;
    double even = 0;
    double entropy = 0;
    double top = 0;
    for (int i = 0; i < attentions.size(); i++) {
      Attention one = of(values.get(i), attentions.get(i).shape().size(-1));
      sink += one.sinkMass() / attentions.size();
      even += one.evenMass() / attentions.size();
      entropy += one.entropy() / attentions.size();
      top += one.topMass() / attentions.size();
    }
    return Optional.of(new Attention(sink, even, entropy, top));
  }

  /** Queries and keys are the same tokens. */
  private static boolean attends(Tensor tensor) {
    return tensor.op() instanceof Op.Softmax
        && tensor.batched()
        && tensor.shape().rank() >= 2
        && tensor.shape().size(-1) > 1
        && tensor.shape().size(-1) == tensor.shape().size(-2);
  }

  /**
   * Of matrices one after another.
   *
   * @param tokens rows and columns of each
   */
  static Attention of(float[] weights, int tokens) {
    int rows = weights.length / tokens;
    double sink = 0;
    double even = 0;
    int queries = 0;
    double entropy = 0;
    double top = 0;
    for (int row = 0; row < rows; row++) {
      double most = 0;
      double spread = 0;
      int seen = 0;
      for (int i = row * tokens; i < (row + 1) * tokens; i++) {
        double p = weights[i];
        most = Math.max(most, p);
        spread -= p > 0 ? p * Math.log(p) : 0;
        seen += p > 0 ? 1 : 0;
      }
      top += most / rows;
      entropy += spread / Math.log(tokens) / rows;
      if (row % tokens > 0) {
        sink += weights[row * tokens];
        even += seen == 0 ? 0 : 1.0 / seen;
        queries++;
      }
    }
    return new Attention(sink / queries, even / queries, entropy, top);
  }
}
