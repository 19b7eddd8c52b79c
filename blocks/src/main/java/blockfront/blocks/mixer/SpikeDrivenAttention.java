package blockfront.blocks.mixer;

import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Neuron;
import blockfront.blocks.spi.Normed;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.TimeSteps;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;
import java.util.stream.Stream;

/**
 * {@code norm(rep(fire(q (k' v) / 8)))} with {@code q, k, v = fire(norm(rep(fire(x))))}, rep a
 * {@link RepConvolution}: the attention of Meta-SpikeFormer, whose residuals carry potentials.
 */
@AutoService(TokenMixer.class)
public final class SpikeDrivenAttention implements TokenMixer {

  public static final Knob<Integer> HEADS = SpikingSelfAttention.HEADS;
  public static final Knob<Boolean> AS_RELEASED =
      Knob.flag(
          "as_released",
          "whether there is one time step, as its code has unless told otherwise",
          false);

  @Override
  public String id() {
    return "sdsa";
  }

  @Override
  public String title() {
    return "Spike-driven self-attention";
  }

  @Override
  public String summary() {
    return "Tokens fire first; queries, keys and values are spikes made by convolutions that fold "
        + "into one of three by three. What it adds to a residual is a potential, not a spike.";
  }

  @Override
  public String family() {
    return "Spiking";
  }

  @Override
  public Source source() {
    return SpikingConvolution.META_SPIKE_FORMER;
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.NEVER, Traits.Layout.GRID, "O(N)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return Stream.concat(Stream.of(TimeSteps.STEPS, HEADS, AS_RELEASED), Neuron.KNOBS.stream())
        .toList();
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    SpikingConvolution.requireGrid("Spike-driven attention", x);
    Neuron neuron = Neuron.of(setting);
    int heads = SpikingHeads.count(x.shape().size(-1), setting.of(HEADS));
    int steps = setting.of(AS_RELEASED) ? 1 : setting.of(TimeSteps.STEPS);
    return TimeSteps.over(x, steps, train -> attend(train, heads, neuron));
  }

  private static Tensor attend(Tensor train, int heads, Neuron neuron) {
    Shape shape = train.shape();
    Tensor fired = Scope.in("fire", () -> neuron.spikes(train));
    Tensor query = Scope.in("query", () -> tokens(neuron.spikes(normed(fired))));
    Tensor key = Scope.in("key", () -> tokens(neuron.spikes(normed(fired))));
    Tensor value = Scope.in("value", () -> tokens(neuron.spikes(normed(fired))));
    Tensor attended =
        Scope.in("attention", () -> SpikingHeads.attend(query, key, value, heads, neuron));
    return Scope.in("out", () -> normed(attended.reshape(shape)));
  }

  private static Tensor normed(Tensor train) {
    Tensor convolved = Scope.in("rep", () -> RepConvolution.of(train));
    return Normed.norm(convolved);
  }

  private static Tensor tokens(Tensor train) {
    Shape shape = train.shape();
    return train.reshape(shape.size(0), shape.size(1) * shape.size(2), shape.size(3));
  }
}
