package blockfront.blocks.channel;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.ChannelMixer;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.StarRelu;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** {@code GELU(x W1 + b1) W2 + b2}. */
@AutoService(ChannelMixer.class)
public final class Mlp implements ChannelMixer {

  public static final Knob<Integer> EXPANSION =
      Knob.integer("expansion", "hidden channels for each channel", 4, 1, 16, 1, 2, 3, 4);
  public static final Knob<String> ACTIVATION =
      Knob.option(
          "activation",
          "exact GELU or its tanh approximation; SiLU; s relu(x)² + b with learned s and b",
          "gelu",
          "gelu_tanh",
          "silu",
          "star_relu");
  public static final Knob<Integer> HIDDEN =
      Knob.integer(
          "hidden", "hidden channels; 0 for as many as the expansion says", 0, 0, 65_536, 0);
  public static final Knob<Boolean> BIAS =
      Knob.flag("bias", "whether both layers have a bias", true);
  public static final Knob<Boolean> GATED =
      Knob.flag("gated", "whether one half of the hidden channels gates the other", false);

  @Override
  public String id() {
    return "mlp";
  }

  @Override
  public String title() {
    return "MLP";
  }

  @Override
  public String summary() {
    return "Two linear layers with a GELU between, for each token alone. The plain choice.";
  }

  @Override
  public String family() {
    return "MLP";
  }

  @Override
  public Source source() {
    return new Source(
        "Attention Is All You Need", "Vaswani et al.", 2017, "https://arxiv.org/abs/1706.03762");
  }

  @Override
  public Traits traits() {
    return Traits.PER_TOKEN;
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(EXPANSION, ACTIVATION, HIDDEN, BIAS, GATED);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    int channels = x.shape().size(-1);
    int hidden =
        setting.of(HIDDEN) > 0
            ? setting.of(HIDDEN)
            : Math.multiplyExact(setting.of(EXPANSION), channels);
    boolean bias = setting.of(BIAS);
    Tensor expanded = Scope.in("expand", () -> linear(x, hidden, bias));
    Tensor active = setting.of(GATED) ? gated(expanded, setting) : activated(expanded, setting);
    return Scope.in("contract", () -> linear(active, channels, bias));
  }

  private static Tensor linear(Tensor x, int out, boolean bias) {
    return bias ? x.linear(out) : x.linear(out, Init.TRUNCATED_NORMAL_002);
  }

  private static Tensor gated(Tensor x, Setting setting) {
    int hidden = x.shape().size(-1);
    if (hidden % 2 != 0) {
      throw new IllegalArgumentException("MLP cannot halve %d hidden channels".formatted(hidden));
    }
    Tensor gate = activated(x.slice(-1, hidden / 2, hidden), setting);
    return x.slice(-1, 0, hidden / 2).times(gate);
  }

  private static Tensor activated(Tensor x, Setting setting) {
    return switch (setting.of(ACTIVATION)) {
      case "gelu_tanh" -> x.apply(Function.GELU_TANH);
      case "silu" -> x.apply(Function.SILU);
      case "star_relu" -> Scope.in("activation", () -> StarRelu.of(x));
      default -> x.apply(Function.GELU);
    };
  }
}
