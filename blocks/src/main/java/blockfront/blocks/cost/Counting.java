package blockfront.blocks.cost;

import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Window;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Function;

/** Reads a description by the rules of {@link Cost}. */
final class Counting {

  /** Constant transforms, and what is only cut and turned out of them. */
  private final Set<Tensor> transforms = new HashSet<>();

  private final Set<Tensor> sums = new HashSet<>();

  private Counting() {}

  /** The cost of each group of tensors, in the order of computation. */
  static SequencedMap<String, Cost> by(Tensor output, Function<Tensor, String> group) {
    var counting = new Counting();
    Map<Tensor, Long> alive = Memory.alive(output);
    var costs = new LinkedHashMap<String, Cost>();
    for (Tensor tensor : output.inOrder()) {
      Cost cost = counting.of(tensor).plus(peak(alive.getOrDefault(tensor, 0L)));
      if (!cost.equals(Cost.NONE)) {
        costs.merge(group.apply(tensor), cost, Cost::plus);
      }
    }
    return Collections.unmodifiableSequencedMap(costs);
  }

  private Cost of(Tensor tensor) {
    return switch (tensor.op()) {
      case Op.Input _, Op.KeepMask _, Op.Statistic _ -> Cost.NONE;
      case Op.Parameter _ -> parameters(elements(tensor));
      case Op.Constant(var _, Op.Purpose purpose) -> {
        switch (purpose) {
          case TRANSFORM -> transforms.add(tensor);
          case SUM -> sums.add(tensor);
          case OTHER -> {}
        }
        yield Cost.NONE;
      }
      case Op.Add _, Op.Subtract _, Op.Divide _ -> elementwise(elements(tensor));
      case Op.Multiply _ -> Memory.masked(tensor) ? Cost.NONE : elementwise(elements(tensor));
      case Op.Affine _, Op.Pointwise _, Op.Normalise _, Op.BatchNormalise _ ->
          elementwise(elements(tensor));
      case Op.MatMul _, Op.Convolution _ -> product(tensor);
      case Op.Softmax _ -> softmax(elements(tensor));
      case Op.AveragePool(Window window) ->
          elementwise(Math.multiplyExact(window.taps(), elements(tensor)));
      case Op.Reduce _ -> elementwise(elements(tensor.operand(0)));
      case Op.Rational _ -> {
        int p = tensor.operand(1).shape().size(0) - 1;
        int q = tensor.operand(2).shape().size(1);
        yield elementwise(Math.multiplyExact(2 * (p + q) + 2, elements(tensor)));
      }
      case Op.CrossEntropy _ -> {
        long logits = elements(tensor.operand(0));
        yield softmax(logits).plus(elementwise(logits));
      }
      case Op.Lookup _ -> Cost.NONE;
      case Op.Broadcast _,
          Op.Reshape _,
          Op.Permute _,
          Op.Slice _,
          Op.Select _,
          Op.Concatenate _,
          Op.Pad _ -> {
        if (transforms.containsAll(tensor.operands())) {
          transforms.add(tensor);
        }
        yield Cost.NONE;
      }
      case Op.Backward op ->
          throw new IllegalArgumentException("Cost is that of a forward pass, not of " + op);
    };
  }

  /** Multiply-adds of a matrix product or a convolution; 0 for anything else. */
  static long products(Tensor tensor) {
    // each element of the result is a sum of so many products
    long inner =
        switch (tensor.op()) {
          case Op.MatMul(boolean transposeLeft, boolean _) ->
              tensor.operand(0).shape().size(transposeLeft ? -2 : -1);
          case Op.Convolution _ -> {
            Shape kernel = tensor.operand(1).shape();
            yield kernel.elements() / kernel.size(-1);
          }
          case Op.Leaf _, Op.Forward _, Op.Backward _ -> 0;
        };
    return Math.multiplyExact(elements(tensor), inner);
  }

  private Cost product(Tensor tensor) {
    if (tensor.operands().stream().anyMatch(sums::contains)) {
      return elementwise(elements(tensor));
    }
    long multiplyAdds = products(tensor);
    return tensor.operands().stream().anyMatch(transforms::contains)
        ? new Cost(0, 0, multiplyAdds, 0, 0, 0)
        : new Cost(multiplyAdds, 0, 0, 0, 0, 0);
  }

  private static long elements(Tensor tensor) {
    return tensor.shape().elements();
  }

  private static Cost parameters(long count) {
    return new Cost(0, count, 0, 0, 0, 0);
  }

  private static Cost elementwise(long count) {
    return new Cost(0, 0, 0, count, 0, 0);
  }

  private static Cost softmax(long count) {
    return new Cost(0, 0, 0, 0, count, 0);
  }

  private static Cost peak(long count) {
    return new Cost(0, 0, 0, 0, 0, count);
  }
}
