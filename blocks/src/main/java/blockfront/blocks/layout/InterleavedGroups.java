package blockfront.blocks.layout;

import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Sharing;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Layout;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Layers within groups of tokens and layers over latents of all groups, by turns; the latents come
 * out.
 */
@AutoService(Layout.class)
public final class InterleavedGroups implements Layout {

  public static final Knob<Integer> GROUPS =
      Knob.integer("groups", "groups that the tokens are cut into", 4, 1, 4096, 2, 4, 8);
  public static final Knob<Integer> LATENTS =
      Knob.integer("latents", "latents of a group", 4, 1, 4096, 2, 4, 8);
  public static final Knob<Integer> LOCAL =
      Knob.integer("local", "layers within groups, of a segment", 1, 0, 48, 1, 2);
  public static final Knob<Integer> GLOBAL =
      Knob.integer(
          "global", "layers over all latents, of a segment; 0 for no latents", 1, 0, 48, 1, 2);
  public static final Knob<Integer> HEADS =
      Knob.integer("heads", "heads of reading and writing", 4, 1, 64, 4);

  @Override
  public String id() {
    return "fit";
  }

  @Override
  public String title() {
    return "Far-reaching interleaving";
  }

  @Override
  public String summary() {
    return "Tokens are cut into groups. Some layers work within each group; a few learned "
        + "latents a group read it, talk to the latents of all groups, and write back. "
        + "Every token reaches every other at little cost.";
  }

  @Override
  public String family() {
    return "Layout";
  }

  @Override
  public Source source() {
    return new Source(
        "FIT: Far-reaching Interleaved Transformers",
        "Chen and Li",
        2023,
        "https://arxiv.org/abs/2305.12689");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.NEVER, Traits.Layout.BOTH, "O(N^4/3)", false, true);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(GROUPS, LATENTS, LOCAL, GLOBAL, HEADS);
  }

  @Override
  public Tensor arrange(Tensor x, Layers layers, Setting setting) {
    int local = setting.of(LOCAL);
    int global = setting.of(GLOBAL);
    if (local + global == 0) {
      throw new IllegalArgumentException("FIT needs local or global layers, got 0 and 0");
    }
    Tensor tokens = Tokens.sequence(x);
    List<Tensor> groups = cut(tokens, setting.of(GROUPS));
    if (global == 0) {
      return within(groups, layers, 0, layers.count()).reshape(x.shape());
    }
    int width = tokens.shape().size(1);
    int heads = Tokens.largestDivisor(width, setting.of(HEADS));
    int latents = setting.of(LATENTS);
    Tensor all =
        Tensor.offset("latents", Init.TRUNCATED_NORMAL_002, groups.size() * latents, width)
            .forEachExample();
    int layer = 0;
    for (int segment = 0; layer < layers.count(); segment++) {
      if (segment > 0) {
        groups = written(groups, cut(all, groups.size()), heads, segment);
      }
      int localEnd = Math.min(layer + local, layers.count());
      groups = cut(within(groups, layers, layer, localEnd), groups.size());
      all = read(groups, cut(all, groups.size()), heads, segment);
      int end = Math.min(localEnd + global, layers.count());
      for (layer = localEnd; layer < end; layer++) {
        all = layers.apply(layer, all);
      }
    }
    return all;
  }

  /** Equal runs of tokens, the last perhaps shorter. */
  private static List<Tensor> cut(Tensor tokens, int groups) {
    int count = tokens.shape().size(0);
    int size = Math.ceilDiv(count, Math.min(groups, count));
    return IntStream.range(0, Math.ceilDiv(count, size))
        .mapToObj(i -> tokens.slice(0, i * size, Math.min(count, (i + 1) * size)))
        .toList();
  }

  private static Tensor within(List<Tensor> groups, Layers layers, int from, int to) {
    return join(
        groups.stream()
            .map(
                group -> {
                  Tensor y = group;
                  for (int i = from; i < to; i++) {
                    y = layers.apply(i, y);
                  }
                  return y;
                })
            .toList());
  }

  private static Tensor join(List<Tensor> parts) {
    return parts.size() == 1
        ? parts.getFirst()
        : Tensor.concatenate(0, parts.toArray(Tensor[]::new));
  }

  /** Latents that have looked at the tokens of their group. */
  private static Tensor read(List<Tensor> groups, List<Tensor> latents, int heads, int segment) {
    var sharing = new Sharing();
    return join(
        IntStream.range(0, groups.size())
            .mapToObj(
                i ->
                    sharing.pass(
                        () ->
                            Scope.in(
                                "read." + segment,
                                () -> attended(latents.get(i), groups.get(i), heads))))
            .toList());
  }

  /** Tokens that have looked at the latents of their group. */
  private static List<Tensor> written(
      List<Tensor> groups, List<Tensor> latents, int heads, int segment) {
    var sharing = new Sharing();
    return IntStream.range(0, groups.size())
        .mapToObj(
            i ->
                sharing.pass(
                    () ->
                        Scope.in(
                            "write." + segment,
                            () -> attended(groups.get(i), latents.get(i), heads))))
        .toList();
  }

  /** {@code x + attention(norm(x), norm(seen))}. */
  private static Tensor attended(Tensor x, Tensor seen, int heads) {
    int width = x.shape().size(1);
    Tensor from = Scope.in("norm1", () -> x.layerNorm(1e-6));
    Tensor to = Scope.in("norm2", () -> seen.layerNorm(1e-6));
    Tensor query = split(Scope.in("query", () -> from.linear(width)), heads);
    Tensor key = split(Scope.in("key", () -> to.linear(width)), heads);
    Tensor value = split(Scope.in("value", () -> to.linear(width)), heads);
    double scale = 1 / Math.sqrt((double) width / heads);
    Tensor weighed = query.times(scale).matmulTransposed(key).softmax().matmul(value);
    Tensor joined = weighed.permute(1, 0, 2).reshape(x.shape());
    return x.plus(Scope.in("out", () -> joined.linear(width)));
  }

  private static Tensor split(Tensor x, int heads) {
    return x.reshape(x.shape().size(0), heads, x.shape().size(1) / heads).permute(1, 0, 2);
  }
}
