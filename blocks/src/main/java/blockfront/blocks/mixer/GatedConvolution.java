package blockfront.blocks.mixer;

import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.SequenceConvolution;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** {@code conv(x) (x W + b) + x}, each channel with a kernel of its own over the tokens before. */
@AutoService(TokenMixer.class)
public final class GatedConvolution implements TokenMixer {

  public static final Knob<Integer> KERNEL =
      Knob.integer(
          "kernel",
          "tokens that one sees, itself included; 0 for all before it",
          3,
          0,
          1024,
          3,
          5,
          7);

  @Override
  public String id() {
    return "zoology_baseconv";
  }

  @Override
  public String title() {
    return "Gated convolution";
  }

  @Override
  public String summary() {
    return "A convolution along the sequence, gated by the token itself. What is left of a long "
        + "convolution model when all but its heart is taken away.";
  }

  @Override
  public String family() {
    return "Convolution";
  }

  @Override
  public Source source() {
    return new Source(
        "Zoology: Measuring and Improving Recall in Efficient Language Models",
        "Arora et al.",
        2023,
        "https://arxiv.org/abs/2312.04927");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.LOCAL, Traits.Causality.ALWAYS, Traits.Layout.BOTH, "O(N)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(KERNEL);
  }

  @Override
  public long state(Shape tokens, Setting setting) {
    int kernel = setting.of(KERNEL) == 0 ? Tokens.count(tokens) : setting.of(KERNEL);
    return (kernel - 1L) * tokens.size(-1);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Tensor tokens = Tokens.sequence(x);
    int count = tokens.shape().size(0);
    int channels = tokens.shape().size(1);
    int kernel = setting.of(KERNEL) == 0 ? count : setting.of(KERNEL);
    Tensor seen =
        Scope.in(
            "conv",
            () ->
                SequenceConvolution.causal(tokens, kernel, Init.TRUNCATED_NORMAL_002)
                    .plus(Tensor.offset("bias", Init.ZEROS, channels)));
    Tensor gate = Scope.in("gate", () -> tokens.linear(channels));
    return seen.times(gate).plus(tokens).reshape(x.shape());
  }
}
