package blockfront.blocks.wrapper;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Sharing;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import blockfront.blocks.spi.Wrapper;
import com.google.auto.service.AutoService;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A layer several times with the same parameters, tokens in groups, an MLP of its own after each.
 */
@AutoService(Wrapper.class)
public final class SlicedRecursion implements Wrapper {

  public static final Knob<Integer> RECURSIONS =
      Knob.integer("recursions", "how often the layer is applied", 2, 1, 8, 1, 2);
  public static final Knob<Integer> GROUPS =
      Knob.integer("groups", "groups of tokens in the first pass", 1, 1, 4096, 1, 2, 4, 8);
  public static final Knob<Integer> LATER_GROUPS =
      Knob.integer("later_groups", "groups of shuffled tokens in later passes", 1, 1, 4096, 1, 2);
  public static final Knob<Double> EXPANSION =
      Knob.decimal("expansion", "hidden channels for each channel between passes", 1, 0.1, 8, 1.0);
  public static final Knob<Integer> SEED =
      Knob.integer("seed", "of the fixed shuffle", 1, 0, Integer.MAX_VALUE, 1);

  @Override
  public String id() {
    return "sliced_recursion";
  }

  @Override
  public String title() {
    return "Sliced recursion";
  }

  @Override
  public String summary() {
    return "A layer applied several times with the same parameters, a small MLP of its own "
        + "after each time. Tokens attend in groups, the second time after a fixed "
        + "shuffle, so that all meet at a fraction of the cost.";
  }

  @Override
  public String family() {
    return "Residual";
  }

  @Override
  public Source source() {
    return new Source(
        "Sliced Recursive Transformer", "Shen et al.", 2021, "https://arxiv.org/abs/2111.05297");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.NONE, Traits.Causality.NEVER, Traits.Layout.BOTH, "O(N²/g)", false, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(RECURSIONS, GROUPS, LATER_GROUPS, EXPANSION, SEED);
  }

  @Override
  public Tensor wrap(Tensor x, Parts parts, Setting setting) {
    Tensor y = x;
    for (int pass = 0; pass < setting.of(RECURSIONS); pass++) {
      Tensor in = y;
      boolean shuffled = pass > 0;
      int groups = setting.of(shuffled ? LATER_GROUPS : GROUPS);
      Tensor layer = parts.pass(() -> layer(in, parts, groups, shuffled, setting.of(SEED)));
      y = Scope.in("refine" + (pass + 1), () -> refined(layer, setting.of(EXPANSION)));
    }
    return y;
  }

  /** {@code a x + b mix(norm(x))}, then the same with the channel mixer. */
  private static Tensor layer(Tensor x, Parts parts, int wanted, boolean shuffled, int seed) {
    Tensor y = x;
    if (parts.mixesTokens()) {
      Tensor mixed = inGroups(parts.norm(y), parts, wanted, shuffled, seed);
      y = Scope.in("add1", () -> weighed(x, parts.branch(mixed)));
    }
    if (parts.mixesChannels()) {
      Tensor before = y;
      Tensor mixed = parts.mixChannels(parts.norm(before));
      y = Scope.in("add2", () -> weighed(before, parts.branch(mixed)));
    }
    return y;
  }

  private static Tensor inGroups(Tensor x, Parts parts, int wanted, boolean shuffled, int seed) {
    Tensor tokens = Tokens.sequence(x);
    int count = tokens.shape().size(0);
    int groups = Tokens.largestDivisor(count, wanted);
    if (groups != wanted) {
      Scope.repaired("%d groups do not divide %d tokens; used %d".formatted(wanted, count, groups));
    }
    if (groups == 1) {
      // whole, and so in any order
      return parts.mixTokens(x);
    }
    List<Integer> order = shuffled ? shuffle(count, seed) : List.of();
    Tensor ordered = shuffled ? tokens.select(0, order) : tokens;
    int size = count / groups;
    var sharing = new Sharing();
    var mixed = new Tensor[groups];
    for (int i = 0; i < groups; i++) {
      Tensor group = ordered.slice(0, i * size, (i + 1) * size);
      mixed[i] = sharing.pass(() -> parts.mixTokens(group));
    }
    Tensor joined = Tensor.concatenate(0, mixed);
    return (shuffled ? joined.select(0, inverse(order)) : joined).reshape(x.shape());
  }

  /** {@code c x + d MLP(norm(x))}: what tells one recursion from the next. */
  private static Tensor refined(Tensor x, double expansion) {
    int channels = x.shape().size(-1);
    int hidden = (int) (expansion * channels);
    Tensor expanded =
        Scope.in("expand", () -> x.layerNorm(1e-6).linear(hidden)).apply(Function.GELU);
    return weighed(x, Scope.in("contract", () -> expanded.linear(channels)));
  }

  /** A learned share of each. */
  private static Tensor weighed(Tensor x, Tensor branch) {
    Tensor keep = Tensor.offset("keep", Init.ONES, 1);
    Tensor add = Tensor.offset("add", Init.ONES, 1);
    return x.times(keep).plus(branch.times(add));
  }

  /** The same order in training and answering; as released it is drawn anew each time. */
  private static List<Integer> shuffle(int count, int seed) {
    var order = new ArrayList<Integer>();
    for (int i = 0; i < count; i++) {
      order.add(i);
    }
    var random = new SplittableRandom(seed);
    for (int i = count - 1; i > 0; i--) {
      Collections.swap(order, i, random.nextInt(i + 1));
    }
    return order;
  }

  private static List<Integer> inverse(List<Integer> order) {
    var inverse = new Integer[order.size()];
    for (int i = 0; i < inverse.length; i++) {
      inverse[order.get(i)] = i;
    }
    return List.of(inverse);
  }
}
