package blockfront.blocks.graph;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * The parameters of a network by name, in the order of description, and with them the statistics
 * that training gathers: all numbers that a network needs to answer.
 *
 * <p>A name is the scope and the role, {@code stages.0.blocks.1.mixer.weight}; where one scope has
 * several of a role, the later ones are numbered: {@code weight_2}. The same description always
 * gives the same names.
 */
public record Parameters(SequencedMap<String, Tensor> byName) {

  public Parameters {
    byName = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(byName));
  }

  /** The parameters that the outputs depend on. */
  public static Parameters of(List<Tensor> outputs) {
    var byName = new LinkedHashMap<String, Tensor>();
    for (Tensor tensor : Tensor.inOrder(outputs)) {
      String role =
          switch (tensor.op()) {
            case Op.Parameter parameter -> parameter.role();
            case Op.Statistic statistic -> statistic.role();
            case Op.Leaf _, Op.Forward _, Op.Backward _ -> "";
          };
      if (!role.isEmpty()) {
        String stem = tensor.scope().isEmpty() ? role : tensor.scope() + "." + role;
        String name = stem;
        for (int i = 2; byName.containsKey(name); i++) {
          name = stem + "_" + i;
        }
        byName.put(name, tensor);
      }
    }
    return new Parameters(byName);
  }

  /** What is trained: all but the statistics. */
  public Collection<Tensor> tensors() {
    return byName.values().stream().filter(tensor -> tensor.op() instanceof Op.Parameter).toList();
  }
}
