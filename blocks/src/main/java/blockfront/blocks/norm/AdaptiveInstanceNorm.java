package blockfront.blocks.norm;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Norm;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/**
 * Each channel brought to mean 0 and variance 1 over the tokens of an example, then {@code gain(s)
 * x + bias(s)}, both linear in a style s.
 *
 * <p>A generator is given its style; a classifier has none, so here it is the mean token.
 */
@AutoService(Norm.class)
public final class AdaptiveInstanceNorm implements Norm {

  public static final Knob<Double> EPSILON = Epsilon.of(1e-5);

  @Override
  public String id() {
    return "adaptive_instance_norm";
  }

  @Override
  public String title() {
    return "Adaptive instance norm";
  }

  @Override
  public String summary() {
    return "Gives each channel mean 0 and variance 1 over the tokens of an example, then a gain "
        + "and a bias that depend on the example's mean token. From style transfer.";
  }

  @Override
  public String family() {
    return "Normalisation";
  }

  @Override
  public Source source() {
    return new Source(
        "StyleSwin: Transformer-based GAN for High-resolution Image Generation",
        "Zhang et al.",
        2021,
        "https://arxiv.org/abs/2112.10762");
  }

  @Override
  public Traits traits() {
    // the shared statistics let a little of each token leak to all; no mixing to speak of
    return new Traits(
        Traits.Mixing.NONE, Traits.Causality.NEVER, Traits.Layout.BOTH, "O(N)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(EPSILON);
  }

  @Override
  public Tensor normalise(Tensor x, Setting setting) {
    Tensor tokens = Tokens.sequence(x);
    int channels = tokens.shape().size(1);
    Tensor mean = tokens.mean(0); // [1, channels]
    Tensor centred = tokens.minus(mean);
    Tensor variance = centred.apply(Function.SQUARE).mean(0);
    Tensor normed = centred.dividedBy(variance.plus(setting.of(EPSILON)).apply(Function.SQRT));
    // starts as a gain of 1 and no bias for every style
    Tensor gain =
        Scope.in("gain", () -> mean.linear(channels, Init.TRUNCATED_NORMAL_002))
            .plus(Tensor.offset("gain", Init.ONES, channels));
    Tensor bias = Scope.in("bias", () -> mean.linear(channels));
    return normed.times(gain).plus(bias).reshape(x.shape());
  }
}
