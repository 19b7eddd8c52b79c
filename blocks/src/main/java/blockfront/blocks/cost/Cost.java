package blockfront.blocks.cost;

import blockfront.blocks.graph.Tensor;
import java.util.Arrays;
import java.util.SequencedMap;

/**
 * What one forward pass of one example costs in inference.
 *
 * <p>The rules, of which {@link #RULES_VERSION} is the version:
 *
 * <ul>
 *   <li><b>multiplyAdds</b>: matrix products and convolutions, zeros of padding and masks included.
 *       A bias is not part of them.
 *   <li><b>fourier</b>: the same, where one side is a constant transform ({@code
 *       Op.Purpose.TRANSFORM}); published figures leave these out.
 *   <li><b>elementwise</b>: one for each element that is made by arithmetic, a function or a
 *       normalisation; one for each element that is summed up; the taps of the window for each
 *       element of a pooling; {@code 2 (p + q) + 2} for each element of a rational function of
 *       degrees p and q: its multiplications, additions, magnitude and division. A product of two
 *       activations is elementwise too, a complex gate (GFNet) therefore as the four products and
 *       two sums that it is written in: published figures leave gates out of the multiply-adds.
 *   <li>A product with a constant that only adds tokens up ({@code Op.Purpose.SUM}: running sums)
 *       is <b>elementwise</b>: one for each element of the result.
 *   <li><b>softmax</b>: elements that a softmax is taken over.
 *   <li>Keep masks are 1 in inference: a product with one is free. So is moving numbers.
 *   <li>What all examples share is computed for this one example, so it counts.
 * </ul>
 *
 * @param multiplyAdds of matrix products and convolutions; one multiply-add is 2 FLOPs
 * @param parameters trained numbers
 * @param fourier multiply-adds of transforms, as matrix products
 * @param elementwise operations on single elements: norms, gates, residuals, activations, biases,
 *     pooling
 * @param softmax elements that a softmax is taken over
 * @param peakActivations the most numbers alive at a time, if operations run in the order of {@link
 *     Tensor#inOrder()}, each into memory of its own that is free again after its last use.
 *     Reshaped tensors share memory; inputs, parameters and what all examples share are not counted
 */
public record Cost(
    long multiplyAdds,
    long parameters,
    long fourier,
    long elementwise,
    long softmax,
    long peakActivations) {

  /** Grows with every change of a rule, so that stored costs are compared with their like only. */
  public static final int RULES_VERSION = 1;

  public static final Cost NONE = new Cost(0, 0, 0, 0, 0, 0);

  /**
   * The cost of everything that a tensor is made from.
   *
   * @throws IllegalArgumentException if a gradient is among it
   */
  public static Cost of(Tensor output) {
    return Counting.by(output, _ -> "").values().stream().reduce(NONE, Cost::plus);
  }

  /**
   * The cost of each part of a network, in the order of computation; together they are {@link #of}.
   *
   * @param depth how many names of the scope tell parts apart: of {@code stages.0.blocks.1.mixer},
   *     2 leave {@code stages.0}
   * @throws IllegalArgumentException if the depth is less than 1, or if a gradient is met
   */
  public static SequencedMap<String, Cost> byScope(Tensor output, int depth) {
    if (depth < 1) {
      throw new IllegalArgumentException("Cost by scope needs a depth of at least 1, got " + depth);
    }
    return Counting.by(
        output,
        tensor -> {
          String[] names = tensor.scope().split("\\.");
          return String.join(".", Arrays.asList(names).subList(0, Math.min(depth, names.length)));
        });
  }

  /** Both, one after the other: everything adds up but the peak, which is the greater one. */
  public Cost plus(Cost other) {
    return new Cost(
        Math.addExact(multiplyAdds, other.multiplyAdds),
        Math.addExact(parameters, other.parameters),
        Math.addExact(fourier, other.fourier),
        Math.addExact(elementwise, other.elementwise),
        Math.addExact(softmax, other.softmax),
        Math.max(peakActivations, other.peakActivations));
  }

  /** FLOPs, counting a multiply-add as two. */
  public long flops() {
    return Math.multiplyExact(2, multiplyAdds);
  }
}
