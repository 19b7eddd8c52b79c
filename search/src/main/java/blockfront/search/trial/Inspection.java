package blockfront.search.trial;

import blockfront.blocks.cost.Cost;
import java.util.List;
import java.util.Optional;

/**
 * What probes saw inside a trained network while it answered test examples.
 *
 * @param examples how many
 * @param layers in order
 * @param attention empty if no token attends to tokens
 */
public record Inspection(
    int examples, List<Layer> layers, Optional<Attention> attention, Activity activity) {

  /** Activations this much above the median, and above {@link #MASSIVE}, are massive. */
  private static final double MASSIVE_RATIO = 1000;

  private static final double MASSIVE = 100;

  public Inspection {
    layers = List.copyOf(layers);
  }

  /**
   * What one layer puts out.
   *
   * @param scope its name, {@code stages.0.blocks.1}
   * @param greatest magnitude
   * @param median of the magnitudes
   * @param kurtosis {@code E[(x - mean)⁴] / deviation⁴}; 3 for a normal distribution
   */
  public record Layer(String scope, double greatest, double median, double kurtosis) {

    /** The greatest magnitude as a multiple of the median. */
    public double ratio() {
      return median == 0 ? Double.POSITIVE_INFINITY : greatest / median;
    }

    public boolean massive() {
      return greatest > MASSIVE && ratio() >= MASSIVE_RATIO;
    }
  }

  /**
   * Where attention goes: means over layers, heads, examples and queries.
   *
   * @param sinkMass of the first token, the first query not counted
   * @param evenMass what the sink would have if attention were spread evenly
   * @param entropy {@code -sum p log p}, as a share of the greatest there can be
   * @param topMass of the token that is attended to most
   */
  public record Attention(double sinkMass, double evenMass, double entropy, double topMass) {}

  /**
   * What is done for one answer on average.
   *
   * @param multiplyAdds of numbers, transforms included: products without spikes
   * @param spikeOperations additions that spikes ask for, all time steps together
   * @param mostSpikeOperations if each neuron fired at each step
   */
  public record Activity(double multiplyAdds, double spikeOperations, long mostSpikeOperations) {

    /** Of a network without spikes. */
    public static Activity of(Cost cost) {
      return new Activity((double) cost.multiplyAdds() + cost.fourier(), 0, 0);
    }

    /** How many of the possible spike operations are done; 0 if there are none. */
    public double rate() {
      return mostSpikeOperations == 0 ? 0 : spikeOperations / mostSpikeOperations;
    }
  }

  /**
   * What single operations take.
   *
   * @param picojoulesPerMultiplyAdd of floating-point numbers
   * @param picojoulesPerSpike of an addition that a spike asks for
   */
  public record Energy(double picojoulesPerMultiplyAdd, double picojoulesPerSpike) {

    /** Of a 45 nm process. */
    public static final Energy STANDARD = new Energy(4.6, 0.9);

    public Energy {
      if (!(picojoulesPerMultiplyAdd >= 0) || !(picojoulesPerSpike >= 0)) {
        throw new IllegalArgumentException(
            "Energy needs costs of at least 0, got %s and %s"
                .formatted(picojoulesPerMultiplyAdd, picojoulesPerSpike));
      }
    }

    /** Of one answer, in picojoules. */
    public double picojoules(Activity activity) {
      return picojoulesPerMultiplyAdd * activity.multiplyAdds()
          + picojoulesPerSpike * activity.spikeOperations();
    }
  }

  /** The mean over layers. */
  public double meanKurtosis() {
    return layers.stream().mapToDouble(Layer::kurtosis).average().orElse(0);
  }

  /** The greatest magnitude of any layer. */
  public double greatest() {
    return layers.stream().mapToDouble(Layer::greatest).max().orElse(0);
  }

  /** The layers with massive activations. */
  public List<Layer> massive() {
    return layers.stream().filter(Layer::massive).toList();
  }
}
