package blockfront.blocks.mixer;

import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Window;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.ArrayList;
import java.util.List;

/**
 * Attention of groups of channels, each to few keys: one group to the whole grid at a coarse scale,
 * the others to the average of all windows, plain or dilated.
 */
@AutoService(TokenMixer.class)
public final class FactorisedAttention implements TokenMixer {

  public static final Knob<Integer> REDUCTION =
      Knob.integer(
          "reduction",
          "side of what the first group takes for one key, and dilation of the last group's "
              + "windows; 1 leaves that group out",
          2,
          1,
          64,
          1,
          2,
          4,
          8);
  public static final Knob<Integer> HEADS =
      Knob.integer("heads", "heads of each group but the first", 2, 1, 64, 1, 2, 4, 8);
  public static final Knob<Integer> WINDOW =
      Knob.integer("window", "side of a window in tokens", 7, 1, 64, 3, 5, 7);
  public static final Knob<Boolean> QKV_BIAS = SoftmaxAttention.QKV_BIAS;
  public static final Knob<Boolean> AS_RELEASED =
      Knob.flag(
          "as_released",
          "whether neighbouring channels of a window are averaged, as was released, not windows",
          false);

  @Override
  public String id() {
    return "fasa";
  }

  @Override
  public String title() {
    return "Factorised attention";
  }

  @Override
  public String summary() {
    return "A few channels attend to the whole image at a coarse scale, the others to "
        + "one window that is the mean of all windows, near or dilated: long range at "
        + "the cost of a window.";
  }

  @Override
  public String family() {
    return "Window attention";
  }

  @Override
  public Source source() {
    return new Source(
        "Factorization Vision Transformer: Modeling Long Range Dependency with Local "
            + "Window Cost",
        "Qin et al.",
        2023,
        "https://arxiv.org/abs/2312.08614");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL,
        Traits.Causality.NEVER,
        Traits.Layout.GRID,
        "O(N (w² + N / r²))",
        false,
        false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(REDUCTION, HEADS, WINDOW, QKV_BIAS, AS_RELEASED);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Tensor grid = Tokens.grid("Factorised attention", x);
    int channels = grid.shape().size(2);
    int reduction = reduction(grid.shape(), setting.of(REDUCTION));
    Groups groups = groups(channels, setting.of(HEADS), reduction > 1);
    boolean bias = setting.of(QKV_BIAS);
    Tensor query = Scope.in("query", () -> linear(Tokens.sequence(grid), channels, bias));
    int first = groups.first();
    Tensor coarse =
        Scope.in(
            "coarse",
            () -> coarse(query.slice(1, 0, first), grid.slice(2, 0, first), reduction, bias));
    Tensor local = Scope.in("local", () -> Convolutions.depthwise(grid.slice(2, first, channels)));
    Tensor features = Scope.in("features", () -> local.linear(channels - first));
    var seen = new ArrayList<Tensor>(List.of(coarse));
    for (int i = 0; i < groups.others(); i++) {
      int from = i * groups.each();
      int to = from + groups.each();
      int dilation = i == 0 ? 1 : reduction;
      seen.add(
          Scope.in(
              "window" + (i + 1),
              () ->
                  average(
                      query.slice(1, first + from, first + to),
                      features.slice(2, from, to),
                      groups.heads(),
                      dilation,
                      setting)));
    }
    Tensor joined = Tensor.concatenate(1, seen.toArray(Tensor[]::new));
    return Scope.in("out", () -> joined.linear(channels)).reshape(x.shape());
  }

  /**
   * How channels are shared out.
   *
   * @param first of the first group, which has one head
   * @param each of each other group
   */
  private record Groups(int first, int each, int others, int heads) {}

  private static Groups groups(int channels, int wanted, boolean coarse) {
    int parts = coarse ? 16 : 8;
    int others = coarse ? 2 : 1;
    int most = Math.max(1, 7 * channels / parts);
    int heads = Math.min(wanted, most);
    int each = most / heads * heads;
    int first = channels - others * each;
    if (first < 1) {
      throw new IllegalArgumentException(
          "Factorised attention cannot share %d channels out among %d groups"
              .formatted(channels, others + 1));
    }
    if (heads != wanted || each * parts != 7 * channels) {
      Scope.repaired(
          ("%d channels do not fall into groups of %d sixteenths with %d heads; "
                  + "used %d and %s%d with %d")
              .formatted(
                  channels,
                  7 * 16 / parts,
                  wanted,
                  first,
                  others == 1 ? "" : "twice ",
                  each,
                  heads));
    }
    return new Groups(first, each, others, heads);
  }

