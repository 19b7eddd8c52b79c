package blockfront.search.train;

import blockfront.blocks.graph.Initialiser;
import blockfront.blocks.graph.Parameters;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Start;
import blockfront.blocks.graph.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeSet;

/**
 * The numbers of a network's parameters, by name, in native memory.
 *
 * <p>Two descriptions of one architecture (with and without stochastic depth) name their parameters
 * alike and can share these. Owned by one thread.
 */
public final class Weights implements AutoCloseable {

  private final Arena arena = Arena.ofShared();
  private final SequencedMap<String, Entry> entries = new LinkedHashMap<>();

  private record Entry(Shape shape, MemorySegment values) {}

  private Weights() {}

  /** What training starts from, with the deviations that are published. */
  public static Weights initial(Parameters parameters, long seed) {
    return initial(parameters, seed, Start.PUBLISHED);
  }

  /** What training starts from. */
  public static Weights initial(Parameters parameters, long seed, Start start) {
    var initialiser = new Initialiser(seed, start);
    var values = new LinkedHashMap<String, float[]>();
    parameters
        .byName()
        .forEach((name, tensor) -> values.put(name, initialiser.values(name, tensor)));
    return of(parameters, values);
  }

  /**
   * Given numbers, outermost axis first.
   *
   * @throws IllegalArgumentException if they are not those of the parameters
   */
  public static Weights of(Parameters parameters, Map<String, float[]> values) {
    if (!parameters.byName().keySet().equals(values.keySet())) {
      var missing = new TreeSet<>(parameters.byName().keySet());
      missing.removeAll(values.keySet());
      var foreign = new TreeSet<>(values.keySet());
      foreign.removeAll(parameters.byName().keySet());
      throw new IllegalArgumentException(
          "Weights are not those of the network: missing %s, foreign %s"
              .formatted(missing, foreign));
    }
    var weights = new Weights();
    try {
      parameters
          .byName()
          .forEach(
              (name, tensor) -> {
                float[] given = values.getOrDefault(name, new float[0]);
                if (given.length != tensor.shape().elements()) {
                  throw new IllegalArgumentException(
                      "Parameter '%s' of shape %s needs %d numbers, got %d"
                          .formatted(
                              name, tensor.shape(), tensor.shape().elements(), given.length));
                }
                MemorySegment memory = weights.arena.allocate((long) given.length << 2, 64);
                MemorySegment.copy(given, 0, memory, ValueLayout.JAVA_FLOAT, 0, given.length);
                weights.entries.put(name, new Entry(tensor.shape(), memory));
              });
      return weights;
    } catch (Throwable e) {
      weights.close();
      throw e;
    }
  }

  /** The memory of each parameter of a description with these names. */
  IdentityHashMap<Tensor, MemorySegment> of(Parameters parameters) {
    var memory = new IdentityHashMap<Tensor, MemorySegment>();
    parameters
        .byName()
        .forEach(
            (name, tensor) -> {
              Entry entry = entries.get(name);
              if (entry == null || !entry.shape().equals(tensor.shape())) {
                throw new IllegalArgumentException(
                    "Weights have no '%s' of shape %s".formatted(name, tensor.shape()));
              }
              memory.put(tensor, entry.values());
            });
    return memory;
  }

  /**
   * Replaces all numbers.
   *
   * @throws IllegalArgumentException if they are not those of the same parameters
   */
  void set(Map<String, float[]> values) {
    if (!entries.keySet().equals(values.keySet())) {
      throw new IllegalArgumentException(
          "Weights are of %s, got those of %s".formatted(entries.keySet(), values.keySet()));
    }
    entries.forEach(
        (name, entry) -> {
          float[] given = values.getOrDefault(name, new float[0]);
          if (given.length != entry.shape().elements()) {
            throw new IllegalArgumentException(
                "Parameter '%s' of shape %s needs %d numbers, got %d"
                    .formatted(name, entry.shape(), entry.shape().elements(), given.length));
          }
          MemorySegment.copy(given, 0, entry.values(), ValueLayout.JAVA_FLOAT, 0, given.length);
        });
  }

  /** Takes those numbers of another network whose name and shape agree, and keeps the others. */
  void take(Map<String, Safetensors.Named> others) {
    entries.forEach(
        (name, entry) -> {
          Safetensors.Named other = others.get(name);
          if (other != null && other.shape().equals(entry.shape())) {
            float[] taken = other.values();
            MemorySegment.copy(taken, 0, entry.values(), ValueLayout.JAVA_FLOAT, 0, taken.length);
          }
        });
  }

  /** Copies of all numbers, outermost axis first. */
  public SequencedMap<String, float[]> values() {
    var copies = new LinkedHashMap<String, float[]>();
    entries.forEach(
        (name, entry) -> copies.put(name, entry.values().toArray(ValueLayout.JAVA_FLOAT)));
    return copies;
  }

  public SequencedMap<String, Shape> shapes() {
    var shapes = new LinkedHashMap<String, Shape>();
    entries.forEach((name, entry) -> shapes.put(name, entry.shape()));
    return Collections.unmodifiableSequencedMap(shapes);
  }

  @Override
  public void close() {
    arena.close();
  }
}
