package blockfront.blocks.channel;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.ChannelMixer;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.SequenceConvolution;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/**
 * {@code sigmoid(g) conv(x) + sigmoid(h) softmax(x M') M} with {@code [g, h] = x W + b} and a
 * learned memory M. The memory is looked up by each token alone: nothing flows between tokens but
 * through the convolution.
 */
@AutoService(ChannelMixer.class)
public final class GatedAssociativeMemory implements ChannelMixer {

  public static final Knob<Integer> SLOTS =
      Knob.integer("slots", "rows of the memory", 512, 1, 65_536, 64, 256, 512);
  public static final Knob<Integer> KERNEL =
      Knob.integer("kernel", "tokens that the convolution sees, itself included", 3, 1, 1024, 3);

  @Override
  public String id() {
    return "gam_mixer";
  }

  @Override
  public String title() {
    return "Gated associative memory";
  }

  @Override
  public String summary() {
    return "Each token looks up a learned memory, beside a convolution over the last three tokens; "
        + "two gates mix them. Only the convolution lets tokens meet.";
  }

  @Override
  public String family() {
    return "Memory";
  }

  @Override
  public Source source() {
    return new Source(
        "Gated Associative Memory: A Parallel O(N) Architecture for Efficient Sequence Modeling",
        "Acharya",
        2025,
        "https://arxiv.org/abs/2509.00605");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.LOCAL, Traits.Causality.ALWAYS, Traits.Layout.BOTH, "O(N)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(SLOTS, KERNEL);
  }

  @Override
  public long state(Shape tokens, Setting setting) {
    return (setting.of(KERNEL) - 1L) * tokens.size(-1);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Tensor tokens = Tokens.sequence(x);
    int channels = tokens.shape().size(1);
    int slots = setting.of(SLOTS);
    Tensor local =
        Scope.in(
            "local",
            () ->
                SequenceConvolution.causal(tokens, setting.of(KERNEL), Init.TRUNCATED_NORMAL_002)
                    .plus(Tensor.offset("bias", Init.ZEROS, channels)));
    Tensor memory = Tensor.weight("memory", Init.xavier(channels, slots, 1), slots, channels);
    Tensor global = tokens.matmulTransposed(memory).softmax().matmul(memory);
    Tensor gates = Scope.in("gates", () -> tokens.linear(2 * channels)).apply(Function.SIGMOID);
    return local
        .times(gates.slice(1, 0, channels))
        .plus(global.times(gates.slice(1, channels, 2 * channels)))
        .reshape(x.shape());
  }
}
