package blockfront.blocks.channel;

import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Window;
import blockfront.blocks.spi.ChannelMixer;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Neuron;
import blockfront.blocks.spi.Normed;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.TimeSteps;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;
import java.util.stream.Stream;

/**
 * Two linear layers (or convolutions), each with a batch norm, that fire: after them, {@code
 * fire(norm(fire(norm(x W1)) W2))}, or before, so that residuals carry potentials.
 */
@AutoService(ChannelMixer.class)
public final class SpikingMlp implements ChannelMixer {

  public static final Knob<Integer> EXPANSION =
      Knob.integer("expansion", "hidden channels for each channel", 4, 1, 16, 1, 2, 3, 4);
  public static final Knob<String> SHORTCUT =
      Knob.option(
          "shortcut",
          "whether the residual carries spikes (neurons after the weights) or potentials (before)",
          "spikes",
          "potentials");
  public static final Knob<Integer> KERNEL =
      new Knob<>(
          "kernel",
          "side of the kernels: 1 for linear layers, 3 for convolutions without bias",
          Integer.class,
          1,
          List.of(1, 3),
          List.of());

  @Override
  public String id() {
    return "spiking_mlp";
  }

  @Override
  public String title() {
    return "Spiking MLP";
  }

  @Override
  public String summary() {
    return "An MLP of spiking neurons, each layer with a batch norm. With kernels of three by "
        + "three it is the convolution block of Meta-SpikeFormer.";
  }

  @Override
  public String family() {
    return "Spiking";
  }

  @Override
  public Source source() {
    return new Source(
        "Spikformer: When Spiking Neural Network Meets Transformer",
        "Zhou et al.",
        2022,
        "https://arxiv.org/abs/2209.15425");
  }

  @Override
  public Traits traits() {
    // with kernels of 3 it mixes neighbours; as set at first it does not, nor can a norm over the
    // batch be causal
    return new Traits(
        Traits.Mixing.NONE, Traits.Causality.NEVER, Traits.Layout.BOTH, "O(N)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return Stream.concat(
            Stream.of(TimeSteps.STEPS, EXPANSION, SHORTCUT, KERNEL, Normed.BIAS),
            Neuron.KNOBS.stream())
        .toList();
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    int kernel = setting.of(KERNEL);
    if (kernel > 1 && !TimeSteps.isTrain(x)) {
      Tokens.grid("Spiking MLP with kernels of %d".formatted(kernel), x);
    }
    int channels = x.shape().size(-1);
    int hidden = Math.multiplyExact(setting.of(EXPANSION), channels);
    var form =
        new Form(
            kernel,
            setting.of(Normed.BIAS),
            setting.of(SHORTCUT).equals("potentials"),
            Neuron.of(setting));
    return TimeSteps.over(
        x,
        setting.of(TimeSteps.STEPS),
        train -> {
          Tensor expanded = Scope.in("expand", () -> layer(train, hidden, form));
          return Scope.in("contract", () -> layer(expanded, channels, form));
        });
  }

  private static Tensor layer(Tensor x, int out, Form form) {
    Tensor in = form.before() ? form.neuron().spikes(x) : x;
    Tensor normed =
        form.kernel() == 1
            ? Normed.linear(in, out, form.bias())
            : convolved(in, out, form.kernel());
    return form.before() ? normed : form.neuron().spikes(normed);
  }

  private static Tensor convolved(Tensor x, int out, int size) {
    int channels = x.shape().size(3);
    Tensor weight =
        Tensor.weight("weight", Normed.start(size * size * channels), size, size, channels, out);
    Tensor sums = TimeSteps.convolve(x, weight, Window.same(size), 1);
    return Scope.in("norm", () -> Normed.norm(sums));
  }

  /** What both layers have in common. */
  private record Form(int kernel, boolean bias, boolean before, Neuron neuron) {}
}
