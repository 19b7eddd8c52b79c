package blockfront.blocks.cost;

import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which numbers of one example are alive while a description is computed. */
final class Memory {

  private Memory() {}

  /**
   * How many numbers are alive while each tensor is computed, itself and its operands included;
   * only tensors that need memory of their own are listed.
   */
  static Map<Tensor, Long> alive(Tensor output) {
    List<Tensor> order = output.inOrder();
    var owners = new HashMap<Tensor, Tensor>();
    var lastUses = new HashMap<Tensor, Integer>();
    for (int step = 0; step < order.size(); step++) {
      Tensor tensor = order.get(step);
      owners.put(tensor, owner(tensor, owners));
      for (Tensor operand : tensor.operands()) {
        lastUses.put(owners.getOrDefault(operand, operand), step);
      }
    }
    lastUses.put(owners.getOrDefault(output, output), order.size());

    var alive = new HashMap<Tensor, Long>();
    long live = 0;
    for (int step = 0; step < order.size(); step++) {
      Tensor tensor = order.get(step);
      if (owners.get(tensor) == tensor && counted(tensor)) {
        live = Math.addExact(live, tensor.shape().elements());
        alive.put(tensor, live);
      }
      for (Tensor owner :
          tensor.operands().stream()
              .map(each -> owners.getOrDefault(each, each))
              .distinct()
              .toList()) {
        if (lastUses.getOrDefault(owner, 0) == step && counted(owner)) {
          live -= owner.shape().elements();
        }
      }
    }
    return alive;
  }

  /** Whether a product leaves the other side as it is in inference. */
  static boolean masked(Tensor product) {
    return product.operands().stream().anyMatch(each -> each.op() instanceof Op.KeepMask);
  }

  /**
   * The tensor whose memory this one reads: itself, unless it only looks at another differently.
   */
  private static Tensor owner(Tensor tensor, Map<Tensor, Tensor> owners) {
    Tensor seen =
        switch (tensor.op()) {
          case Op.Reshape() -> tensor.operand(0);
          case Op.Multiply() when masked(tensor) ->
              tensor.operands().stream()
                  .filter(each -> !(each.op() instanceof Op.KeepMask))
                  .filter(each -> each.shape().equals(tensor.shape()) && each.batched())
                  .findFirst()
                  .orElse(tensor);
          case Op.Leaf _, Op.Forward _, Op.Backward _ -> tensor;
        };
    return owners.getOrDefault(seen, seen);
  }

  private static boolean counted(Tensor tensor) {
    return tensor.batched() && !(tensor.op() instanceof Op.Leaf);
  }
}
