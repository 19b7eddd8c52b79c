package blockfront.blocks.mixer;

import blockfront.blocks.graph.Function;
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
import java.util.List;
import java.util.stream.IntStream;

/**
 * {@code (m * (x Wv)) W} with a modulator m that sees several scales: heads of {@code x Ws} pass
 * depthwise convolutions of 3x3, 5x5, 7x7 ..; channels of the same place in each head are mixed,
 * then all.
 */
@AutoService(TokenMixer.class)
public final class ScaleAwareModulation implements TokenMixer {

  public static final Knob<Integer> HEADS =
      Knob.integer("heads", "how many scales, from 3x3 up", 4, 1, 8, 2, 4);
  public static final Knob<Integer> EXPANSION =
      Knob.integer("expansion", "hidden channels for each channel", 2, 1, 8, 1, 2);

  private static final int SMALLEST = 3;

  @Override
  public String id() {
    return "smt_sam";
  }

  @Override
  public String title() {
    return "Scale-aware modulation";
  }

  @Override
  public String summary() {
    return "Convolutions of several sizes, mixed with each other, say how much of each channel of a"
        + " token passes.";
  }

  @Override
  public String family() {
    return "Convolution";
  }

  @Override
  public Source source() {
    return new Source(
        "Scale-Aware Modulation Meet Transformer",
        "Lin et al.",
        2023,
        "https://arxiv.org/abs/2307.08579");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.LOCAL, Traits.Causality.NEVER, Traits.Layout.GRID, "O(N)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(HEADS, EXPANSION);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Tensor grid = Tokens.grid("Scale-aware modulation", x);
    int channels = grid.shape().size(2);
    int heads = Tokens.largestDivisor(channels, setting.of(HEADS));
    if (heads != setting.of(HEADS)) {
      Scope.repaired(
          "%d channels cannot be split into %d scales; used %d"
              .formatted(channels, setting.of(HEADS), heads));
    }
    int hidden = Math.multiplyExact(setting.of(EXPANSION), channels);
    Tensor value = Scope.in("value", () -> grid.linear(channels));
    Tensor scales = Scope.in("scales", () -> grid.linear(channels));
    Tensor seen = Scope.in("local", () -> convolved(scales, heads));
    Tensor mixed = Scope.in("groups", () -> grouped(seen, heads, hidden));
    Tensor normed = Scope.in("norm", () -> mixed.batchNorm(1e-5, 0.1, Init.ONES));
    Tensor modulator = Scope.in("modulator", () -> normed.apply(Function.GELU).linear(channels));
    return Scope.in("out", () -> modulator.times(value).linear(channels));
  }

  /** Each head by a kernel of its own size; channels of the same place in each then together. */
  private static Tensor convolved(Tensor x, int heads) {
    Shape shape = x.shape();
    int rows = shape.size(0);
    int columns = shape.size(1);
    int each = shape.size(2) / heads;
    Tensor[] scales =
        IntStream.range(0, heads)
            .mapToObj(
                head ->
                    Scope.in(
                        String.valueOf(head),
                        () -> convolved(x.slice(2, head * each, (head + 1) * each), head, each)))
            .map(y -> y.reshape(rows, columns, each, 1))
            .toArray(Tensor[]::new);
    return Tensor.concatenate(3, scales).reshape(shape);
  }

  private static Tensor convolved(Tensor x, int head, int channels) {
    int size = SMALLEST + 2 * head;
    Tensor kernel =
        Tensor.weight("weight", new Init.Normal(Math.sqrt(2) / size), size, size, 1, channels);
    return x.convolve(kernel, Window.same(size), channels)
        .plus(Tensor.offset("bias", Init.ZEROS, channels));
  }

  /** A linear layer for each group of as many channels as there are heads. */
  private static Tensor grouped(Tensor x, int heads, int out) {
    int groups = x.shape().size(2) / heads;
    Init start = new Init.Normal(Math.sqrt(2.0 * groups / out));
    return x.convolve(
            Tensor.weight("weight", start, 1, 1, heads, out), Window.square(1, 1, 0), groups)
        .plus(Tensor.offset("bias", Init.ZEROS, out));
  }
}
