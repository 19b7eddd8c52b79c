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
 * {@code fire(norm(fire(q (k' v) / 8) W))} with queries, keys and values that are spikes, {@code
 * fire(norm(x W))}: attention without a softmax.
 */
@AutoService(TokenMixer.class)
public final class SpikingSelfAttention implements TokenMixer {

  public static final Knob<Integer> HEADS =
      Knob.integer("heads", "how many heads", 1, 1, 256, 1, 2, 4, 8);

  @Override
  public String id() {
    return "spikformer_ssa";
  }

  @Override
  public String title() {
    return "Spiking self-attention";
  }

  @Override
  public String summary() {
    return "Queries, keys and values are spikes, so that products are sums of spikes and no "
        + "softmax is needed; cost grows with the tokens, not their square.";
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
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.NEVER, Traits.Layout.BOTH, "O(N)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return Stream.concat(Stream.of(TimeSteps.STEPS, HEADS, Normed.BIAS), Neuron.KNOBS.stream())
        .toList();
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Neuron neuron = Neuron.of(setting);
    int heads = SpikingHeads.count(x.shape().size(-1), setting.of(HEADS));
    return TimeSteps.over(
        x,
        setting.of(TimeSteps.STEPS),
        train -> attend(train, heads, setting.of(Normed.BIAS), neuron));
  }

  private static Tensor attend(Tensor train, int heads, boolean bias, Neuron neuron) {
    Shape shape = train.shape();
    int channels = shape.size(3);
    Tensor tokens = train.reshape(shape.size(0), shape.size(1) * shape.size(2), channels);
    Tensor query = Scope.in("query", () -> neuron.spikes(Normed.linear(tokens, channels, false)));
    Tensor key = Scope.in("key", () -> neuron.spikes(Normed.linear(tokens, channels, false)));
    Tensor value = Scope.in("value", () -> neuron.spikes(Normed.linear(tokens, channels, false)));
    Tensor attended =
        Scope.in("attention", () -> SpikingHeads.attend(query, key, value, heads, neuron));
    return Scope.in("out", () -> neuron.spikes(Normed.linear(attended, channels, bias)))
        .reshape(shape);
  }
}
