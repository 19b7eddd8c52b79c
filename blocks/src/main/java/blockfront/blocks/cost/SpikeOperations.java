package blockfront.blocks.cost;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * The products of a network of which one side is spikes: hardware that waits for spikes does an
 * addition for each spike, and nothing where there is none.
 *
 * <p>Spikes are what neurons fire, what is only cut and moved out of that, and sums, maxima and
 * products of spikes: whole numbers that say how many there were.
 *
 * @param products in the order of computation; all time steps count
 */
public record SpikeOperations(List<Product> products) {

  /**
   * A product with spikes.
   *
   * @param spikes the side that is spikes; the first, if both are
   * @param multiplyAdds by the rules of {@link Cost}
   */
  public record Product(Tensor spikes, long multiplyAdds) {}

  public SpikeOperations {
    products = List.copyOf(products);
  }

  /**
   * Of everything that a tensor is made from.
   *
   * @throws IllegalArgumentException if a gradient is among it
   */
  public static SpikeOperations of(Tensor output) {
    Set<Tensor> spikes = new HashSet<>();
    var products = new ArrayList<Product>();
    for (Tensor tensor : output.inOrder()) {
      List<Tensor> spiking = tensor.operands().stream().filter(spikes::contains).toList();
      boolean all = !spiking.isEmpty() && spiking.size() == tensor.operands().size();
      boolean spike =
          switch (tensor.op()) {
            case Op.Pointwise(Function function) -> function.spike();
            case Op.MatMul _, Op.Convolution _ -> {
              if (!spiking.isEmpty()) {
                products.add(new Product(spiking.getFirst(), Counting.products(tensor)));
              }
              yield all;
            }
            case Op.Add _ -> all || maximum(tensor, spikes);
            case Op.Reduce(Op.Reduction reduction, List<Integer> _) ->
                all && reduction == Op.Reduction.SUM;
            case Op.Broadcast _,
                Op.Reshape _,
                Op.Permute _,
                Op.Slice _,
                Op.Select _,
                Op.Concatenate _,
                Op.Pad _ ->
                all;
            case Op.Leaf _, Op.Forward _ -> false;
            case Op.Backward op ->
                throw new IllegalArgumentException(
                    "Spike operations are those of a forward pass, not of " + op);
          };
      if (spike) {
        spikes.add(tensor);
      }
    }
    return new SpikeOperations(products);
  }

  /** {@code a + relu(b - a)}. */
  private static boolean maximum(Tensor sum, Set<Tensor> spikes) {
    Tensor first = sum.operand(0);
    Tensor more = sum.operand(1);
    return spikes.contains(first)
        && more.op() instanceof Op.Pointwise(Function function)
        && function == Function.RELU
        && more.operand(0).op() instanceof Op.Subtract
        && more.operand(0).operand(1).equals(first)
        && spikes.contains(more.operand(0).operand(0));
  }

  /** As many as there would be if each neuron fired at each step. */
  public long multiplyAdds() {
    return products.stream().mapToLong(Product::multiplyAdds).sum();
  }

  /**
   * Additions that spikes ask for.
   *
   * @param rate mean of some spikes: how many there are for each of their places
   */
  public double operations(ToDoubleFunction<Tensor> rate) {
    return products.stream()
        .mapToDouble(product -> rate.applyAsDouble(product.spikes()) * product.multiplyAdds())
        .sum();
  }
}
