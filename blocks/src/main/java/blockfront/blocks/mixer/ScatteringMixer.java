package blockfront.blocks.mixer;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * Wavelet bands of the grid, each changed in its own way, back to a grid: the low band by a gain
 * for each cell, the complex high bands by a small complex MLP among blocks of channels, {@code
 * relu(z W1 + b1) W2 + b2}, where relu takes real and imaginary parts each for themselves.
 */
@AutoService(TokenMixer.class)
public final class ScatteringMixer implements TokenMixer {

  public static final Knob<String> MIXING =
      Knob.option(
          "mixing",
          "what the high bands are mixed over: channels; then cells of a row as well; both, but of"
              + " half the channels, the others being convolved",
          "channel",
          "token",
          "channel_token");

  private static final int BLOCKS = 4;
  private static final Init START = new Init.Normal(0.02);

  @Override
  public String id() {
    return "svt_scatter";
  }

  @Override
  public String title() {
    return "Scattering by wavelets";
  }

  @Override
  public String summary() {
    return "Splits the grid into a low band and six directions of detail by wavelets, mixes each, "
        + "and joins them again. Fits one grid size.";
  }

  @Override
  public String family() {
    return "Spectral";
  }

  @Override
  public Source source() {
    return new Source(
        "Scattering Vision Transformer: Spectral Mixing Matters",
        "Patro and Agneeswaran",
        2023,
        "https://arxiv.org/abs/2311.01310");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.NEVER, Traits.Layout.GRID, "O(N)", true, true);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(MIXING);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Tensor grid = Tokens.grid("Scattering", x);
    int channels = grid.shape().size(2);
    return switch (setting.of(MIXING)) {
      case "token" -> scattered(grid, true);
      case "channel_token" -> {
        if (channels % 2 != 0) {
          throw new IllegalArgumentException(
              "Scattering cannot halve %d channels".formatted(channels));
        }
        Tensor local =
            Scope.in(
                "local", () -> DepthwiseConvolution.convolve(grid.slice(2, 0, channels / 2), 3));
        Tensor far = scattered(grid.slice(2, channels / 2, channels), true);
        yield interleaved(local, far);
      }
      default -> scattered(grid, false);
    };
  }

  /** Channels of two grids by turns. */
  static Tensor interleaved(Tensor a, Tensor b) {
    Shape shape = a.shape();
    int rows = shape.size(0);
    int columns = shape.size(1);
    int channels = shape.size(2);
    return Tensor.concatenate(
            3, a.reshape(rows, columns, channels, 1), b.reshape(rows, columns, channels, 1))
        .reshape(rows, columns, 2 * channels);
  }

  private static Tensor scattered(Tensor grid, boolean tokensToo) {
    Shape shape = grid.shape();
    Tensor even = even(even(grid, 0), 1);
    DualTree bands = DualTree.of(even);
    Shape whole = even.shape();
    Tensor low =
        bands.low().times(Tensor.weight("low", START, whole.size(0), whole.size(1), whole.size(2)));
    Complex high =
        Scope.in("high", () -> mixedChannels(new Complex(bands.real(), bands.imaginary())));
    Complex detail = tokensToo ? Scope.in("rows", () -> mixedRows(high, whole.size(1) / 2)) : high;
    return new DualTree(low, detail.real(), detail.imaginary())
        .inverse()
        .slice(0, 0, shape.size(0))
        .slice(1, 0, shape.size(1));
  }

  /** An odd last row or column twice. */
  private static Tensor even(Tensor x, int axis) {
    int size = x.shape().size(axis);
    return size % 2 == 0
        ? x
        : x.select(
            axis, IntStream.rangeClosed(0, size).map(i -> Math.min(i, size - 1)).boxed().toList());
  }

  private record Complex(Tensor real, Tensor imaginary) {

    Complex map(UnaryOperator<Tensor> change) {
      return new Complex(change.apply(real), change.apply(imaginary));
    }

    /** {@code z W + b} of each of some matrices, {@code [matrices, rows, size]}. */
    Complex linear() {
      int matrices = real.shape().size(0);
      int size = real.shape().size(2);
      Tensor weightReal = Tensor.weight("real", START, matrices, size, size);
      Tensor weightImaginary = Tensor.weight("imaginary", START, matrices, size, size);
      Tensor biasReal = Tensor.offset("bias_real", START, matrices, 1, size);
      Tensor biasImaginary = Tensor.offset("bias_imaginary", START, matrices, 1, size);
      return new Complex(
          real.matmul(weightReal).minus(imaginary.matmul(weightImaginary)).plus(biasReal),
          real.matmul(weightImaginary).plus(imaginary.matmul(weightReal)).plus(biasImaginary));
    }

    Complex perceptron() {
      Complex hidden = Scope.in("expand", this::linear).map(x -> x.apply(Function.RELU));
      return Scope.in("contract", hidden::linear);
    }
  }

  private static Complex mixedChannels(Complex z) {
    Shape shape = z.real().shape();
    int channels = shape.size(2);
    int cells = shape.size(0) * shape.size(1);
    int blocks = Tokens.largestDivisor(channels, BLOCKS);
    if (blocks != BLOCKS) {
      Scope.repaired(
          "%d channels cannot be split into %d blocks; used %d"
              .formatted(channels, BLOCKS, blocks));
    }
    return z.map(x -> x.reshape(cells, blocks, channels / blocks).permute(1, 0, 2))
        .perceptron()
        .map(x -> x.permute(1, 0, 2).reshape(shape));
  }

  /** A matrix for each row of a band, over its cells. */
  private static Complex mixedRows(Complex z, int columns) {
    Shape shape = z.real().shape();
    int rows = shape.size(0) / DualTree.BANDS;
    int channels = shape.size(2);
    return z.map(
            x ->
                x.reshape(DualTree.BANDS, rows, columns, channels)
                    .permute(1, 0, 3, 2)
                    .reshape(rows, DualTree.BANDS * channels, columns))
        .perceptron()
        .map(
            x ->
                x.reshape(rows, DualTree.BANDS, channels, columns)
                    .permute(1, 0, 3, 2)
                    .reshape(shape));
  }
}
