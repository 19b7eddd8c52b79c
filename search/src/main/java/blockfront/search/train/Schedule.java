package blockfront.search.train;

import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * In which order tensors are computed, and which of them for every slice of the batch.
 *
 * @param order operands before their users: first what no example bears on, then what is computed
 *     for every slice, then what needs sums over all examples
 * @param phases of each tensor
 * @param sliceable whether slices of a batch, one after another, give what the batch would
 */
record Schedule(List<Tensor> order, IdentityHashMap<Tensor, Phase> phases, boolean sliceable) {

  /** How often a tensor is computed in a pass. */
  enum Phase {
    ONCE_BEFORE,
    EACH_SLICE,
    ONCE_AFTER
  }

  /** Everything the outputs need. */
  static Schedule of(Collection<Tensor> outputs, boolean earlyGradients) {
    List<Tensor> order = Tensor.inOrder(outputs);
    if (earlyGradients) {
      order = early(order);
    }
    var phases = new IdentityHashMap<Tensor, Phase>();
    boolean sliceable = true;
    for (Tensor tensor : order) {
      boolean sums =
          tensor.operands().stream().anyMatch(x -> gathers(x) || phases.get(x) == Phase.ONCE_AFTER);
      boolean each = tensor.batched() || gathers(tensor);
      if (each && (sums || mixesExamples(tensor.op()))) {
        sliceable = false;
      }
      phases.put(tensor, each ? Phase.EACH_SLICE : sums ? Phase.ONCE_AFTER : Phase.ONCE_BEFORE);
    }
    if (!sliceable) {
      order.forEach(tensor -> phases.put(tensor, Phase.EACH_SLICE));
      return new Schedule(order, phases, false);
    }
    var sorted = new ArrayList<>(order);
    sorted.sort(Comparator.comparing(phases::get));
    return new Schedule(Collections.unmodifiableList(sorted), phases, true);
  }

  Phase phase(Tensor tensor) {
    return phases.getOrDefault(tensor, Phase.EACH_SLICE);
  }

  /** Whether a tensor is a sum over the examples. */
  static boolean gathers(Tensor tensor) {
    return !tensor.batched() && tensor.operands().stream().anyMatch(Tensor::batched);
  }

  /** Sums over examples right after the last of what they sum. */
  private static List<Tensor> early(List<Tensor> order) {
    var places = new IdentityHashMap<Tensor, Integer>();
    for (int i = 0; i < order.size(); i++) {
      Tensor tensor = order.get(i);
      int place = i;
      if (gathers(tensor)) {
        place = tensor.operands().stream().mapToInt(places::get).max().orElse(i);
      }
      places.put(tensor, place);
    }
    var sorted = new ArrayList<>(order);
    sorted.sort(Comparator.comparing(places::get)); // stable: operands stay before their users
    return sorted;
  }

  /** Whether examples of a batch bear on each other's results. */
  private static boolean mixesExamples(Op op) {
    return switch (op) {
      case Op.BatchNormalise _, Op.BatchNormaliseInputGradient _, Op.BatchNormaliseGainGradient _ ->
          true;
      case Op.Leaf _,
          Op.Add _,
          Op.Subtract _,
          Op.Multiply _,
          Op.Divide _,
          Op.Affine _,
          Op.Pointwise _,
          Op.MatMul _,
          Op.Convolution _,
          Op.Normalise _,
          Op.Softmax _,
          Op.AveragePool _,
          Op.Reduce _,
          Op.Broadcast _,
          Op.Reshape _,
          Op.Permute _,
          Op.Slice _,
          Op.Select _,
          Op.Concatenate _,
          Op.Pad _,
          Op.Lookup _,
          Op.Rational _,
          Op.CrossEntropy _,
          Op.ProductSum _,
          Op.SumTo _,
          Op.PointwiseGradient _,
          Op.NormaliseInputGradient _,
          Op.NormaliseGainGradient _,
          Op.SoftmaxGradient _,
          Op.SelectGradient _,
          Op.ConvolutionInputGradient _,
          Op.ConvolutionKernelGradient _,
          Op.AveragePoolGradient _,
          Op.RationalInputGradient _,
          Op.RationalNumeratorGradient _,
          Op.RationalDenominatorGradient _,
          Op.LookupGradient _,
          Op.CrossEntropyGradient _ ->
          false;
    };
  }
}
