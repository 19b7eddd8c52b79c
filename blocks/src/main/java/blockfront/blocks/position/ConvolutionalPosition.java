package blockfront.blocks.position;

import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Window;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Position;
import blockfront.blocks.spi.SequenceConvolution;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** {@code x + DW3(x)}, a depthwise convolution over three tokens each way. */
@AutoService(Position.class)
public final class ConvolutionalPosition implements Position {

  public static final Knob<Boolean> CAUSAL = Knob.CAUSAL;

  @Override
  public String id() {
    return "convolutional_position";
  }

  @Override
  public String title() {
    return "Convolutional positions";
  }

  @Override
  public String summary() {
    return "Adds a small convolution of each channel: what lies around a token, and where the image"
        + " ends, tells where it is. Any image size will do.";
  }

  @Override
  public String family() {
    return "Position";
  }

  @Override
  public Source source() {
    return new Source(
        "Conditional Positional Encodings for Vision Transformers",
        "Chu et al.",
        2021,
        "https://arxiv.org/abs/2102.10882");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.LOCAL, Traits.Causality.OPTIONAL, Traits.Layout.BOTH, "O(N)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(CAUSAL);
  }

  @Override
  public Tensor locate(Tensor x, Setting setting) {
    int channels = x.shape().size(-1);
    Tensor seen = x.shape().rank() == 3 && !setting.of(CAUSAL) ? grid(x) : sequence(x, setting);
    return x.plus(seen.plus(Tensor.offset("bias", Init.ZEROS, channels)));
  }

  private static Tensor grid(Tensor x) {
    int channels = x.shape().size(2);
    Tensor kernel = Tensor.weight("weight", Init.TRUNCATED_NORMAL_002, 3, 3, 1, channels);
    return x.convolve(kernel, Window.same(3), channels);
  }

  private static Tensor sequence(Tensor x, Setting setting) {
    Tensor tokens = Tokens.sequence(x);
    return (setting.of(CAUSAL)
            ? SequenceConvolution.causal(tokens, 3, Init.TRUNCATED_NORMAL_002)
            : SequenceConvolution.centred(tokens, 3, Init.TRUNCATED_NORMAL_002))
        .reshape(x.shape());
  }
}
