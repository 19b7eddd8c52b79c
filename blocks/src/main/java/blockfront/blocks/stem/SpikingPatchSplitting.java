package blockfront.blocks.stem;

import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Window;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Neuron;
import blockfront.blocks.spi.Normed;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Stem;
import blockfront.blocks.spi.TimeSteps;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;
import java.util.stream.Stream;

/**
 * Four convolutions of 3x3, each with batch norm, neurons and a maximum over 3x3 at every second
 * row and column; then one more that tells where tokens are, added to what it sees.
 *
 * <p>The image is the current of every time step; so the first convolution is made once.
 */
@AutoService(Stem.class)
public final class SpikingPatchSplitting implements Stem {

  private static final int SIZE = 3;

  @Override
  public String id() {
    return "sps_stem";
  }

  @Override
  public String title() {
    return "Spiking patch splitting";
  }

  @Override
  public String summary() {
    return "Convolutions that fire, four times halved, and one more that tells tokens where they "
        + "are: sixteen by sixteen pixels become the spikes of one token.";
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
    return Image.TRAITS;
  }

  @Override
  public List<Knob<?>> knobs() {
    return Stream.concat(Stream.of(TimeSteps.STEPS, TimeSteps.KEEP_TIME), Neuron.KNOBS.stream())
        .toList();
  }

  @Override
  public Tensor embed(Tensor input, int width, Setting setting) {
    Tensor image = Tokens.grid("Spiking patch splitting", input);
    Neuron neuron = Neuron.of(setting);
    Tensor current =
        Scope.in("conv1", () -> Strided.normed(image, Math.ceilDiv(width, 8), SIZE, 1, 1));
    Tensor train = TimeSteps.repeated(current, setting.of(TimeSteps.STEPS));
    Tensor x = Scope.in("fire1", () -> TimeSteps.maxPool(neuron.spikes(train)));
    for (int i = 2; i <= 4; i++) {
      Tensor in = x;
      int out = Math.ceilDiv(width, 16 >> i);
      Tensor convolved = Scope.in("conv" + i, () -> normed(in, out));
      x = Scope.in("fire" + i, () -> TimeSteps.maxPool(neuron.spikes(convolved)));
    }
    Tensor tokens = x;
    Tensor place = Scope.in("position", () -> neuron.spikes(normed(tokens, width)));
    Tensor result = tokens.plus(place);
    return setting.of(TimeSteps.KEEP_TIME) ? result : TimeSteps.mean(result);
  }

  private static Tensor normed(Tensor train, int out) {
    int channels = train.shape().size(3);
    Tensor kernel =
        Tensor.weight("weight", Normed.start(SIZE * SIZE * channels), SIZE, SIZE, channels, out);
    Tensor sums = TimeSteps.convolve(train, kernel, Window.same(SIZE), 1);
    return Scope.in("norm", () -> Normed.norm(sums));
  }
}
