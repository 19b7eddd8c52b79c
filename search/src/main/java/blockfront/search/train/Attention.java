package blockfront.search.train;

import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Softmax attention as it is found in a description: {@code softmax(q k' + mask) v} and the
 * gradients of q, k and v, with nothing else that reads the weights. A plan may do each in one
 * step, some queries at a time, and never hold the scores of all queries with all keys (Rabe and
 * Staats 2021; Dao et al. 2022).
 *
 * @param query {@code [.., queries, size]}, as all of them with a batch
 * @param key {@code [.., keys, size]}
 * @param value {@code [.., keys, size of a value]}
 * @param mask added to the scores: a leaf for all examples, {@code [queries, keys]} or with the
 *     leading axes of the queries; nothing if causal
 * @param causal whether no query sees later keys
 * @param result {@code [.., queries, size of a value]}
 * @param inner what the steps need not keep: scores, weights and their gradients
 */
record Attention(
    Tensor query,
    Tensor key,
    Tensor value,
    Optional<Tensor> mask,
    boolean causal,
    Tensor result,
    Optional<Backward> backward,
    List<Tensor> inner) {

  /**
   * The other half.
   *
   * @param upstream gradient of the result
   * @param query gradient of the queries; likewise keys and values
   */
  record Backward(Tensor upstream, Tensor query, Tensor key, Tensor value) {

    List<Tensor> results() {
      return List.of(query, key, value);
    }
  }

  /** All that a schedule has. */
  static List<Attention> in(Schedule schedule, Collection<Tensor> outputs) {
    return new Search(schedule, outputs).all();
  }

  private static final class Search {
    private final Schedule schedule;
    private final Set<Tensor> outputs = new HashSet<>();
    private final IdentityHashMap<Tensor, List<Tensor>> users = new IdentityHashMap<>();
    private final IdentityHashMap<Tensor, Integer> positions = new IdentityHashMap<>();

    Search(Schedule schedule, Collection<Tensor> outputs) {
      this.schedule = schedule;
      this.outputs.addAll(outputs);
      for (Tensor tensor : schedule.order()) {
        positions.put(tensor, positions.size());
        for (Tensor operand : tensor.operands()) {
          users.computeIfAbsent(operand, _ -> new ArrayList<>()).add(tensor);
        }
      }
    }

    List<Attention> all() {
      var found = new ArrayList<Attention>();
      for (Tensor tensor : schedule.order()) {
        if (tensor.op() instanceof Op.Softmax) {
          at(tensor).filter(this::fits).ifPresent(found::add);
        }
      }
      return Collections.unmodifiableList(found);
    }

    /** The attention whose weights these are. */
    private Optional<Attention> at(Tensor weights) {
      Tensor masked = weights.operand(0);
      boolean sum = masked.op() instanceof Op.Add;
      Tensor scores = sum ? masked.operand(0) : masked;
      Optional<Tensor> mask = sum ? Optional.of(masked.operand(1)) : Optional.empty();
      if (!product(scores, false, true) || mask.filter(m -> !covers(m, scores)).isPresent()) {
        return Optional.empty();
      }
      List<Tensor> read = users.getOrDefault(weights, List.of());
      Optional<Tensor> results =
          one(read, t -> product(t, false, false) && t.operand(1) != weights);
      Optional<Tensor> values = one(read, t -> product(t, true, false) && t.operand(0) == weights);
      Optional<Tensor> inside =
          one(read, t -> t.op() instanceof Op.SoftmaxGradient && t.operand(0) == weights);
      int known = 1 + (values.isPresent() ? 1 : 0) + (inside.isPresent() ? 1 : 0);
      if (results.isEmpty() || values.isPresent() != inside.isPresent() || read.size() != known) {
        return Optional.empty();
      }
      Tensor result = results.get();
      var inner = new ArrayList<Tensor>(List.of(scores, weights));
      if (sum) {
        inner.add(masked);
      }
      Optional<Backward> backward = Optional.empty();
      if (values.isPresent() && inside.isPresent()) {
        backward = backward(scores, result, values.get(), inside.get());
        if (backward.isEmpty()) {
          return Optional.empty();
        }
        inner.add(inside.get());
        inner.add(inside.get().operand(1));
      }
      boolean causal = mask.filter(Search::hidesWhatIsLater).isPresent();
      return Optional.of(
          new Attention(
              scores.operand(0),
              scores.operand(1),
              result.operand(1),
              causal ? Optional.empty() : mask,
              causal,
              result,
              backward,
              Collections.unmodifiableList(inner)));
    }

    private Optional<Backward> backward(
        Tensor scores, Tensor result, Tensor values, Tensor inside) {
      Tensor upstream = values.operand(1);
      Tensor ofWeights = inside.operand(1);
      if (!product(ofWeights, false, true)
          || ofWeights.operand(0) != upstream
          || ofWeights.operand(1) != result.operand(1)) {
        return Optional.empty();
      }
      List<Tensor> read = users.getOrDefault(inside, List.of());
      Optional<Tensor> queries =
          one(read, t -> product(t, false, false) && t.operand(1) == scores.operand(1));
      Optional<Tensor> keys =
          one(read, t -> product(t, true, false) && t.operand(1) == scores.operand(0));
      if (read.size() != 2 || queries.isEmpty() || keys.isEmpty()) {
        return Optional.empty();
      }
      return Optional.of(new Backward(upstream, queries.get(), keys.get(), values));
    }

    /** Whether nobody misses what is not kept, and all that is read is there in time. */
    private boolean fits(Attention attention) {
      Set<Tensor> inner = Collections.newSetFromMap(new IdentityHashMap<>());
      inner.addAll(attention.inner());
      Set<Tensor> results = Collections.newSetFromMap(new IdentityHashMap<>());
      results.add(attention.result());
      attention.backward().ifPresent(backward -> results.addAll(backward.results()));
      for (Tensor tensor : inner) {
        boolean missed =
            users.getOrDefault(tensor, List.of()).stream()
                .anyMatch(user -> !inner.contains(user) && !results.contains(user));
        if (missed || outputs.contains(tensor)) {
          return false;
        }
      }
      var read = new ArrayList<>(List.of(attention.query(), attention.key(), attention.value()));
      attention.backward().ifPresent(backward -> read.add(backward.upstream()));
      List<Integer> leading = leading(attention.result());
      Schedule.Phase phase = schedule.phase(attention.result());
      int first =
          attention.backward().stream()
              .flatMap(backward -> backward.results().stream())
              .mapToInt(this::position)
              .min()
              .orElse(Integer.MAX_VALUE);
      return read.stream()
              .allMatch(t -> t.batched() && leading(t).equals(leading) && position(t) < first)
          && results.stream()
              .allMatch(
                  t -> t.batched() && leading(t).equals(leading) && schedule.phase(t) == phase)
          && inner.stream().allMatch(t -> schedule.phase(t) == phase);
    }

    private int position(Tensor tensor) {
      return positions.getOrDefault(tensor, 0);
    }

    private static Optional<Tensor> one(List<Tensor> tensors, Predicate<Tensor> wanted) {
      return tensors.stream().filter(wanted).findFirst();
    }

    private static boolean product(Tensor tensor, boolean transposeLeft, boolean transposeRight) {
      return tensor.op() instanceof Op.MatMul(boolean left, boolean right)
          && left == transposeLeft
          && right == transposeRight;
    }

    private static List<Integer> leading(Tensor tensor) {
      Shape shape = tensor.shape();
      return shape.rank() < 2 ? List.of() : shape.sizes().subList(0, shape.rank() - 2);
    }

    private static boolean covers(Tensor mask, Tensor scores) {
      Shape shape = scores.shape();
      boolean leaf = mask.op() instanceof Op.Constant || mask.op() instanceof Op.Parameter;
      return leaf
          && !mask.batched()
          && (mask.shape().equals(shape)
              || mask.shape().equals(Shape.of(shape.size(-2), shape.size(-1))));
    }

    private static boolean hidesWhatIsLater(Tensor mask) {
      if (!(mask.op() instanceof Op.Constant(Values values, Op.Purpose _))
          || mask.shape().rank() != 2
          || mask.shape().size(0) != mask.shape().size(1)) {
        return false;
      }
      int tokens = mask.shape().size(0);
      for (int i = 0; i < values.size(); i++) {
        double expected = i % tokens > i / tokens ? Double.NEGATIVE_INFINITY : 0;
        if (values.at(i) != expected) {
          return false;
        }
      }
      return true;
    }
  }
}
