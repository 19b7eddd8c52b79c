package blockfront.blocks.testing;

import blockfront.blocks.cost.Cost;
import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Parameters;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.reference.Array;
import blockfront.blocks.reference.Reference;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.function.UnaryOperator;

/** Something described on one input, with parameters that a test sets by name. */
public final class Described {

  private final Tensor x;
  private final Tensor y;
  private final Map<String, Tensor> parameters;
  private final Map<Tensor, Array> leaves = new HashMap<>();

  private Described(Tensor x, Tensor y) {
    this.x = x;
    this.y = y;
    this.parameters = Parameters.of(List.of(y)).byName();
    leaves.putAll(Reference.initial(List.of(y), 1));
  }

  /** Parameters start as training would start them. */
  public static Described of(Shape shape, UnaryOperator<Tensor> description) {
    Tensor x = Tensor.input("x", shape);
    return new Described(x, description.apply(x));
  }

  /** Every trained parameter random. */
  public Described random(long seed) {
    var random = new SplittableRandom(seed);
    parameters.forEach(
        (name, tensor) -> {
          if (tensor.op() instanceof Op.Parameter) {
            leaves.put(tensor, Array.of(tensor, 1, _ -> 0.5 * random.nextGaussian()));
          }
        });
    return this;
  }

  /** One parameter, from the index of the entry. */
  public Described set(String name, IntToDoubleFunction values) {
    Tensor tensor = parameters.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(
          "No parameter '%s' among %s".formatted(name, parameters.keySet()));
    }
    leaves.put(tensor, Array.of(tensor, 1, values));
    return this;
  }

  public Described set(String name, double value) {
    return set(name, _ -> value);
  }

  /** The same numbers as another description's, where it has parameters of the same names. */
  public Described like(Described other) {
    parameters.forEach(
        (name, tensor) -> {
          Tensor theirs = other.parameters.get(name);
          if (theirs != null) {
            double[] values = other.values(name);
            leaves.put(tensor, Array.of(tensor, 1, values));
          }
        });
    return this;
  }

  public double[] values(String name) {
    Array values = leaves.get(parameters.get(name));
    if (values == null) {
      throw new IllegalArgumentException(
          "No parameter '%s' among %s".formatted(name, parameters.keySet()));
    }
    return values.values();
  }

  public List<String> names() {
    return List.copyOf(parameters.keySet());
  }

  public double[] at(double... input) {
    var all = new HashMap<>(leaves);
    all.put(x, Array.of(x, 1, input));
    return Reference.evaluate(y, all, 1).values();
  }

  public double[] atRandom(long seed) {
    return at(input(seed));
  }

  /** Standard normal numbers of the shape of the input. */
  public double[] input(long seed) {
    var random = new SplittableRandom(seed);
    return random.doubles(x.shape().elements()).map(_ -> random.nextGaussian()).toArray();
  }

  public Cost cost() {
    return Cost.of(y);
  }

  public Tensor output() {
    return y;
  }
}
