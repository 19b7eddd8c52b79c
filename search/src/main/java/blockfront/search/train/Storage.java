package blockfront.search.train;

import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Where every tensor of a schedule lies, and which of them need no work of their own.
 *
 * <p>A tensor has a buffer of its own unless a {@link Pass} finds it a place in another's.
 */
final class Storage {

  private final Schedule schedule;
  private final int batch;
  private final Set<Pass> passes;
  private final Set<Tensor> outputs = identitySet();
  private final IdentityHashMap<Tensor, Integer> positions = new IdentityHashMap<>();
  private final IdentityHashMap<Tensor, List<Tensor>> users = new IdentityHashMap<>();
  private final IdentityHashMap<Tensor, Place> places = new IdentityHashMap<>();
  private final IdentityHashMap<Tensor, Integer> lastUse = new IdentityHashMap<>();
  private final IdentityHashMap<Tensor, List<Tensor>> residents = new IdentityHashMap<>();
  private final Set<Tensor> silent = identitySet();
  // by argument, the last activation of it
  private final IdentityHashMap<Tensor, Tensor> slopes = new IdentityHashMap<>();
  private final Set<Tensor> added = identitySet();
  private final IdentityHashMap<Tensor, Float> factors = new IdentityHashMap<>();
  // scores and weights of attention, that no buffer holds
  private final Set<Tensor> absent = identitySet();
  // by result, and by the gradient that is computed with the two others
  private final IdentityHashMap<Tensor, Attention> attended = new IdentityHashMap<>();
  private final IdentityHashMap<Tensor, Attention> led = new IdentityHashMap<>();
  // gradients that another's step writes
  private final IdentityHashMap<Tensor, Tensor> leaders = new IdentityHashMap<>();

  /**
   * Finds places.
   *
   * @param attentions what is done tile by tile
   * @param outputs stay as they are to the end, dense
   * @param batch examples at a time
   */
  Storage(
      Schedule schedule,
      List<Attention> attentions,
      Collection<Tensor> outputs,
      int batch,
      Set<Pass> passes) {
    this.schedule = schedule;
    this.batch = batch;
    this.passes = passes;
    this.outputs.addAll(outputs);
    List<Tensor> order = schedule.order();
    for (int i = 0; i < order.size(); i++) {
      positions.put(order.get(i), i);
    }
    attentions.forEach(this::join);
    for (int i = 0; i < order.size(); i++) {
      for (Tensor operand : reads(order.get(i))) {
        List<Tensor> known = users.computeIfAbsent(operand, _ -> new ArrayList<>());
        known.add(order.get(i));
      }
    }
    for (Tensor tensor : order.reversed()) {
      if (!places.containsKey(tensor)) {
        receiveProducts(tensor);
      }
    }
    for (Tensor tensor : order) {
      if (absent.contains(tensor)) {
        continue;
      }
      if (!places.containsKey(tensor)) {
        places.put(tensor, find(tensor));
      }
      use(tensor);
    }
  }

  private void join(Attention attention) {
    absent.addAll(attention.inner());
    attended.put(attention.result(), attention);
    attention
        .backward()
        .ifPresent(
            backward -> {
              Tensor first =
                  Collections.min(
                      backward.results(), Comparator.comparing(t -> positions.getOrDefault(t, 0)));
              backward.results().forEach(tensor -> leaders.put(tensor, first));
              led.put(first, attention);
            });
    silent.addAll(absent);
    leaders.forEach(
        (tensor, first) -> {
          if (tensor != first) {
            silent.add(tensor);
          }
        });
  }

  /** What the step of a tensor reads; nothing if it has none. */
  private List<Tensor> reads(Tensor tensor) {
    if (absent.contains(tensor) || leaders.getOrDefault(tensor, tensor) != tensor) {
      return List.of();
    }
    Attention attention = attended.getOrDefault(tensor, led.get(tensor));
    if (attention == null) {
      return tensor.operands();
    }
    var read = new ArrayList<>(List.of(attention.query(), attention.key(), attention.value()));
    attention.mask().ifPresent(read::add);
    if (!attended.containsKey(tensor)) {
      attention.backward().ifPresent(backward -> read.add(backward.upstream()));
    }
    return Collections.unmodifiableList(read);
  }

