package blockfront.blocks.mixer;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Neuron;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.ArrayList;
import java.util.List;

/**
 * A Legendre memory unit: {@code u = relu(x w + b)}, {@code m_t = A m_{t-1} + B u_t} with the fixed
 * matrices of {@link LegendreDelay}, {@code relu([m, x] W + c)}, then a linear layer and a batch
 * norm. Spiking, neurons behind a batch norm fire in place of each rectifier and read the memory;
 * their time steps are the tokens.
 */
@AutoService(TokenMixer.class)
public final class LegendreMemory implements TokenMixer {

  public static final Knob<Integer> MEMORY =
      Knob.integer(
          "memory",
          "polynomials; 0 for as many as channels, of spiking layers twice as many",
          0,
          0,
          1024,
          0,
          16,
          32);
  public static final Knob<Integer> WINDOW =
      Knob.integer("window", "tokens the memory reaches back; 0 for all", 0, 0, 1 << 20, 0);
  public static final Knob<Integer> CHUNK = Chunks.CHUNK;
  public static final Knob<Boolean> SPIKING =
      Knob.flag(
          "spiking", "whether neurons fire what enters, what is kept and what is read", false);

  private static final Neuron NEURON = Neuron.of(Setting.STANDARD);

  @Override
  public String id() {
    return "lmu";
  }

  @Override
  public String title() {
    return "Legendre memory";
  }

  @Override
  public String summary() {
    return "One number of each token enters a linear memory that keeps the recent past as a sum of "
        + "Legendre polynomials. The memory is fixed; only what enters and leaves is learned.";
  }

  @Override
  public String family() {
    return "Linear attention";
  }

  @Override
  public Source source() {
    return new Source(
        "LMUFormer: Low Complexity Yet Powerful Spiking Model With Legendre Memory Units",
        "Liu et al.",
        2024,
        "https://arxiv.org/abs/2402.04882");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.ALWAYS, Traits.Layout.BOTH, "O(N)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(MEMORY, WINDOW, CHUNK, SPIKING);
  }

  @Override
  public long state(Shape tokens, Setting setting) {
    int channels = tokens.size(-1);
    long order = order(channels, setting);
    // neurons have potentials
    return setting.of(SPIKING) ? 2 * order + 1 + channels : order;
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Tensor tokens = Tokens.sequence(x);
    int count = tokens.shape().size(0);
    int channels = tokens.shape().size(1);
    int order = order(channels, setting);
    boolean spiking = setting.of(SPIKING);
    int window = setting.of(WINDOW) == 0 ? count : setting.of(WINDOW);
    Tensor input = active(spiking, "fire1", Scope.in("input", () -> tokens.linear(1)));
    Tensor kept = memory(input, LegendreDelay.of(order, window), setting.of(CHUNK));
    Tensor memory = spiking ? active(true, "fire2", kept) : kept;
    Tensor hidden =
        active(
            spiking,
            "fire3",
            Scope.in("hidden", () -> Tensor.concatenate(1, memory, tokens).linear(channels)));
    // no bias: the norm would take it away again
    Tensor out = Scope.in("out", () -> hidden.linear(channels, Init.TRUNCATED_NORMAL_002));
    return Scope.in("norm", () -> out.batchNorm(1e-5, 0.1, Init.ONES)).reshape(x.shape());
  }

  private static int order(int channels, Setting setting) {
    int wanted = setting.of(MEMORY);
    return wanted > 0 ? wanted : setting.of(SPIKING) ? 2 * channels : channels;
  }

  /** Rectified, or fired by neurons of which each token is a time step. */
  private static Tensor active(boolean spiking, String name, Tensor x) {
    return spiking
        ? Scope.in(name, () -> NEURON.spikes(x.batchNorm(1e-5, 0.1, Init.ONES)))
        : x.apply(Function.RELU);
  }

  /**
   * The memory after each token, {@code [tokens, order]}: within a chunk the response to each of
   * its inputs, one product for all; then from chunk to chunk.
   */
  static Tensor memory(Tensor input, LegendreDelay delay, int longest) {
    Chunks chunks = Chunks.of(input.shape().size(0), longest);
    int size = chunks.size();
    int order = delay.order();
    Tensor pieces =
        input.pad(0, 0, chunks.count() * size - chunks.tokens()).reshape(chunks.count(), size);
    double[][] responses = delay.responses(size);
    // what an input leaves in the memory at each later token of its chunk
    Values within =
        Values.of(
            size * size * order,
            i -> {
              int later = i / order % size - i / order / size;
              return later < 0 ? 0 : responses[later][i % order];
            });
    Tensor memory = pieces.matmul(Tensor.constant(within, size, size * order));
    if (chunks.count() > 1) {
      double[][][] powers = delay.powers(size);
      Values fading =
          Values.of(
              order * size * order, i -> powers[i / order % size][i % order][i / order / size]);
      Values whole = Values.of(order * order, i -> powers[size - 1][i % order][i / order]);
      Tensor step = Tensor.constant(whole, order, order);
      Tensor last = end(memory, 0, order);
      var carried = new ArrayList<Tensor>();
      carried.add(last);
      for (int i = 1; i < chunks.count() - 1; i++) {
        last = last.matmul(step).plus(end(memory, i, order));
        carried.add(last);
      }
      Tensor before = Tensor.concatenate(0, carried.toArray(Tensor[]::new));
      Tensor faded = before.matmul(Tensor.constant(fading, order, size * order));
      memory = memory.plus(faded.pad(0, 1, 0));
    }
    return memory.reshape(chunks.count() * size, order).slice(0, 0, chunks.tokens());
  }

  private static Tensor end(Tensor memory, int chunk, int order) {
    int columns = memory.shape().size(1);
    return memory.slice(0, chunk, chunk + 1).slice(1, columns - order, columns);
  }
}
