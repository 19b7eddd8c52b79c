package blockfront.blocks.mixer;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/**
 * {@code [grid(u), block(v)] W2} with {@code [u, v] = GELU(x W1)}: one half of the channels is
 * gated among cells far apart, at the same place of each patch of a grid of patches; the other
 * among the cells of a block.
 *
 * <p>Each gate is {@code t + (p * (W norm(q) + b + 1)) W3} with {@code [p, q] = GELU(norm(t) W4)},
 * W over the cells that are mixed.
 */
@AutoService(TokenMixer.class)
public final class MultiAxisGate implements TokenMixer {

  public static final Knob<Integer> BLOCK =
      Knob.integer("block", "side of a block, in tokens", 8, 1, 64, 2, 4, 8, 16);
  public static final Knob<Integer> GRID =
      Knob.integer("grid", "patches in a row and in a column", 8, 1, 64, 2, 4, 8, 16);
  public static final Knob<Boolean> AS_RELEASED =
      Knob.flag(
          "as_released",
          "whether the grid has as many patches as a block has tokens a side",
          false);

  private static final double EPSILON = 1e-6;

  @Override
  public String id() {
    return "maxim_mab";
  }

  @Override
  public String title() {
    return "Multi-axis gated MLP";
  }

  @Override
  public String summary() {
    return "Half of the channels is gated among neighbours in blocks, half among cells spread over "
        + "the whole grid; both by learned matrices of a fixed size.";
  }

  @Override
  public String family() {
    return "Gated MLP";
  }

  @Override
  public Source source() {
    return new Source(
        "MAXIM: Multi-Axis MLP for Image Processing",
        "Tu et al.",
        2022,
        "https://arxiv.org/abs/2201.02973");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.NEVER, Traits.Layout.GRID, "O(N)", true, true);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(BLOCK, GRID, AS_RELEASED);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Shape shape = Tokens.grid("Multi-axis gated MLP", x).shape();
    int channels = shape.size(2);
    Sides block = fitting("Blocks", setting.of(BLOCK), shape);
    Sides grid = fitting("A grid", setting.of(setting.of(AS_RELEASED) ? BLOCK : GRID), shape);
    int height = multiple(shape.size(0), block.rows(), grid.rows());
    int width = multiple(shape.size(1), block.columns(), grid.columns());
    Tensor padded = x.pad(0, 0, height - shape.size(0)).pad(1, 0, width - shape.size(1));
    Tensor expanded = Scope.in("expand", () -> padded.linear(2 * channels)).apply(Function.GELU);
    Tensor inside = inside(shape, height, width);
    Tensor far =
        Scope.in(
            "grid",
            () ->
                gated(
                    expanded.slice(2, 0, channels),
                    inside,
                    new Axes(
                        grid.rows(),
                        height / grid.rows(),
                        grid.columns(),
                        width / grid.columns(),
                        true)));
    Tensor near =
        Scope.in(
            "block",
            () ->
                gated(
                    expanded.slice(2, channels, 2 * channels),
                    inside,
                    new Axes(
                        height / block.rows(),
                        block.rows(),
                        width / block.columns(),
                        block.columns(),
                        false)));
    return Scope.in("contract", () -> Tensor.concatenate(2, far, near).linear(channels))
        .slice(0, 0, shape.size(0))
        .slice(1, 0, shape.size(1));
  }

  private record Sides(int rows, int columns) {}

  private static Sides fitting(String what, int side, Shape grid) {
    var sides = new Sides(Math.min(side, grid.size(0)), Math.min(side, grid.size(1)));
    if (sides.rows() < side || sides.columns() < side) {
      Scope.repaired(
          "%s of %dx%d do not fit a grid of %dx%d; used %dx%d"
              .formatted(
                  what, side, side, grid.size(0), grid.size(1), sides.rows(), sides.columns()));
    }
    return sides;
  }

  /** The least multiple of both that is not below a size. */
  private static int multiple(int size, int a, int b) {
    int common = a;
    while (common % b != 0) {
      common += a;
    }
    return Math.ceilDiv(size, common) * common;
  }

  /** 1 where there are tokens and 0 where there is padding, {@code [height, width, 1]}. */
  private static Tensor inside(Shape tokens, int height, int width) {
    return Tensor.constant(
        Values.of(
            height * width, i -> i / width < tokens.size(0) && i % width < tokens.size(1) ? 1 : 0),
        height,
        width,
        1);
  }

  /**
   * A grid cut into outer x inner rows and columns, of which one kind is mixed.
   *
   * @param outer whether it is the outer ones
   */
  private record Axes(
      int outerRows, int innerRows, int outerColumns, int innerColumns, boolean outer) {

    /** {@code [groups, cells that are mixed, channels]}. */
    Tensor gathered(Tensor x) {
      int channels = x.shape().size(2);
      Tensor cut = x.reshape(outerRows, innerRows, outerColumns, innerColumns, channels);
      return outer
          ? cut.permute(1, 3, 0, 2, 4).reshape(inner(), patches(), channels)
          : cut.permute(0, 2, 1, 3, 4).reshape(patches(), inner(), channels);
    }

    /** Undoes {@link #gathered}. */
    Tensor spread(Tensor groups) {
      int channels = groups.shape().size(2);
      Tensor back =
          outer
              ? groups
                  .reshape(innerRows, innerColumns, outerRows, outerColumns, channels)
                  .permute(2, 0, 3, 1, 4)
              : groups
                  .reshape(outerRows, outerColumns, innerRows, innerColumns, channels)
                  .permute(0, 2, 1, 3, 4);
      return back.reshape(outerRows * innerRows, outerColumns * innerColumns, channels);
    }

    int mixed() {
      return outer ? patches() : inner();
    }

    private int patches() {
      return outerRows * outerColumns;
    }

    private int inner() {
      return innerRows * innerColumns;
    }
  }

  private static Tensor gated(Tensor t, Tensor inside, Axes axes) {
    int channels = t.shape().size(2);
    Tensor normed = Scope.in("norm", () -> t.layerNorm(EPSILON));
    Tensor expanded = Scope.in("expand", () -> normed.linear(2 * channels)).apply(Function.GELU);
    Tensor content = expanded.slice(2, 0, channels);
    // padding must not be seen
    Tensor seen =
        Scope.in("gate_norm", () -> expanded.slice(2, channels, 2 * channels).layerNorm(EPSILON))
            .times(inside);
    Tensor gate = Scope.in("gate", () -> axes.spread(mixed(axes.gathered(seen), axes.mixed())));
    Tensor passed = content.times(gate.plus(1));
    return t.plus(Scope.in("contract", () -> passed.linear(channels)));
  }

  private static Tensor mixed(Tensor groups, int cells) {
    return Tensor.weight("weight", Init.TRUNCATED_NORMAL_002, cells, cells)
        .matmul(groups)
        .plus(Tensor.offset("bias", Init.ZEROS, cells, 1));
  }
}