  /** The attention that a tensor is the result of, if it is done tile by tile. */
  Optional<Attention> attention(Tensor result) {
    return Optional.ofNullable(attended.get(result));
  }

  /** The attention whose gradients the step of a tensor computes. */
  Optional<Attention> attentionBackward(Tensor tensor) {
    return Optional.ofNullable(led.get(tensor));
  }

  /** Whether a constant is never read, so that no memory need hold it. */
  boolean idle(Tensor tensor) {
    return tensor.op() instanceof Op.Constant
        && !outputs.contains(tensor)
        && !users.containsKey(tensor);
  }

  /** Where a tensor lies. */
  Place place(Tensor tensor) {
    Place place = places.get(tensor);
    if (place == null) {
      throw new IllegalArgumentException("The plan does not compute " + tensor);
    }
    return place;
  }

  /** Whether nothing needs to be done for a tensor: it lies where another was computed. */
  boolean silent(Tensor tensor) {
    return silent.contains(tensor);
  }

  /** Whether a tensor is overwritten by the slope of the activation that is taken of it. */
  boolean slope(Tensor tensor) {
    return slopes.containsKey(tensor);
  }

  /**
   * Whether an activation leaves its slope where its argument was; others of the same argument,
   * before it, do not.
   */
  boolean leavesSlope(Tensor activation) {
    return slopes.get(activation.operand(0)) == activation;
  }

  /** Whether a product is added to what lies in its place. */
  boolean added(Tensor product) {
    return added.contains(product);
  }

  /** What a product is multiplied by. */
  float factor(Tensor product) {
    return factors.getOrDefault(product, 1f);
  }

  /** Sizes with the batch axis in front if there is one. */
  List<Integer> sizes(Tensor tensor) {
    var sizes = new ArrayList<Integer>();
    if (tensor.batched()) {
      sizes.add(batch);
    }
    sizes.addAll(tensor.shape().sizes());
    return sizes;
  }

  /** Tensors that have a buffer, leaves excepted, and the positions these are alive in. */
  List<Tensor> buffered() {
    return schedule.order().stream()
        .filter(tensor -> !(tensor.op() instanceof Op.Leaf) && !absent.contains(tensor))
        .filter(tensor -> place(tensor).root() == tensor)
        .toList();
  }

  /** When each buffer is alive, by its tensor. */
  IdentityHashMap<Tensor, Layout.Interval> intervals() {
    List<Tensor> order = schedule.order();
    int firstOfSlices = order.size();
    int lastOfSlices = -1;
    for (int i = 0; i < order.size(); i++) {
      if (schedule.phase(order.get(i)) == Schedule.Phase.EACH_SLICE) {
        firstOfSlices = Math.min(firstOfSlices, i);
        lastOfSlices = i;
      }
    }
    var from = new IdentityHashMap<Tensor, Integer>();
    var to = new IdentityHashMap<Tensor, Integer>();
    for (int i = 0; i < order.size(); i++) {
      Tensor tensor = order.get(i);
      if (absent.contains(tensor)) {
        continue;
      }
      Tensor root = place(tensor).root();
      int first = positions.getOrDefault(leaders.getOrDefault(tensor, tensor), i);
      int last = i;
      // a sum over examples grows from the first slice to the last
      if (Schedule.gathers(tensor) && schedule.sliceable()) {
        first = Math.min(first, firstOfSlices);
        last = Math.max(i, lastOfSlices);
      }
      if (outputs.contains(tensor)) {
        last = order.size();
      }
      from.merge(root, first, Math::min);
      to.merge(root, last, Math::max);
      for (Tensor operand : reads(tensor)) {
        Tensor read = place(operand).root();
        boolean again =
            schedule.sliceable()
                && schedule.phase(tensor) == Schedule.Phase.EACH_SLICE
                && schedule.phase(read) == Schedule.Phase.ONCE_BEFORE;
        to.merge(read, again ? Math.max(i, lastOfSlices) : i, Math::max);
      }
    }
    var intervals = new IdentityHashMap<Tensor, Layout.Interval>();
    for (Tensor tensor : buffered()) {
      intervals.put(
          tensor,
          new Layout.Interval(
              Place.whole(tensor, sizes(tensor)).elements(),
              from.getOrDefault(tensor, 0),
              to.getOrDefault(tensor, order.size())));
    }
    return intervals;
  }