  private static int reduction(Shape grid, int wanted) {
    int reduction = Math.min(wanted, Math.min(grid.size(0), grid.size(1)));
    if (reduction != wanted) {
      Scope.repaired(
          "A reduction of %d leaves nothing of a grid of %dx%d; used %d"
              .formatted(wanted, grid.size(0), grid.size(1), reduction));
    }
    return reduction;
  }

  /** One head to the whole grid at a coarse scale; {@code [tokens, channels]}. */
  private static Tensor coarse(Tensor query, Tensor grid, int reduction, boolean bias) {
    int width = grid.shape().size(2);
    Tensor padded =
        grid.pad(0, 0, missing(grid.shape().size(0), reduction))
            .pad(1, 0, missing(grid.shape().size(1), reduction));
    Tensor reduced =
        Scope.in(
            "reduce",
            () ->
                padded
                    .convolve(
                        Tensor.weight(
                            "weight",
                            Convolutions.fanOut(reduction, width),
                            reduction,
                            reduction,
                            width,
                            width),
                        Window.square(reduction, reduction, 0),
                        1)
                    .plus(Tensor.offset("bias", Init.ZEROS, width)));
    Tensor tokens = Tokens.sequence(Scope.in("norm", () -> reduced.layerNorm(1e-5)));
    Tensor both = Scope.in("key_value", () -> linear(tokens, 2 * width, bias));
    Tensor key = both.slice(1, 0, width);
    Tensor value = both.slice(1, width, 2 * width);
    Tensor placed =
        value.plus(
            Tokens.sequence(
                Scope.in("place", () -> Convolutions.depthwise(value.reshape(reduced.shape())))));
    Tensor weights = query.times(1 / Math.sqrt(width)).matmulTransposed(key).softmax();
    return weights.matmul(placed);
  }

  private static int missing(int size, int part) {
    return Math.ceilDiv(size, part) * part - size;
  }

  /** Heads to the mean of all windows; {@code [tokens, channels]}. */
  private static Tensor average(
      Tensor query, Tensor features, int heads, int dilation, Setting setting) {
    int width = features.shape().size(2);
    int size = width / heads;
    int side = setting.of(WINDOW);
    Tensor mean =
        mean(features, heads, side, dilation, setting.of(AS_RELEASED)); // [side², heads, size]
    boolean bias = setting.of(QKV_BIAS);
    Tensor first = Scope.in("first", () -> linear(mean, size, bias));
    Tensor both = Scope.in("key_value", () -> linear(first, 2 * size, bias));
    Tensor key = both.slice(2, 0, size).permute(1, 0, 2);
    Tensor value = both.slice(2, size, 2 * size).reshape(side, side, width);
    Tensor placed = value.plus(Scope.in("place", () -> Convolutions.depthwise(value)));
    Tensor weights =
        Heads.split(query, heads).times(1 / Math.sqrt(size)).matmulTransposed(key).softmax();
    return Heads.join(weights.matmul(Heads.split(Tokens.sequence(placed), heads)));
  }

  /** Of all windows, {@code [tokens of a window, heads, channels of a head]}. */
  private static Tensor mean(Tensor x, int heads, int side, int dilation, boolean asReleased) {
    int width = x.shape().size(2);
    int down = windows(x.shape().size(0), side, dilation);
    int right = windows(x.shape().size(1), side, dilation);
    Tensor windows =
        x.select(0, taps(x.shape().size(0), side, dilation))
            .select(1, taps(x.shape().size(1), side, dilation))
            .reshape(down, side, right, side, width);
    if (!asReleased) {
      return windows.mean(0, 2).reshape(side * side, heads, width / heads);
    }
    // windows and channels in one row, cut into as many pieces as there are channels
    return windows
        .permute(1, 3, 0, 2, 4)
        .reshape(side * side, down * right, heads, width / heads)
        .permute(0, 2, 1, 3)
        .reshape(side * side, heads, width / heads, down * right)
        .mean(3)
        .reshape(side * side, heads, width / heads);
  }

  private static int windows(int length, int side, int dilation) {
    return Math.ceilDiv(length, dilation * (side - 1) + 1);
  }

  /** The indices that windows one after another see along an axis, mirrored at its end. */
  private static List<Integer> taps(int length, int side, int dilation) {
    int span = dilation * (side - 1) + 1;
    var taps = new ArrayList<Integer>();
    for (int window = 0; window < windows(length, side, dilation); window++) {
      for (int tap = 0; tap < side; tap++) {
        taps.add(mirrored(window * span + tap * dilation, length));
      }
    }
    return taps;
  }

  private static int mirrored(int index, int length) {
    if (length == 1) {
      return 0;
    }
    int turn = index % (2 * (length - 1));
    return Math.min(turn, 2 * (length - 1) - turn);
  }

  private static Tensor linear(Tensor x, int out, boolean bias) {
    return bias ? x.linear(out) : x.linear(out, Init.TRUNCATED_NORMAL_002);
  }
}
