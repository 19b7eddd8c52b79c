package blockfront.search.train;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Parameters;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Network;
import blockfront.search.data.Batches;
import blockfront.search.data.Examples;
import blockfront.search.data.Normalisation;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** An architecture with the weights that a training wrote. Owned by one thread. */
public final class TrainedNetwork implements AutoCloseable {

  private final Network network;
  private final Weights weights;
  private final Evaluator evaluator;

  private TrainedNetwork(Network network, Weights weights) {
    this.network = network;
    this.weights = weights;
    try {
      this.evaluator = new Evaluator(network, weights);
    } catch (Throwable e) {
      weights.close();
      throw e;
    }
  }

  /**
   * Reads the weights.
   *
   * @throws IllegalArgumentException if the file is broken or of another network
   */
  public static TrainedNetwork load(Architecture architecture, Catalogue catalogue, Path file) {
    Network network = Network.of(architecture, catalogue);
    Parameters parameters = Parameters.of(List.of(network.logits()));
    var values = new LinkedHashMap<String, float[]>();
    Safetensors.read(file).forEach((name, tensor) -> values.put(name, tensor.values()));
    return new TrainedNetwork(network, Weights.of(parameters, values));
  }

  /** The same network with other numbers, of the same names and sizes; close it too. */
  public TrainedNetwork with(Map<String, float[]> values) {
    return new TrainedNetwork(
        network, Weights.of(Parameters.of(List.of(network.logits())), values));
  }

  /** The description that the weights are of. */
  public Network network() {
    return network;
  }

  /** Copies of the trained numbers, outermost axis first. */
  public SequencedMap<String, float[]> values() {
    return weights.values();
  }

  public SequencedMap<String, Shape> shapes() {
    return weights.shapes();
  }

  public Evaluator.Score score(Examples examples, Normalisation normalisation) {
    return evaluator.score(examples, normalisation);
  }

  /** The answer to every example, in order. */
  public List<float[]> answers(Examples examples, Normalisation normalisation) {
    return evaluator.answers(examples, normalisation);
  }

  /**
   * What some tensors of the description are for the first examples.
   *
   * @return for each tensor its numbers, one example after another if it is batched
   */
  public List<float[]> trace(
      List<Tensor> tensors, Examples examples, Normalisation normalisation, int count) {
    Parameters parameters = Parameters.of(List.of(network.logits()));
    Batches batches = Batches.evaluation(examples, normalisation, count);
    var inputs = new float[count * batches.stride()];
    batches.next(inputs, new int[count]);
    var outputs = new ArrayList<>(tensors);
    outputs.add(network.input());
    try (var plan = new Plan(outputs, count, weights.of(parameters))) {
      MemorySegment.copy(
          inputs, 0, plan.buffer(network.input()), ValueLayout.JAVA_FLOAT, 0, inputs.length);
      plan.run();
      return tensors.stream()
          .map(tensor -> plan.buffer(tensor).toArray(ValueLayout.JAVA_FLOAT))
          .toList();
    }
  }

  /**
   * Writes a file that DL4J loads; see {@link SameDiffFile} for what goes in and out.
   *
   * @param normalisation of the data that it was trained on
   */
  public void saveSameDiff(Path file, Normalisation normalisation) {
    SameDiffFile.save(file, network, weights.values(), normalisation);
  }

  @Override
  public void close() {
    evaluator.close();
    weights.close();
  }
}