  // ---- places in what comes later

  /** Lets products be written straight to where a tensor that only moves them wants them. */
  private void receiveProducts(Tensor tensor) {
    Place own = Place.whole(tensor, sizes(tensor));
    switch (tensor.op()) {
      case Op.Permute(List<Integer> order) when passes.contains(Pass.VIEWS) -> {
        if (sink(tensor, tensor.operand(0), unpermuted(own, order, tensor))) {
          places.put(tensor, own);
          silent.add(tensor);
        }
      }
      case Op.Concatenate(int axis) when passes.contains(Pass.VIEWS) -> {
        places.put(tensor, own);
        int at = axis + (tensor.batched() ? 1 : 0);
        int from = 0;
        boolean all = true;
        for (Tensor part : tensor.operands()) {
          int size = part.shape().size(axis);
          all &= sink(tensor, part, own.slice(at, from, size));
          from += size;
        }
        if (all) {
          silent.add(tensor);
        }
      }
      case Op.Affine(double scale, double shift)
          when shift == 0 && passes.contains(Pass.FACTORS) -> {
        if (sink(tensor, tensor.operand(0), own)) {
          factors.merge(producer(tensor.operand(0)), (float) scale, (a, b) -> a * b);
          places.put(tensor, own);
          silent.add(tensor);
        }
      }
      default -> {}
    }
  }

  /** Gives a tensor, and what it is a view of, a place in its only user's buffer, if it can be. */
  private boolean sink(Tensor user, Tensor tensor, Place place) {
    if (outputs.contains(tensor)
        || places.containsKey(tensor)
        || tensor.batched() != user.batched()
        || users.getOrDefault(tensor, List.of()).size() != 1
        || schedule.phase(tensor) != schedule.phase(user)) {
      return false;
    }
    boolean written =
        switch (tensor.op()) {
          case Op.MatMul _ -> Matrices.of(place).filter(m -> !m.transposed()).isPresent();
          case Op.Permute(List<Integer> order) ->
              sink(tensor, tensor.operand(0), unpermuted(place, order, tensor));
          case Op.Reshape() ->
              place
                  .reshape(sizes(tensor.operand(0)))
                  .filter(view -> sink(tensor, tensor.operand(0), view))
                  .isPresent();
          case Op.Affine(double scale, double shift)
              when shift == 0 && passes.contains(Pass.FACTORS) -> {
            boolean sunk = sink(tensor, tensor.operand(0), place);
            if (sunk) {
              factors.merge(producer(tensor.operand(0)), (float) scale, (a, b) -> a * b);
            }
            yield sunk;
          }
          default -> false;
        };
    if (written) {
      places.put(tensor, place);
      if (!(tensor.op() instanceof Op.MatMul)) {
        silent.add(tensor);
      }
    }
    return written;
  }

  /** The product that a chain of sunk tensors begins with. */
  private static Tensor producer(Tensor tensor) {
    return tensor.op() instanceof Op.MatMul ? tensor : producer(tensor.operand(0));
  }

  private static Place unpermuted(Place place, List<Integer> order, Tensor tensor) {
    int shift = tensor.batched() ? 1 : 0;
    var inverse = new Integer[order.size() + shift];
    inverse[0] = 0;
    for (int i = 0; i < order.size(); i++) {
      inverse[order.get(i) + shift] = i + shift;
    }
    return place.permute(List.of(inverse));
  }

  // ---- places in what came before

  private Place find(Tensor tensor) {
    Place own = Place.whole(tensor, sizes(tensor));
    if (tensor.op() instanceof Op.Leaf) {
      return own;
    }
    Optional<Place> view = view(tensor).filter(place -> accepted(tensor, place));
    if (view.isPresent()) {
      silent.add(tensor);
      return view.get();
    }
    keepSlope(tensor);
    return sumOfProduct(tensor).or(() -> overwritten(tensor)).orElse(own);
  }

