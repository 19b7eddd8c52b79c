package blockfront.blocks.mixer;

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

/**
 * The real part of a discrete Fourier transform over tokens and channels.
 *
 * <p>By real matrices, {@code cos x cos - sin x sin}: no fast transform is needed at these sizes,
 * and any size will do.
 */
@AutoService(TokenMixer.class)
public final class FourierMixing implements TokenMixer {

  public static final Knob<String> NORM =
      Knob.option("norm", "whether the transform keeps lengths", "ortho", "unnormalised");
  public static final Knob<String> AXES =
      Knob.option(
          "axes", "transform over tokens in a row, or over rows and columns", "tokens", "grid");

  @Override
  public String id() {
    return "fnet";
  }

  @Override
  public String title() {
    return "Fourier transform";
  }

  @Override
  public String summary() {
    return "Mixes all tokens and channels by a Fourier transform. Nothing to learn, and every "
        + "token sees every other.";
  }

  @Override
  public String family() {
    return "Spectral";
  }

  @Override
  public Source source() {
    return new Source(
        "FNet: Mixing Tokens with Fourier Transforms",
        "Lee-Thorp et al.",
        2021,
        "https://arxiv.org/abs/2105.03824");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.NEVER, Traits.Layout.BOTH, "O(N²)", false, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(NORM, AXES);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Shape shape = x.shape();
    boolean grid = setting.of(AXES).equals("grid");
    if (grid && shape.rank() != 3) {
      Scope.repaired("A sequence has no rows and columns; transformed over its tokens");
    }
    boolean orthonormal = setting.of(NORM).equals("ortho");
    return (grid && shape.rank() == 3 ? overGrid(x, orthonormal) : overTokens(x, orthonormal))
        .reshape(shape);
  }

  private static Tensor overTokens(Tensor x, boolean orthonormal) {
    Tensor tokens = Tokens.sequence(x);
    var along = new Dft(tokens.shape().size(0), orthonormal);
    var across = new Dft(tokens.shape().size(1), orthonormal);
    Tensor real = along.cosine().matmul(tokens).matmul(across.cosine());
    return real.minus(along.sine().matmul(tokens).matmul(across.sine()));
  }

  private static Tensor overGrid(Tensor x, boolean orthonormal) {
    int height = x.shape().size(0);
    int width = x.shape().size(1);
    int channels = x.shape().size(2);
    var down = new Dft(height, orthonormal);
    var along = new Dft(width, orthonormal);
    var across = new Dft(channels, orthonormal);
    Tensor cosine = along.cosine().matmul(x).reshape(height, width * channels);
    Tensor sine = along.sine().matmul(x).reshape(height, width * channels);
    // of the transform over rows and columns: its real part, and its imaginary part negated
    Tensor real = down.cosine().matmul(cosine).minus(down.sine().matmul(sine));
    Tensor imaginary = down.sine().matmul(cosine).plus(down.cosine().matmul(sine));
    return real.reshape(x.shape())
        .matmul(across.cosine())
        .minus(imaginary.reshape(x.shape()).matmul(across.sine()));
  }
}
