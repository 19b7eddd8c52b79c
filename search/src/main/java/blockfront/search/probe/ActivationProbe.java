package blockfront.search.probe;

import blockfront.blocks.graph.Tensor;
import blockfront.search.data.Examples;
import blockfront.search.data.Normalisation;
import blockfront.search.train.TrainedNetwork;
import blockfront.search.trial.Inspection.Layer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How large the activations of each layer get: outliers make rounding to 8 bits hard. */
public final class ActivationProbe {

  private ActivationProbe() {}

  /** Looks at the first examples. */
  public static List<Layer> of(
      TrainedNetwork network, Examples examples, Normalisation normalisation, int count) {
    Map<String, Tensor> outputs = outputs(network.network().logits());
    List<float[]> values =
        network.trace(List.copyOf(outputs.values()), examples, normalisation, count);
    var layers = new ArrayList<Layer>();
    int at = 0;
    for (String scope : outputs.keySet()) {
      layers.add(layer(scope, values.get(at++)));
    }
    return List.copyOf(layers);
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