  /** The tensor as a view of its operand. */
  private Optional<Place> view(Tensor tensor) {
    if (tensor.operands().size() != 1) {
      return Optional.empty();
    }
    Tensor operand = tensor.operand(0);
    Place from = place(operand);
    int shift = tensor.batched() ? 1 : 0;
    boolean views = passes.contains(Pass.VIEWS);
    return switch (tensor.op()) {
      case Op.Reshape() when views || from.dense() -> from.reshape(sizes(tensor));
      case Op.Permute(List<Integer> order) when views -> {
        var axes = new ArrayList<Integer>();
        if (tensor.batched()) {
          axes.add(0);
        }
        order.forEach(axis -> axes.add(axis + shift));
        yield Optional.of(from.permute(axes));
      }
      case Op.Slice(int axis, int first, int last) when views ->
          Optional.of(from.slice(axis + shift, first, last - first));
      case Op.Broadcast() when views -> Optional.of(stretched(operand, tensor));
      case Op.Affine(double scale, double shiftBy)
          when shiftBy == 0 && passes.contains(Pass.FACTORS) ->
          Optional.of(from.times(scale));
      default -> Optional.empty();
    };
  }

  /** A place read as if it had the sizes of another tensor. */
  Place stretched(Tensor tensor, Tensor target) {
    Place place = place(tensor);
    List<Integer> sizes = sizes(target);
    var strides = new ArrayList<>(Collections.nCopies(sizes.size(), 0L));
    int axes = place.sizes().size();
    int rank = tensor.shape().rank();
    for (int i = 1; i <= rank; i++) {
      if (tensor.shape().size(-i) > 1) {
        strides.set(sizes.size() - i, place.strides().get(axes - i));
      }
    }
    if (tensor.batched() && target.batched()) {
      strides.set(0, place.strides().getFirst());
    }
    return new Place(place.root(), place.offset(), sizes, strides, place.factor());
  }

  /** Whether everything that reads a tensor can read it there. */
  private boolean accepted(Tensor tensor, Place place) {
    if (place.dense()) {
      return true;
    }
    if (outputs.contains(tensor)) {
      return false;
    }
    return users.getOrDefault(tensor, List.of()).stream().allMatch(user -> accepts(user, place));
  }

  private static boolean accepts(Tensor user, Place place) {
    return switch (user.op()) {
      case Op.MatMul _, Op.ProductSum _ -> Matrices.of(place).isPresent();
      case Op.Add _, Op.Subtract _, Op.Multiply _, Op.Divide _ ->
          place.factor() == 1 && walks(user, place);
      case Op.Reshape _, Op.Permute _, Op.Slice _, Op.Broadcast _, Op.Concatenate _, Op.Pad _ ->
          place.factor() == 1;
      case Op.Reduce _, Op.SumTo _ -> place.factor() == 1 && place.runs();
      default -> false;
    };
  }

  /** Whether the walk of an elementwise operation over the place has runs. */
  private static boolean walks(Tensor user, Place place) {
    // the innermost axes must go along, or all stand still
    int last = user.shape().rank();
    int axes = place.sizes().size();
    for (int i = 1; i <= Math.min(last, axes); i++) {
      if (user.shape().size(-i) > 1) {
        long stride = place.sizes().get(axes - i) > 1 ? place.strides().get(axes - i) : 0;
        return stride == 0 || stride == 1;
      }
    }
    return true;
  }

  /** {@code a + product}, where nobody needs a any more. */
  private Optional<Place> sumOfProduct(Tensor tensor) {
    if (!passes.contains(Pass.SUMS_OF_PRODUCTS) || !(tensor.op() instanceof Op.Add)) {
      return Optional.empty();
    }
    for (int i = 0; i < 2; i++) {
      Tensor product = tensor.operand(i);
      Tensor other = tensor.operand(1 - i);
      if (product.op() instanceof Op.MatMul
          && !attended.containsKey(product)
          && !leaders.containsKey(product)
          && product != other
          && place(product).root() == product
          && !outputs.contains(product)
          && users.getOrDefault(product, List.of()).size() == 1
          && schedule.phase(product) == schedule.phase(tensor)
          && positions.getOrDefault(other, 0) < positions.getOrDefault(product, 0)
          && free(other, tensor)
          && place(product).dense()) {
        Place place = place(other);
        boolean read = product.operands().stream().anyMatch(x -> place(x).root() == place.root());
        if (!read && !isReadAfter(place.root(), product, tensor)) {
          places.put(product, place);
          added.add(product);
          silent.add(tensor);
          return Optional.of(place);
        }
      }
    }
    return Optional.empty();
  }

