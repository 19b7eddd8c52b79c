package blockfront.search.probe;

import blockfront.blocks.cost.Cost;
import blockfront.blocks.cost.SpikeOperations;
import blockfront.blocks.graph.Tensor;
import blockfront.search.data.Examples;
import blockfront.search.data.Normalisation;
import blockfront.search.train.TrainedNetwork;
import blockfront.search.trial.Inspection.Activity;
import java.util.HashMap;
import java.util.List;

/** What a network does for an answer: products of numbers, and additions that spikes ask for. */
public final class EnergyProbe {

  private EnergyProbe() {}

  /** Counts the spikes of the first examples. */
  public static Activity activity(
      TrainedNetwork network, Examples examples, Normalisation normalisation, int count) {
    Tensor logits = network.network().logits();
    SpikeOperations operations = SpikeOperations.of(logits);
    List<Tensor> spikes =
        operations.products().stream().map(SpikeOperations.Product::spikes).distinct().toList();
    List<float[]> values = network.trace(spikes, examples, normalisation, count);
    var rates = new HashMap<Tensor, Double>();
    for (int i = 0; i < spikes.size(); i++) {
      rates.put(spikes.get(i), mean(values.get(i)));
    }
    Cost cost = Cost.of(logits);
    return new Activity(
        (double) cost.multiplyAdds() + cost.fourier() - operations.multiplyAdds(),
        operations.operations(each -> rates.getOrDefault(each, 0.0)),
        operations.multiplyAdds());
  }

  private static double mean(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum / values.length;
  }
}
