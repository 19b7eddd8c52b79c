package blockfront.blocks.mixer;

import blockfront.blocks.graph.Init;
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

/**
 * {@code irfft2(K * rfft2(x))} for each channel, K learnt and complex.
 *
 * <p>The transforms are products with constant real matrices: rows first, of which only the half
 * that a real image needs is computed, then columns. Real and imaginary part travel stacked, which
 * makes each step one product.
 */
@AutoService(TokenMixer.class)
public final class GlobalFilter implements TokenMixer {

  @Override
  public String id() {
    return "gfnet_filter";
  }

  @Override
  public String title() {
    return "Global filter";
  }

  @Override
  public String summary() {
    return "Multiplies the Fourier transform of the image by a learned filter: a circular "
        + "convolution as large as the image. Fits one grid size.";
  }

  @Override
  public String family() {
    return "Spectral";
  }

  @Override
  public Source source() {
    return new Source(
        "Global Filter Networks for Image Classification",
        "Rao et al.",
        2021,
        "https://arxiv.org/abs/2107.00645");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.NEVER, Traits.Layout.GRID, "O(N log N)", true, true);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of();
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    return filter(Tokens.grid("Global filter", x));
  }

  /** Of any grid {@code [height, width, channels]}. */
  static Tensor filter(Tensor x) {
    Shape shape = x.shape();
    var transform = new Rfft2(shape.size(0), shape.size(1));
    int rows = shape.size(0);
    int half = transform.columns();
    int channels = shape.size(2);

    Tensor alongRows = transform.rows().matmul(x); // [rows, 2 half, channels]
    Tensor spectrum =
        transform.columnsForward().matmul(alongRows.reshape(2 * rows, half * channels));
    Tensor real = spectrum.slice(0, 0, rows).reshape(rows, half, channels);
    Tensor imaginary = spectrum.slice(0, rows, 2 * rows).reshape(rows, half, channels);

    Tensor filterReal = Tensor.weight("real", new Init.Normal(0.02), rows, half, channels);
    Tensor filterImaginary =
        Tensor.weight("imaginary", new Init.Normal(0.02), rows, half, channels);
    Tensor filteredReal = real.times(filterReal).minus(imaginary.times(filterImaginary));
    Tensor filteredImaginary = real.times(filterImaginary).plus(imaginary.times(filterReal));

    Tensor filtered =
        Tensor.concatenate(0, filteredReal, filteredImaginary).reshape(2 * rows, half * channels);
    Tensor backDown =
        transform.columnsBackward().matmul(filtered).reshape(rows, 2 * half, channels);
    return transform.rowsBackward().matmul(backDown);
  }
}
