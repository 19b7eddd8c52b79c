package blockfront.blocks.mixer;

import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Recursive gated convolution: {@code [p, q] = x W}, {@code [q0 .. qn-1] = scale dw(q)}, {@code p1
 * = p q0}, {@code pi+1 = (pi Wi) qi}, and {@code pn W'} in the end; widths double from step to
 * step.
 */
@AutoService(TokenMixer.class)
public final class RecursiveGate implements TokenMixer {

  public static final Knob<Integer> ORDER =
      Knob.integer("order", "how often tokens are gated", 3, 1, 8, 2, 3, 4, 5);
  public static final Knob<String> FILTER =
      Knob.option(
          "filter",
          "what the gates are made by: a convolution; or a smaller one for half of them and a"
              + " global filter for the others",
          "convolution",
          "global");
  public static final Knob<Integer> KERNEL =
      Knob.integer("kernel", "side of the kernel in tokens, odd", 7, 1, 31, 3, 5, 7);
  public static final Knob<Double> SCALE =
      Knob.decimal("scale", "of the gates", 1.0 / 3, 1e-3, 10, 1.0 / 3);

  @Override
  public String id() {
    return "hornet_gnconv";
  }

  @Override
  public String title() {
    return "Recursive gated convolution";
  }

  @Override
  public String summary() {
    return "Tokens are multiplied by what a depthwise convolution sees around them, several times "
        + "over and each time in more channels: interactions of high order, at the cost of a "
        + "convolution.";
  }

  @Override
  public String family() {
    return "Convolution";
  }

  @Override
  public Source source() {
    return new Source(
        "HorNet: Efficient High-Order Spatial Interactions with Recursive Gated Convolutions",
        "Rao et al.",
        2022,
        "https://arxiv.org/abs/2207.14284");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.LOCAL, Traits.Causality.NEVER, Traits.Layout.GRID, "O(N)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(ORDER, FILTER, KERNEL, SCALE);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Tensor grid = Tokens.grid("Recursive gated convolution", x);
    int channels = grid.shape().size(2);
    boolean global = setting.of(FILTER).equals("global");
    int order = fitting(setting.of(ORDER), channels, global);
    List<Integer> widths =
        IntStream.range(0, order).map(i -> channels >> (order - 1 - i)).boxed().toList();
    int gates = 2 * channels - widths.getFirst();

    Tensor both = Scope.in("expand", () -> grid.linear(2 * channels));
    Tensor seen = both.slice(2, widths.getFirst(), 2 * channels);
    Tensor filtered =
        global
            ? Scope.in("filter", () -> globalAndLocal(seen, gates))
            : Scope.in(
                "local",
                () ->
                    DepthwiseConvolution.convolve(
                        seen, DepthwiseConvolution.fitting(setting.of(KERNEL), grid.shape())));
    Tensor scaled = filtered.times(setting.of(SCALE));
    Tensor y = both.slice(2, 0, widths.getFirst());
    int from = 0;
    for (int i = 0; i < order; i++) {
      int width = widths.get(i);
      Tensor gate = scaled.slice(2, from, from + width);
      Tensor before = y;
      y = (i == 0 ? before : Scope.in("grow" + i, () -> before.linear(width))).times(gate);
      from += width;
    }
    Tensor last = y;
    return Scope.in("contract", () -> last.linear(channels));
  }

  /** Half by a convolution, half by a global filter, channels by turns, normed on both sides. */
  private static Tensor globalAndLocal(Tensor x, int channels) {
    Tensor normed = Scope.in("before", () -> x.layerNorm(1e-6));
    Tensor local =
        Scope.in("local", () -> DepthwiseConvolution.unbiased(normed.slice(2, 0, channels / 2), 3));
    Tensor far =
        Scope.in("far", () -> GlobalFilter.filter(normed.slice(2, channels / 2, channels)));
    return Scope.in("after", () -> ScatteringMixer.interleaved(local, far).layerNorm(1e-6));
  }

  /** Widths must stay whole when halved; a global filter wants an even number of gates too. */
  private static int fitting(int order, int channels, boolean global) {
    int halvings = Integer.numberOfTrailingZeros(channels);
    int greatest = Math.max(1, global ? halvings : halvings + 1);
    if (global && channels % 2 != 0) {
      throw new IllegalArgumentException(
          "Recursive gated convolution with a global filter cannot halve %d channels"
              .formatted(channels));
    }
    if (order <= greatest) {
      return order;
    }
    Scope.repaired(
        "%d channels cannot be halved often enough for order %d; used %d"
            .formatted(channels, order, greatest));
    return greatest;
  }
}
