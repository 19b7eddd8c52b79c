package blockfront.blocks.stem;

import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Window;
import blockfront.blocks.spi.Downsampling;
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

/** {@code norm(conv(fire(x)))} with a convolution of 3x3. */
@AutoService(Downsampling.class)
public final class PotentialDown implements Downsampling {

  private static final int SIZE = 3;

  public static final Knob<Integer> STRIDE =
      new Knob<>(
          "stride",
          "rows and columns from one token to the next; 1 changes only the channels",
          Integer.class,
          2,
          List.of(2, 1),
          List.of());

  static final Source META_SPIKE_FORMER =
      new Source(
          "Spike-driven Transformer V2: Meta Spiking Neural Network Architecture Inspiring the"
              + " Design of Next-generation Neuromorphic Chips",
          "Yao et al.",
          2024,
          "https://arxiv.org/abs/2404.03663");

  @Override
  public String id() {
    return "spike_down";
  }

  @Override
  public String title() {
    return "3x3 convolution of spikes";
  }

  @Override
  public String summary() {
    return "Tokens fire; an overlapping convolution of their spikes at every second row and column,"
        + " with a batch norm.";
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
    return Image.TRAITS;
  }

  @Override
  public List<Knob<?>> knobs() {
    return Stream.concat(Stream.of(TimeSteps.STEPS, STRIDE, Normed.BIAS), Neuron.KNOBS.stream())
        .toList();
  }

  @Override
  public Tensor reduce(Tensor x, int width, Setting setting) {
    Neuron neuron = Neuron.of(setting);
    int stride = setting.of(STRIDE);
    boolean bias = setting.of(Normed.BIAS);
    if (TimeSteps.isTrain(x)) {
      return convolved(neuron, x, width, stride, bias);
    }
    Tensor grid = Tokens.grid("Convolution of spikes", x);
    return TimeSteps.mean(
        convolved(
            neuron, TimeSteps.repeated(grid, setting.of(TimeSteps.STEPS)), width, stride, bias));
  }

  private static Tensor convolved(
      Neuron neuron, Tensor train, int width, int stride, boolean bias) {
    Tensor fired = Scope.in("fire", () -> neuron.spikes(train));
    int rows = train.shape().size(1);
    int columns = train.shape().size(2);
    Window window =
        new Window(SIZE, SIZE, stride, 1, 1, after(rows, stride), 1, after(columns, stride));
    int channels = train.shape().size(3);
    Tensor kernel =
        Tensor.weight("weight", Normed.start(SIZE * SIZE * channels), SIZE, SIZE, channels, width);
    Tensor sums = TimeSteps.convolve(fired, kernel, window, 1);
    return Scope.in("norm", () -> Normed.norm(sums, bias));
  }

  /** Zeros behind the last row, so that none is left out. */
  private static int after(int size, int stride) {
    return (Math.ceilDiv(size, stride) - 1) * stride + 2 - size;
  }
}