  /** The place of an operand that may be overwritten. */
  private Optional<Place> overwritten(Tensor tensor) {
    if (!passes.contains(Pass.IN_PLACE)) {
      return Optional.empty();
    }
    List<Integer> candidates =
        switch (tensor.op()) {
          case Op.Add _, Op.Subtract _, Op.Multiply _, Op.Divide _ -> List.of(0, 1);
          case Op.Affine _, Op.Pointwise _, Op.Softmax _ -> List.of(0);
          case Op.PointwiseGradient _, Op.SoftmaxGradient _ -> List.of(1);
          case Op.NormaliseInputGradient _ -> List.of(2);
          default -> List.of();
        };
    for (int candidate : candidates) {
      Tensor operand = tensor.operand(candidate);
      boolean alone = true;
      for (int i = 0; i < tensor.operands().size(); i++) {
        alone &= i == candidate || place(tensor.operand(i)).root() != place(operand).root();
      }
      if (alone && free(operand, tensor)) {
        return Optional.of(place(operand));
      }
    }
    return Optional.empty();
  }

  /** Whether a user may overwrite an operand: it is as large, and nobody reads it later. */
  private boolean free(Tensor operand, Tensor user) {
    Place place = place(operand);
    Tensor root = place.root();
    boolean lasting = root.op() instanceof Op.Leaf;
    return !lasting
        && operand.batched() == user.batched()
        && operand.shape().equals(user.shape())
        && place.dense()
        && place.elements() == Place.whole(root, sizes(root)).elements()
        && schedule.phase(root) == schedule.phase(user)
        && Schedule.gathers(operand) == Schedule.gathers(user)
        && lastUse.getOrDefault(root, Integer.MAX_VALUE) <= positions.getOrDefault(user, -1);
  }

  /** Whether a buffer is read after some tensor by any but the given user. */
  private boolean isReadAfter(Tensor root, Tensor tensor, Tensor except) {
    int position = positions.getOrDefault(tensor, 0);
    return residents.getOrDefault(root, List.of()).stream()
        .flatMap(t -> users.getOrDefault(t, List.of()).stream())
        .anyMatch(user -> user != except && positions.getOrDefault(user, 0) > position);
  }

  /** Notes how long the buffer that a tensor lies in is read. */
  private void use(Tensor tensor) {
    int last = positions.getOrDefault(tensor, 0);
    for (Tensor user : users.getOrDefault(tensor, List.of())) {
      last = Math.max(last, positions.getOrDefault(user, 0));
    }
    Tensor root = place(tensor).root();
    lastUse.merge(root, outputs.contains(tensor) ? Integer.MAX_VALUE : last, Math::max);
    residents.computeIfAbsent(root, _ -> new ArrayList<>()).add(tensor);
  }

  // ---- activations

  /** Whether the slope of an activation can lie where its argument does. */
  private void keepSlope(Tensor activation) {
    if (!passes.contains(Pass.SLOPES) || !(activation.op() instanceof Op.Pointwise function)) {
      return;
    }
    Tensor x = activation.operand(0);
    Place place = place(x);
    int here = positions.getOrDefault(activation, 0);
    boolean gradient = false;
    for (Tensor user : users.getOrDefault(x, List.of())) {
      boolean own =
          user.op() instanceof Op.PointwiseGradient(var of)
              && of == function.function()
              && user.operand(0) == x
              && user.operand(1) != x
              && positions.getOrDefault(user, 0) > here;
      gradient |= own;
      if (user != activation && !own && positions.getOrDefault(user, 0) > here) {
        return;
      }
    }
    // what else lies in the buffer must not be read any more
    boolean others =
        residents.getOrDefault(place.root(), List.of()).stream()
            .filter(t -> t != x)
            .flatMap(t -> users.getOrDefault(t, List.of()).stream())
            .anyMatch(user -> positions.getOrDefault(user, 0) > here);
    if (gradient
        && !others
        && !outputs.contains(x)
        && !(place.root().op() instanceof Op.Leaf)
        && !outputs.contains(place.root())
        && place.dense()
        && schedule.phase(place.root()) == schedule.phase(activation)) {
      slopes.put(x, activation);
    }
  }

  private static Set<Tensor> identitySet() {
    return Collections.newSetFromMap(new IdentityHashMap<>());
  }
}
