package blockfront.search.probe;

import blockfront.blocks.graph.Tensor;
import blockfront.search.data.Examples;
import blockfront.search.data.Normalisation;
import blockfront.search.train.TrainedNetwork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How large the activations of each layer get: outliers make rounding to 8 bits hard.
 *
 * @param layers in order
 */
public record ActivationProbe(List<Layer> layers) {

  /** Activations this much above the median, and above {@link #MASSIVE}, are massive. */
  private static final double MASSIVE_RATIO = 1000;

  private static final double MASSIVE = 100;

  public ActivationProbe {
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

  /** Looks at the first examples. */
  public static ActivationProbe of(
      TrainedNetwork network, Examples examples, Normalisation normalisation, int count) {
    Map<String, Tensor> outputs = outputs(network.network().logits());
    List<float[]> values =
        network.trace(List.copyOf(outputs.values()), examples, normalisation, count);
    var layers = new ArrayList<Layer>();
    int at = 0;
    for (String scope : outputs.keySet()) {
      layers.add(layer(scope, values.get(at++)));
    }
    return new ActivationProbe(layers);
  }

  /** The mean over layers. */
  public double meanKurtosis() {
    return layers.stream().mapToDouble(Layer::kurtosis).average().orElse(0);
  }

  /** Of any layer. */
  public double greatest() {
    return layers.stream().mapToDouble(Layer::greatest).max().orElse(0);
  }

  static Layer layer(String scope, float[] values) {
    var magnitudes = new double[values.length];
    double mean = 0;
    for (int i = 0; i < values.length; i++) {
      magnitudes[i] = Math.abs(values[i]);
      mean += values[i] / (double) values.length;
    }
    double second = 0;
    double fourth = 0;
    for (float value : values) {
      double square = (value - mean) * (value - mean);
      second += square / values.length;
      fourth += square * square / values.length;
    }
    Arrays.sort(magnitudes);
    double kurtosis = second == 0 ? 0 : fourth / (second * second);
    return new Layer(
        scope, magnitudes[magnitudes.length - 1], magnitudes[magnitudes.length / 2], kurtosis);
  }

  /** The last tensor that was described in each layer. */
  private static Map<String, Tensor> outputs(Tensor logits) {
    var outputs = new LinkedHashMap<String, Tensor>();
    for (Tensor tensor : logits.inOrder()) {
      if (tensor.batched() && tensor.scope().matches("stages\\.[0-9]+\\.blocks\\.[0-9]+")) {
        outputs.put(tensor.scope(), tensor);
      }
    }
    return outputs;
  }
}
