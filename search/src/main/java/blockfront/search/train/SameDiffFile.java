package blockfront.search.train;

import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Parameters;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.network.Network;
import blockfront.search.data.Examples;
import blockfront.search.data.Normalisation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A trained network as a SameDiff file, which DL4J loads, runs and trains further.
 *
 * <p>Input {@code image}: float32 {@code [batch, height, width, channels]} of values 0 to 255, as
 * they are in an image file; or {@code tokens}: {@code [batch, length]} of whole numbers; or {@code
 * vectors}: {@code [batch, length, channels]}. Normalisation is part of the graph. Output {@code
 * logits}: {@code [batch, classes]}, {@code [batch, length, vocabulary]}, or the number {@code
 * [batch, 1]}. Variables carry the names of the parameters. Owned by one thread.
 */
public final class SameDiffFile {

  /** The name of the output. */
  public static final String LOGITS = "logits";

  private final SameDiff graph;
  private final String input;
  private final Shape shape;

  private SameDiffFile(SameDiff graph, String input, Shape shape) {
    this.graph = graph;
    this.input = input;
    this.shape = shape;
  }

  /**
   * Writes a network.
   *
   * @param values of its parameters, by name
   * @param normalisation of the data that it was trained on
   */
  static void save(
      Path file, Network network, Map<String, float[]> values, Normalisation normalisation) {
    SameDiff graph = lower(network, values, normalisation);
    Path target = file.toAbsolutePath();
    try {
      Files.createDirectories(target.resolveSibling("."));
      graph.save(target.toFile(), false);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write the network to '%s'".formatted(file), e);
    }
  }

  /**
   * Reads a file that {@link TrainedNetwork#saveSameDiff} wrote.
   *
   * @throws IllegalArgumentException if it is none, in one line
   */
  public static SameDiffFile open(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException("There is no SameDiff file '%s'".formatted(file));
    }
    SameDiff graph;
    try {
      graph = SameDiff.load(file.toFile(), false);
    } catch (RuntimeException | AssertionError e) {
      // ND4J answers damaged files with any of these
      throw new IllegalArgumentException(
          "'%s' is no SameDiff file, or a damaged one".formatted(file), e);
    }
    String input =
        Stream.of(Network.IMAGE, Network.TOKENS, Network.VECTORS)
            .filter(graph::hasVariable)
            .findFirst()
            .orElse(Network.IMAGE);
    if (!graph.hasVariable(input) || !graph.hasVariable(LOGITS)) {
      throw new IllegalArgumentException(
          "'%s' is a SameDiff file of something else: it has no '%s' or no '%s'"
              .formatted(file, input, LOGITS));
    }
    long[] sizes = graph.getVariable(input).placeholderShape();
    if (sizes == null || sizes.length != (input.equals(Network.IMAGE) ? 4 : sizes.length)) {
      throw new IllegalArgumentException(
          "'%s' takes %s, not images".formatted(file, Arrays.toString(sizes)));
    }
    int[] shape = Arrays.stream(sizes).skip(1).mapToInt(Math::toIntExact).toArray();
    return new SameDiffFile(graph, input, Shape.of(shape));
  }

  /** The shape of one example. */
  public Shape shape() {
    return shape;
  }

  /**
   * Answers examples.
   *
   * @param raw as {@link Examples#raw} has them
   * @return the logits of each
   */
  public List<float[]> answers(float[] raw) {
    int count = raw.length / Math.toIntExact(shape.elements());
    var sizes = new ArrayList<>(shape.sizes());
    sizes.addFirst(count);
    INDArray array = Nd4j.createFromArray(raw).reshape('c', SameDiffArithmetic.longs(sizes));
    float[] logits = graph.outputSingle(Map.of(input, array), LOGITS).dup('c').data().asFloat();
    int classes = logits.length / count;
    var answers = new ArrayList<float[]>();
    for (int i = 0; i < count; i++) {
      answers.add(Arrays.copyOfRange(logits, i * classes, (i + 1) * classes));
    }
    return answers;
  }

  private static SameDiff lower(
      Network network, Map<String, float[]> values, Normalisation normalisation) {
    SameDiff graph = SameDiff.create();
    Map<Tensor, SDVariable> leaves = new HashMap<>();
    Tensor input = network.input();
    SDVariable placeholder = placeholder(graph, network.inputName(), input);
    leaves.put(
        input,
        normalisation.none()
            ? placeholder
            : normalised(
                graph, placeholder, network.inputName().equals(Network.VECTORS), normalisation));
    Parameters.of(List.of(network.logits()))
        .byName()
        .forEach(
            (name, parameter) ->
                leaves.put(
                    parameter,
                    variable(graph, name, parameter, values.getOrDefault(name, new float[0]))));
    var lowering = new SameDiffLowering(graph, leaves, List.of(network.logits()));
    var _ = graph.identity(LOGITS, lowering.of(network.logits()));
    return graph;
  }

  /** An input of any number of examples. */
  static SDVariable placeholder(SameDiff graph, String name, Tensor tensor) {
    var sizes = new ArrayList<>(tensor.shape().sizes());
    sizes.addFirst(-1);
    return graph.placeHolder(name, DataType.FLOAT, SameDiffArithmetic.longs(sizes));
  }

  /** What is trained becomes a variable, what was gathered in training a constant. */
  static SDVariable variable(SameDiff graph, String name, Tensor tensor, float[] values) {
    long[] sizes = SameDiffArithmetic.longs(tensor.shape().sizes());
    INDArray array = Nd4j.createFromArray(values).reshape('c', sizes);
    return tensor.op() instanceof Op.Statistic
        ? graph.constant(name, array)
        : graph.var(name, array);
  }

  /** {@code value / (255 deviation) - mean / deviation} of each channel. */
  private static SDVariable normalised(
      SameDiff graph, SDVariable input, boolean vectors, Normalisation by) {
    int channels = by.mean().size();
    var centre = new float[channels];
    var scale = new float[channels];
    var shift = new float[channels];
    for (int i = 0; i < channels; i++) {
      centre[i] = by.centre(i);
      scale[i] = by.scale(i);
      shift[i] = vectors ? by.shiftOfCentred(i) : by.shift(i);
    }
    // scaled first, vectors far from 0 would lose what makes them differ
    SDVariable centred =
        vectors ? input.sub(graph.constant("vector_centre", Nd4j.createFromArray(centre))) : input;
    String name = vectors ? "vector" : "image";
    return centred
        .mul(graph.constant(name + "_scale", Nd4j.createFromArray(scale)))
        .sub(graph.constant(name + "_shift", Nd4j.createFromArray(shift)));
  }
}
