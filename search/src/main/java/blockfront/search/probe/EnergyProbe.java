package blockfront.search.probe;

import blockfront.blocks.cost.Cost;
import blockfront.blocks.cost.SpikeOperations;
import blockfront.blocks.graph.Tensor;
import blockfront.search.data.Examples;
import blockfront.search.data.Normalisation;
import blockfront.search.train.TrainedNetwork;
import java.util.HashMap;
import java.util.List;

/**
 * Energy of one answer by what single operations take, as is usual for spiking networks.
 *
 * @param picojoulesPerMultiplyAdd of floating-point numbers
 * @param picojoulesPerSpike of an addition that a spike asks for
 */
public record EnergyProbe(double picojoulesPerMultiplyAdd, double picojoulesPerSpike) {

  /** Of a 45 nm process. */
  public static final EnergyProbe STANDARD = new EnergyProbe(4.6, 0.9);

  public EnergyProbe {
    if (!(picojoulesPerMultiplyAdd >= 0) || !(picojoulesPerSpike >= 0)) {
      throw new IllegalArgumentException(
          "Energy needs costs of at least 0, got %s and %s"
              .formatted(picojoulesPerMultiplyAdd, picojoulesPerSpike));
    }
  }

  /** Of a network without spikes, in picojoules. */
  public double picojoules(Cost cost) {
    return picojoules((double) (cost.multiplyAdds() + cost.fourier()), 0);
  }

  /**
   * What a trained network does for one answer on average, measured on the first examples.
   *
   * @param multiplyAdds of numbers, transforms included: products without spikes
   * @param spikeOperations additions that spikes ask for, all time steps together
   * @param mostSpikeOperations if each neuron fired at each step
   */
  public record Activity(double multiplyAdds, double spikeOperations, long mostSpikeOperations) {

    /** How many of the possible spike operations are done; 0 if there are none. */
    public double rate() {
      return mostSpikeOperations == 0 ? 0 : spikeOperations / mostSpikeOperations;
    }
  }

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

  /** In picojoules. */
  public double picojoules(Activity activity) {
    return picojoules(activity.multiplyAdds(), activity.spikeOperations());
  }

  /** In picojoules. */
  public double picojoules(double multiplyAdds, double spikeOperations) {
    return picojoulesPerMultiplyAdd * multiplyAdds + picojoulesPerSpike * spikeOperations;
  }

  /** Additions that spikes ask for: {@code rate x steps x multiply-adds}. */
  public static double spikeOperations(double rate, int timeSteps, long multiplyAdds) {
    return rate * timeSteps * (double) multiplyAdds;
  }
}
