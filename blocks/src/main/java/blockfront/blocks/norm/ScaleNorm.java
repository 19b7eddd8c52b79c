package blockfront.blocks.norm;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Norm;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** {@code g x / max(|x| / sqrt(channels), 1e-5)}, one learnt number g for all channels. */
@AutoService(Norm.class)
public final class ScaleNorm implements Norm {

  private static final double LEAST = 1e-5;

  @Override
  public String id() {
    return "scale_norm";
  }

  @Override
  public String title() {
    return "Scale norm";
  }

  @Override
  public String summary() {
    return "Brings each token to one learned length. A single number to learn: the cheapest norm.";
  }

  @Override
  public String family() {
    return "Normalisation";
  }

  @Override
  public Source source() {
    return new Source(
        "Transformers without Tears: Improving the Normalization of Self-Attention",
        "Nguyen and Salazar",
        2019,
        "https://arxiv.org/abs/1910.05895");
  }

  @Override
  public Traits traits() {
    return Traits.PER_TOKEN;
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of();
  }

  @Override
  public Tensor normalise(Tensor x, Setting setting) {
    // max(s, e) of the squares first: the root of 0 has no slope
    Tensor square = x.apply(Function.SQUARE).mean(-1).plus(-LEAST * LEAST);
    Tensor length = square.apply(Function.RELU).plus(LEAST * LEAST).apply(Function.SQRT);
    return x.times(Tensor.offset("scale", Init.ONES, 1)).dividedBy(length);
  }
}
