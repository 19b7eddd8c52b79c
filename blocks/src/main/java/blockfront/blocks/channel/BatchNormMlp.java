package blockfront.blocks.channel;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.ChannelMixer;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** {@code bn(relu(bn(x W1)) W2)}; the last gain starts at 0, so it adds nothing at first. */
@AutoService(ChannelMixer.class)
public final class BatchNormMlp implements ChannelMixer {

  public static final Knob<Integer> EXPANSION =
      Knob.integer("expansion", "hidden channels for each channel", 2, 1, 16, 1, 2, 4);

  @Override
  public String id() {
    return "bn_mlp";
  }

  @Override
  public String title() {
    return "MLP with batch norms";
  }

  @Override
  public String summary() {
    return "Two linear layers with batch norms, which fold into them for answering, and a ReLU "
        + "between. Needs no norm before it.";
  }

  @Override
  public String family() {
    return "MLP";
  }

  @Override
  public Source source() {
    return new Source(
        "SHViT: Single-Head Vision Transformer with Memory Efficient Macro Design",
        "Yun and Ro",
        2024,
        "https://arxiv.org/abs/2401.16456");
  }

  @Override
  public Traits traits() {
    return Traits.PER_TOKEN;
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(EXPANSION);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    int channels = x.shape().size(-1);
    int hidden = Math.multiplyExact(setting.of(EXPANSION), channels);
    Tensor expanded = Scope.in("expand", () -> normed(x, hidden, Init.ONES)).apply(Function.RELU);
    return Scope.in("contract", () -> normed(expanded, channels, Init.ZEROS));
  }

  private static Tensor normed(Tensor x, int out, Init gain) {
    // variance 2 / fan-out
    return x.linear(out, new Init.Normal(Math.sqrt(2.0 / out))).batchNorm(1e-5, 0.1, gain);
  }
}
