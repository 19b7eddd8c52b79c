package blockfront.blocks.graph;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Parameters of a part that is described several times but learnt once: loops, recursions, one
 * module in two places.
 *
 * <p>Each {@link #pass} describes the part again. What the first pass made under a scope, with a
 * role and as the n-th of them, later passes get where they ask for the same. Sharings nest. Owned
 * by the thread that describes.
 */
public final class Sharing {

  private static final ScopedValue<Pass> CURRENT = ScopedValue.newInstance();

  private final Map<String, Tensor> known = new HashMap<>();

  /** One description of the part, within that of another if they nest. */
  private record Pass(Sharing sharing, Map<String, Integer> turns, Optional<Pass> outer) {

    Tensor resolve(String role, Shape shape, Supplier<Tensor> made) {
      String place = Scope.path() + " " + role;
      int turn = turns.merge(place, 1, Integer::sum);
      String key = place + " " + turn;
      Tensor found = sharing.known.get(key);
      if (found == null) {
        found = outer.map(pass -> pass.resolve(role, shape, made)).orElseGet(made);
        sharing.known.put(key, found);
      }
      if (!found.shape().equals(shape)) {
        throw new IllegalArgumentException(
            "Parameter '%s' is shared with shape %s, asked for with %s"
                .formatted(place, found.shape(), shape));
      }
      return found;
    }
  }

  /** Describes the part, with the parameters of the first pass where there has been one. */
  public <T> T pass(Supplier<T> description) {
    Optional<Pass> outer = CURRENT.isBound() ? Optional.of(CURRENT.get()) : Optional.empty();
    Pass pass = new Pass(this, new HashMap<>(), outer);
    return ScopedValue.where(CURRENT, pass).call(description::get);
  }

  /** A parameter as the passes that are open want it: an earlier one, or made now. */
  static Tensor parameter(String role, Shape shape, Supplier<Tensor> made) {
    return CURRENT.isBound() ? CURRENT.get().resolve(role, shape, made) : made.get();
  }
}
