package blockfront.blocks.graph;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * The parameters of a network by name, in the order of description.
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
      if (tensor.op() instanceof Op.Parameter parameter) {
        String stem =
            tensor.scope().isEmpty() ? parameter.role() : tensor.scope() + "." + parameter.role();
        String name = stem;
        for (int i = 2; byName.containsKey(name); i++) {
          name = stem + "_" + i;
        }
        byName.put(name, tensor);
      }
    }
    return new Parameters(byName);
  }

  public Collection<Tensor> tensors() {
    return byName.values();
  }
}
