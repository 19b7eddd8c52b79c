package blockfront.blocks.mixer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.channel.GatedAssociativeMemory;
import blockfront.blocks.channel.Mlp;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.testing.Described;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SequenceMixersTest {

  private static final int N = 23;
  private static final int C = 8;

  // ---- cosine attention

  @ParameterizedTest
  @CsvSource({"false, 16", "true, 1", "true, 5", "true, 16", "true, 23"})
  void cosineAttentionIsItsKernel(boolean causal, int chunk) {
    Described block =
        of(
                new CosineAttention(),
                Setting.STANDARD
                    .with(CosineAttention.HEAD_DIM, 4)
                    .with(CosineAttention.CAUSAL, causal)
                    .with(CosineAttention.CHUNK, chunk))
            .random(1);
    double[][] x = input(block);
    double[][] qkv =
        Sequential.plus(Sequential.linear(x, block, "qkv.weight"), block.values("qkv.bias"));
    var joined = new double[N][C];
    for (int i = 0; i < N; i++) {
      for (int h = 0; h < 2; h++) {
        double all = 0;
        for (int j = 0; j < (causal ? i + 1 : N); j++) {
          double weight = 0;
          for (int c = 4 * h; c < 4 * h + 4; c++) {
            weight += Math.max(qkv[i][c], 0) * Math.max(qkv[j][C + c], 0);
          }
          weight *= Math.cos(Math.PI * (i - j) / (2.0 * N));
          all += weight;
          for (int c = 4 * h; c < 4 * h + 4; c++) {
            joined[i][c] += weight * qkv[j][2 * C + c];
          }
        }
        for (int c = 4 * h; c < 4 * h + 4; c++) {
          joined[i][c] /= Math.max(all, 1e-6);
        }
      }
    }

    assertThat(block.at(Sequential.flat(x)))
        .containsExactly(
            Sequential.flat(
                Sequential.plus(
                    Sequential.linear(joined, block, "out.weight"), block.values("out.bias"))),
            within(1e-10));
  }

  @Test
  void whereNoProductIsPositiveCosineAttentionGivesZeros() {
    Described block = of(new CosineAttention(), Setting.STANDARD).random(1);
    block.set("qkv.weight", 0).set("qkv.bias", -1).set("out.bias", 0);

    assertThat(block.atRandom(2)).containsOnly(0);
  }

  @Test
  void cosineAttentionCostsWhatItsFormulaSays() {
    Described block =
        Described.of(Shape.of(50, 64), x -> new CosineAttention().mix(x, Setting.STANDARD));

    assertThat(block.cost().multiplyAdds()).isEqualTo(4L * 50 * 64 * 64 + 4L * 50 * 64 * 32);
  }

  // ---- gated convolution

  @ParameterizedTest
  @ValueSource(ints = {3, 0})
  void aKernelThatSeesTheTokenAloneLeavesTheGate(int kernel) {
    Setting setting = Setting.STANDARD.with(GatedConvolution.KERNEL, kernel);
    Described block = of(new GatedConvolution(), setting).random(1);
    int taps = kernel == 0 ? N : kernel;
    block.set("conv.weight", i -> i / C == taps - 1 ? 1 : 0).set("conv.bias", 0);
    double[][] x = input(block);
    double[][] gate =
        Sequential.plus(Sequential.linear(x, block, "gate.weight"), block.values("gate.bias"));
    double[] expected =
        IntStream.range(0, N * C)
            .mapToDouble(i -> x[i / C][i % C] * (gate[i / C][i % C] + 1))
            .toArray();

    assertThat(block.at(Sequential.flat(x))).containsExactly(expected, within(1e-12));
  }

  @Test
  void aGatedConvolutionCostsWhatItsFormulaSays() {
    Described block = of(new GatedConvolution(), Setting.STANDARD);

    assertThat(block.cost().parameters()).isEqualTo(C * C + C + 4 * C);
    assertThat(block.cost().multiplyAdds()).isEqualTo(N * (C * C + 3 * C));
  }

  // ---- gated associative memory

  @Test
  void aSharpQueryRetrievesItsRow() {
    Described block = memory().random(1);
    block.set("gates.weight", 0).set("gates.bias", i -> i < C ? -1e3 : 1e3); // the memory alone
    double[] memory = block.values("memory");
    var x = new double[N * C];
    for (int t = 0; t < N; t++) {
      double length = 0;
      for (int c = 0; c < C; c++) {
        length += memory[t % 4 * C + c] * memory[t % 4 * C + c];
      }
      for (int c = 0; c < C; c++) {
        x[t * C + c] = 1e4 * memory[t % 4 * C + c] / length;
      }
    }
    // rows of one length: the one most like the query is the query's own
    for (int row = 0; row < 4; row++) {
      double length = 0;
      for (int c = 0; c < C; c++) {
        length += memory[row * C + c] * memory[row * C + c];
      }
      for (int c = 0; c < C; c++) {
        memory[row * C + c] /= Math.sqrt(length);
      }
    }
    block.set("memory", i -> memory[i]);
    double[] expected =
        IntStream.range(0, N * C).mapToDouble(i -> memory[i / C % 4 * C + i % C]).toArray();

    assertThat(block.at(x)).containsExactly(expected, within(1e-9));
  }

  @Test
  void theMemoryLetsNothingFlowBetweenTokens() {
    Described block = memory().random(1);
    double[] x = block.input(2);
    double[] before = block.at(x);
    x[7 * C] += 1;
    double[] after = block.at(x);

    for (int t = 0; t < N; t++) {
      boolean seen = t >= 7 && t < 10;
      double[] row = Arrays.copyOfRange(after, t * C, (t + 1) * C);
      if (seen) {
        assertThat(row).isNotEqualTo(Arrays.copyOfRange(before, t * C, (t + 1) * C));
      } else {
        assertThat(row).containsExactly(Arrays.copyOfRange(before, t * C, (t + 1) * C));
      }
    }
  }

  @Test
  void aGatedMemoryCostsWhatItsFormulaSays() {
    Described block =
        Described.of(Shape.of(10, 64), x -> new GatedAssociativeMemory().mix(x, Setting.STANDARD));

    assertThat(block.cost().parameters()).isEqualTo(4 * 64 + 512 * 64 + 2 * 64 * 64 + 2 * 64);
    assertThat(block.cost().multiplyAdds()).isEqualTo(10 * (3 * 64 + 2 * 512 * 64 + 2 * 64 * 64));
    assertThat(block.cost().softmax()).isEqualTo(10 * 512);
  }

  /** Its paper's language model: 10,000 tokens, 512 channels, 6 layers, 256 places, tied. */
  @Test
  void theLanguageModelOfGatedMemoriesHasItsPapersSize() {
    long layer =
        Described.of(
                Shape.of(256, 512),
                x -> {
                  Tensor mixed =
                      x.plus(new GatedAssociativeMemory().mix(x.layerNorm(1e-5), Setting.STANDARD));
                  return mixed.plus(new Mlp().mix(mixed.layerNorm(1e-5), Setting.STANDARD));
                })
            .cost()
            .parameters();

    assertThat(10_000 * 512 + 256 * 512 + 6 * layer + 2 * 512).isEqualTo(22_599_680);
  }

  // ---- Legendre memory

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 16, N})
  void aLegendreMemoryIsItsRecurrence(int chunk) {
    Setting setting =
        Setting.STANDARD
            .with(LegendreMemory.MEMORY, 6)
            .with(LegendreMemory.WINDOW, 12)
            .with(LegendreMemory.CHUNK, chunk);
    Described block = of(new LegendreMemory(), setting).random(1);
    double[][] x = input(block);
    double[][] u =
        Sequential.map(
            Sequential.plus(
                Sequential.linear(x, block, "input.weight"), block.values("input.bias")),
            y -> Math.max(y, 0));
    LegendreDelay delay = LegendreDelay.of(6, 12);
    var both = new double[N][6 + C];
    var memory = new double[6];
    for (int t = 0; t < N; t++) {
      memory = step(delay, memory, u[t][0]);
      System.arraycopy(memory, 0, both[t], 0, 6);
      System.arraycopy(x[t], 0, both[t], 6, C);
    }
    double[][] hidden =
        Sequential.map(
            Sequential.plus(
                Sequential.linear(both, block, "hidden.weight"), block.values("hidden.bias")),
            y -> Math.max(y, 0));
    double[][] out = Sequential.linear(hidden, block, "out.weight");
    double[] gain = block.values("norm.gain");
    double[] bias = block.values("norm.bias");
    double[] expected =
        IntStream.range(0, N * C)
            .mapToDouble(i -> out[i / C][i % C] / Math.sqrt(1 + 1e-5) * gain[i % C] + bias[i % C])
            .toArray();

    assertThat(block.at(Sequential.flat(x))).containsExactly(expected, within(1e-9));
  }

  @Test
  void aMemoryOfOneLeaks() {
    LegendreDelay delay = LegendreDelay.of(1, 8);

    assertThat(delay.transition()[0][0]).isCloseTo(Math.exp(-1.0 / 8), within(1e-14));
    assertThat(delay.input()[0]).isCloseTo(1 - Math.exp(-1.0 / 8), within(1e-14));
  }

  /** Held for a step, in a thousand small steps instead. */
  @Test
  void theSystemIsHeldBetweenTokens() {
    int order = 5;
    int steps = 20_000;
    var state = new double[order];
    for (int s = 0; s < steps; s++) {
      // the midpoint rule with an input of 1
      double[] half = state.clone();
      double[] slope = slope(state, order, 10);
      for (int i = 0; i < order; i++) {
        half[i] += slope[i] / (2.0 * steps);
      }
      slope = slope(half, order, 10);
      for (int i = 0; i < order; i++) {
        state[i] += slope[i] / steps;
      }
    }

    assertThat(LegendreDelay.of(order, 10).input()).containsExactly(state, within(1e-8));
  }

  /** What entered some tokens ago is the memory read by shifted Legendre polynomials. */
  @Test
  void thePastIsReadBackFromTheMemory() {
    int order = 6;
    int window = 64;
    LegendreDelay delay = LegendreDelay.of(order, window);
    var memory = new double[order];
    double worst = 0;
    for (int t = 0; t < 600; t++) {
      memory = step(delay, memory, Math.sin(2 * Math.PI * t / 200));
      for (int ago = 0; ago <= window && t > 200; ago++) {
        double read = 0;
        for (int i = 0; i < order; i++) {
          read += memory[i] * legendre(i, 2.0 * ago / window - 1);
        }
        // the input of a token lasts until the next: on average it is half a token old
        double past = Math.sin(2 * Math.PI * (t + 0.5 - ago) / 200);
        worst = Math.max(worst, Math.abs(read - past));
      }
    }

    assertThat(worst).isLessThan(0.03);
  }

  @Test
  void aLegendreMemoryHasTheParametersOfItsFormula() {
    assertThat(of(new LegendreMemory(), Setting.STANDARD).cost().parameters())
        .isEqualTo(C + 1 + 2 * C * C + C + C * C + 2 * C);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, N})
  void aSpikingLegendreMemoryFiresWhatEntersIsKeptAndIsRead(int chunk) {
    Setting setting =
        Setting.STANDARD
            .with(LegendreMemory.MEMORY, 6)
            .with(LegendreMemory.WINDOW, 12)
            .with(LegendreMemory.CHUNK, chunk)
            .with(LegendreMemory.SPIKING, true);
    Described block = of(new LegendreMemory(), setting).random(3);
    // so that neurons of the memory, which is small, fire at all
    block.set("fire1.bias", 1.5).set("fire2.bias", 1).set("fire3.bias", 1);
    double[][] x = input(block);
    double[][] u =
        fired(
            Sequential.plus(
                Sequential.linear(x, block, "input.weight"), block.values("input.bias")),
            block,
            "fire1");
    LegendreDelay delay = LegendreDelay.of(6, 12);
    var memory = new double[N][6];
    for (int t = 0; t < N; t++) {
      memory[t] = step(delay, t == 0 ? new double[6] : memory[t - 1], u[t][0]);
    }
    double[][] kept = fired(memory, block, "fire2");
    var both = new double[N][6 + C];
    for (int t = 0; t < N; t++) {
      System.arraycopy(kept[t], 0, both[t], 0, 6);
      System.arraycopy(x[t], 0, both[t], 6, C);
    }
    double[][] hidden =
        fired(
            Sequential.plus(
                Sequential.linear(both, block, "hidden.weight"), block.values("hidden.bias")),
            block,
            "fire3");
    double[] expected =
        Sequential.flat(normed(Sequential.linear(hidden, block, "out.weight"), block, "norm"));

    assertThat(Arrays.stream(Sequential.flat(kept)).distinct().sorted().toArray())
        .containsExactly(0, 1);
    assertThat(Arrays.stream(Sequential.flat(hidden)).distinct().sorted().toArray())
        .containsExactly(0, 1);
    assertThat(block.at(Sequential.flat(x))).containsExactly(expected, within(1e-9));
  }

  @Test
  void aSpikingLegendreMemoryIsTwiceAsLarge() {
    Setting spiking = Setting.STANDARD.with(LegendreMemory.SPIKING, true);

    // a gain and a bias for each that fires
    assertThat(of(new LegendreMemory(), spiking).cost().parameters())
        .isEqualTo(C + 1 + 3 * C * C + C + C * C + 2 * C + 2 * (1 + 2 * C + C));
  }

  /** Leaky integrate-and-fire of time constant 2 and threshold 1, set back to 0. */
  private static double[][] fired(double[][] x, Described block, String name) {
    double[][] current = normed(x, block, name);
    var spikes = new double[x.length][x[0].length];
    for (int c = 0; c < x[0].length; c++) {
      double potential = 0;
      for (int t = 0; t < x.length; t++) {
        potential += (current[t][c] - potential) / 2;
        spikes[t][c] = potential >= 1 ? 1 : 0;
        potential *= 1 - spikes[t][c];
      }
    }
    return spikes;
  }

  /** With the mean 0 and the variance 1 of a norm that was never trained. */
  private static double[][] normed(double[][] x, Described block, String name) {
    double[] gain = block.values(name + ".gain");
    double[] bias = block.values(name + ".bias");
    var y = new double[x.length][x[0].length];
    for (int t = 0; t < x.length; t++) {
      for (int c = 0; c < x[0].length; c++) {
        y[t][c] = x[t][c] / Math.sqrt(1 + 1e-5) * gain[c] + bias[c];
      }
    }
    return y;
  }

  @Test
  void aLargeMemoryOfAShortPastIsStable() {
    LegendreDelay delay = LegendreDelay.of(128, 16);
    var memory = new double[128];
    for (int t = 0; t < 2000; t++) {
      memory = step(delay, memory, 1);
    }

    // a constant input is the constant polynomial
    assertThat(memory[0]).isCloseTo(1, within(1e-9));
    assertThat(Arrays.stream(memory).skip(1).map(Math::abs).max().orElseThrow()).isLessThan(1e-9);
  }

  // ---- joint attention

  @ParameterizedTest
  @CsvSource({"5, false", "5, true", "64, false", "64, true"})
  void jointAttentionIsItsDefinition(int group, boolean causal) {
    int keys = 6;
    Setting setting =
        Setting.STANDARD
            .with(JointAttention.GROUP, group)
            .with(JointAttention.KEYS, keys)
            .with(JointAttention.CAUSAL, causal);
    Described block = of(new JointAttention(), setting).random(1);
    double[][] x = input(block);
    var shifted = new double[N][C];
    for (int t = 0; t < N; t++) {
      for (int c = 0; c < C; c++) {
        shifted[t][c] = c >= C / 2 ? x[t][c] : t == 0 ? 0 : x[t - 1][c];
      }
    }
    double[][] content = unit(shifted, block, "hidden", causal);
    double[][] base = unit(shifted, block, "keys", causal);
    var copies = new double[4][N][keys];
    for (int k = 0; k < 4; k++) {
      for (int t = 0; t < N; t++) {
        var raw = new double[keys];
        for (int c = 0; c < keys; c++) {
          raw[c] =
              base[t][c] * block.values("scale")[k * keys + c]
                  + block.values("shift")[k * keys + c];
        }
        for (int i = 0; i < keys / 2; i++) {
          double angle = t * Math.pow(10_000, -2.0 * i / keys);
          copies[k][t][i] = raw[i] * Math.cos(angle) - raw[i + keys / 2] * Math.sin(angle);
          copies[k][t][i + keys / 2] =
              raw[i + keys / 2] * Math.cos(angle) + raw[i] * Math.sin(angle);
        }
      }
    }
    var seen = new double[N][4 * C];
    for (int i = 0; i < N; i++) {
      for (int j = 0; j < N; j++) {
        boolean near = i / group == j / group && !(causal && j > i);
        boolean far = !causal || j / group < i / group;
        double quadratic =
            near ? Math.pow(Math.max(dot(copies[0][i], copies[1][j]) / group, 0), 2) : 0;
        double linear = far ? dot(copies[2][i], copies[3][j]) / (causal ? group : N) : 0;
        for (int c = 0; c < 4 * C; c++) {
          seen[i][c] += (quadratic + linear) * content[j][c];
        }
      }
    }
    var joint = new double[N][2 * C];
    for (int t = 0; t < N; t++) {
      for (int c = 0; c < 2 * C; c++) {
        joint[t][c] =
            seen[t][2 * C + c]
                * content[t][c]
                * Sequential.sigmoid(seen[t][c] * content[t][2 * C + c]);
      }
    }

    double[] expected = Sequential.flat(unit(joint, block, "out", causal));
    double most = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
    assertThat(block.at(Sequential.flat(x))).containsExactly(expected, within(1e-11 * most));
  }

  @Test
  void withoutItsQuadraticCopiesJointAttentionIsLinear() {
    Setting setting = Setting.STANDARD.with(JointAttention.GROUP, 5).with(JointAttention.KEYS, 6);
    Described small = of(new JointAttention(), setting).random(1);
    double[] scale = small.values("scale");
    small.set("scale", i -> i < 12 ? 0 : scale[i]).set("shift", 0);
    Described whole = of(new JointAttention(), setting.with(JointAttention.GROUP, 64)).like(small);
    double[] expected = whole.atRandom(2);
    double most = Arrays.stream(expected).map(Math::abs).max().orElseThrow();

    assertThat(small.atRandom(2)).containsExactly(expected, within(1e-11 * most));
  }

  @Test
  void jointAttentionCostsWhatItsFormulaSays() {
    long n = 512;
    long c = 16;
    Described block =
        Described.of(Shape.of(512, 16), x -> new JointAttention().mix(x, Setting.STANDARD));
    long hidden = 1 + 4L * c * c + 4 * c + 17 * 4 * c;
    long keys = 1 + 128L * c + 128 + 17 * 128;
    long out = 1 + 2L * c * c + c + 17 * c;

    assertThat(block.cost().parameters()).isEqualTo(hidden + keys + out + 8 * 128);
    assertThat(block.cost().multiplyAdds())
        .isEqualTo(
            n * (4L * c * c + 128 * c + 2L * c * c + 17 * (4 * c + 128 + c))
                + n * 256L * 128
                + n * 256L * 4 * c
                + 2L * n * 128 * 4 * c);
  }

  private static double dot(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
  }

  /** Scale norm, linear, SiLU and a residual convolution over 17 tokens. */
  private static double[][] unit(double[][] x, Described block, String name, boolean causal) {
    double scale = block.values(name + ".norm.scale")[0];
    double[][] normed =
        Arrays.stream(x)
            .map(
                row -> {
                  double length = Math.max(Math.sqrt(dot(row, row) / row.length), 1e-5);
                  return Arrays.stream(row).map(c -> scale * c / length).toArray();
                })
            .toArray(double[][]::new);
    double[][] active =
        Sequential.map(
            Sequential.plus(
                Sequential.linear(normed, block, name + ".weight"), block.values(name + ".bias")),
            Sequential::silu);
    double[] kernel = block.values(name + ".conv.weight");
    int width = active[0].length;
    var y = new double[N][width];
    for (int t = 0; t < N; t++) {
      for (int c = 0; c < width; c++) {
        y[t][c] = active[t][c];
        for (int tap = 0; tap < 17; tap++) {
          int from = t + tap - (causal ? 16 : 8);
          if (from >= 0 && from < N) {
            y[t][c] += kernel[tap * width + c] * active[from][c];
          }
        }
      }
    }
    return y;
  }

  private static double[] step(LegendreDelay delay, double[] memory, double input) {
    var next = new double[memory.length];
    for (int i = 0; i < memory.length; i++) {
      next[i] = delay.input()[i] * input + dot(delay.transition()[i], memory);
    }
    return next;
  }

  private static double[] slope(double[] state, int order, double window) {
    var slope = new double[order];
    for (int i = 0; i < order; i++) {
      double rate = (2 * i + 1) / window;
      slope[i] = rate * (i % 2 == 0 ? 1 : -1);
      for (int j = 0; j < order; j++) {
        slope[i] += rate * (i < j ? -1 : Math.pow(-1, i - j + 1)) * state[j];
      }
    }
    return slope;
  }

  private static double legendre(int degree, double x) {
    double before = 1;
    double now = degree == 0 ? 1 : x;
    for (int n = 1; n < degree; n++) {
      double next = ((2 * n + 1) * x * now - n * before) / (n + 1);
      before = now;
      now = next;
    }
    return now;
  }

  private static Described memory() {
    return Described.of(
        Shape.of(N, C),
        x ->
            new GatedAssociativeMemory()
                .mix(x, Setting.STANDARD.with(GatedAssociativeMemory.SLOTS, 4)));
  }

  private static Described of(TokenMixer mixer, Setting setting) {
    return Described.of(Shape.of(N, C), x -> mixer.mix(x, setting));
  }

  private static double[][] input(Described block) {
    return Sequential.matrix(block.input(2), C);
  }
}
