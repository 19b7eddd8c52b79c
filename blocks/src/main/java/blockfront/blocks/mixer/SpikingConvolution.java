package blockfront.blocks.mixer;

import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Window;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Neuron;
import blockfront.blocks.spi.Normed;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.TimeSteps;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;
import java.util.stream.Stream;

/** {@code norm(dw(fire(norm(fire(x) W1))) W2)}: Meta-SpikeFormer's convolution of spikes. */
@AutoService(TokenMixer.class)
public final class SpikingConvolution implements TokenMixer {

  public static final Knob<Integer> KERNEL =
      Knob.integer("kernel", "side of the kernel in tokens, odd", 7, 1, 31, 3, 5, 7);
  public static final Knob<Integer> EXPANSION =
      Knob.integer("expansion", "hidden channels for each channel", 2, 1, 8, 1, 2);

  static final Source META_SPIKE_FORMER =
      new Source(
          "Spike-driven Transformer V2: Meta Spiking Neural Network Architecture Inspiring the"
              + " Design of Next-generation Neuromorphic Chips",
          "Yao et al.",
          2024,
          "https://arxiv.org/abs/2404.03663");

  @Override
  public String id() {
    return "spike_sep_conv";
  }

  @Override
  public String title() {
    return "Separable convolution of spikes";
  }

  @Override
  public String summary() {
    return "Tokens fire, their channels are doubled and fire again; a depthwise convolution of "
        + "these spikes, and back. The early stages of Meta-SpikeFormer mix so.";
  }

  @Override
  public String family() {
    return "Spiking";
  }

  @Override
  public Source source() {
    return META_SPIKE_FORMER;
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.LOCAL, Traits.Causality.NEVER, Traits.Layout.GRID, "O(N)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return Stream.concat(Stream.of(TimeSteps.STEPS, KERNEL, EXPANSION), Neuron.KNOBS.stream())
        .toList();
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    requireGrid("Convolution of spikes", x);
    int size = setting.of(KERNEL);
    if (size % 2 == 0) {
      throw new IllegalArgumentException(
          "Convolution of spikes needs a kernel of odd size, got " + size);
    }
    int hidden = Math.multiplyExact(setting.of(EXPANSION), x.shape().size(-1));
    Neuron neuron = Neuron.of(setting);
    return TimeSteps.over(
        x, setting.of(TimeSteps.STEPS), train -> convolve(train, size, hidden, neuron));
  }

  private static Tensor convolve(Tensor train, int size, int hidden, Neuron neuron) {
    int channels = train.shape().size(3);
    Tensor fired = Scope.in("fire1", () -> neuron.spikes(train));
    Tensor expanded = Scope.in("expand", () -> Normed.linear(fired, hidden, false));
    Tensor again = Scope.in("fire2", () -> neuron.spikes(expanded));
    Tensor local =
        Scope.in(
            "local",
            () ->
                TimeSteps.convolve(
                    again,
                    Tensor.weight("weight", Normed.start(size * size), size, size, 1, hidden),
                    Window.same(size),
                    hidden));
    return Scope.in("contract", () -> Normed.linear(local, channels, false));
  }

  /** A grid, or one for each time step. */
  static void requireGrid(String actor, Tensor x) {
    if (!TimeSteps.isTrain(x)) {
      Tokens.grid(actor, x);
    }
  }
}
