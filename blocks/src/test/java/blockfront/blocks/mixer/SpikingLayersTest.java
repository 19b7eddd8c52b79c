package blockfront.blocks.mixer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.channel.SpikingMlp;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.head.MeanPool;
import blockfront.blocks.norm.LeakyIntegrateAndFire;
import blockfront.blocks.spi.Neuron;
import blockfront.blocks.spi.Normed;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.TimeSteps;
import blockfront.blocks.stem.PotentialDown;
import blockfront.blocks.stem.PotentialStem;
import blockfront.blocks.stem.SpikingPatchSplitting;
import blockfront.blocks.testing.Described;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Spiking blocks; a train has a grid for each of {@value #T} steps. */
class SpikingLayersTest {

  private static final int T = 4;
  private static final int H = 3;
  private static final int W = 2;
  private static final int N = H * W;
  private static final int C = 8;
  private static final Shape TRAIN = Shape.of(T, H, W, C);
  private static final Setting TWO_HEADS = Setting.STANDARD.with(SpikingSelfAttention.HEADS, 2);

  // ---- spiking self-attention

  @Test
  void attentionAmongSpikesPutsOutSpikesOnly() {
    Described attention = lively(attention(TRAIN));

    assertThat(attention.at(spikes(TRAIN, 2))).containsOnly(0, 1).contains(0, 1);
  }

  @Test
  void withoutQueriesNothingIsPutOut() {
    Described attention =
        lively(attention(TRAIN))
            .set("query.weight", 0)
            .set("query.norm.bias", 0)
            .set("out.norm.bias", 0);

    assertThat(attention.at(spikes(TRAIN, 2))).containsOnly(0);
  }

  @Test
  void permutedTokensArePermutedSpikes() {
    Described attention = lively(attention(TRAIN));
    double[] x = spikes(TRAIN, 2);

    assertThat(attention.at(turned(x))).containsExactly(turned(attention.at(x)));
  }

  /** The first token last, at every step. */
  private static double[] turned(double[] x) {
    var turned = new double[x.length];
    for (int t = 0; t < T; t++) {
      for (int token = 0; token < N; token++) {
        System.arraycopy(x, (t * N + (token + 1) % N) * C, turned, (t * N + token) * C, C);
      }
    }
    return turned;
  }

  @Test
  void attentionCostsFourLinearLayersAndTwoProductsWithoutTheSquareOfTheTokens() {
    Described attention = attention(TRAIN);
    int d = C / 2;

    assertThat(attention.cost().multiplyAdds())
        .isEqualTo((long) T * (4 * N * C * C + 2 * N * d * C));
    assertThat(attention.cost().parameters()).isEqualTo(4 * C * C + 4 * 2 * C);
    Setting biased = TWO_HEADS.with(Normed.BIAS, true);
    assertThat(
            Described.of(TRAIN, x -> new SpikingSelfAttention().mix(x, biased)).cost().parameters())
        .isEqualTo(4 * C * C + C + 4 * 2 * C);
    assertThat(attention.cost().softmax()).isZero();
  }

  /** With {@code (q k') v} instead: the same sums. */
  @Test
  void theOrderOfTheProductsDoesNotMatter() {
    var random = new SplittableRandom(3);
    double[] spikes = random.doubles(3 * N * C).map(u -> u < 0.55 ? 1 : 0).toArray();
    Described ours =
        Described.of(
            Shape.of(3, N, C),
            x ->
                SpikingHeads.attend(
                    x.slice(0, 0, 1), x.slice(0, 1, 2), x.slice(0, 2, 3), 1, NEURON));
    var expected = new double[N * C];
    for (int i = 0; i < N; i++) {
      for (int c = 0; c < C; c++) {
        double current = 0;
        for (int j = 0; j < N; j++) {
          double weight = 0;
          for (int e = 0; e < C; e++) {
            weight += spikes[i * C + e] * spikes[(N + j) * C + e];
          }
          current += 0.125 * weight * spikes[(2 * N + j) * C + c];
        }
        expected[i * C + c] = current / 2 >= 0.5 ? 1 : 0;
      }
    }

    assertThat(ours.at(spikes)).containsExactly(expected).contains(0, 1);
  }

  private static final Neuron NEURON = Neuron.of(Setting.STANDARD);

  @Test
  void tokensWithoutTimeAreACurrentThatStays() {
    Described rates = lively(attention(Shape.of(H, W, C)));
    Described train = attention(TRAIN).like(rates);
    double[] x = rates.input(4);
    double[] repeated =
        IntStream.range(0, T).boxed().flatMapToDouble(_ -> Arrays.stream(x)).toArray();
    double[] spikes = train.at(repeated);

    double[] mean =
        IntStream.range(0, x.length)
            .mapToDouble(
                i -> IntStream.range(0, T).mapToDouble(t -> spikes[t * x.length + i]).sum() / T)
            .toArray();
    assertThat(rates.at(x)).containsExactly(mean, within(1e-12));
  }

  @Test
  void headsThatDoNotDivideAreRepaired() {
    var noted =
        Scope.collectingRepairs(
            () ->
                new SpikingSelfAttention()
                    .mix(
                        Tensor.input("x", Shape.of(3, 3, 12)),
                        Setting.STANDARD.with(SpikingSelfAttention.HEADS, 8)));

    assertThat(noted.repairs()).containsExactly("12 channels cannot be split into 8 heads; used 6");
  }

  private static Described attention(Shape shape) {
    return Described.of(shape, x -> new SpikingSelfAttention().mix(x, TWO_HEADS));
  }

  // ---- Meta-SpikeFormer

  @Test
  void tokensThatNeverFireAddNothingToTheResidual() {
    Described attention = Described.of(TRAIN, x -> new SpikeDrivenAttention().mix(x, TWO_HEADS));
    Described convolution =
        Described.of(TRAIN, x -> new SpikingConvolution().mix(x, Setting.STANDARD));
    double[] quiet = new SplittableRandom(1).doubles(T * N * C).toArray();

    assertThat(attention.at(quiet)).containsOnly(0);
    assertThat(convolution.at(quiet)).containsOnly(0);
  }

  @Test
  void repeatedConvolutionsFoldIntoOneOfThreeByThree() {
    Shape shape = Shape.of(1, 5, 6, 2);
    Described rep =
        Described.of(shape, RepConvolution::of)
            .random(1)
            .set("norm.mean", i -> 0.3 - i)
            .set("norm.variance", i -> 0.5 + i)
            .set("contract.norm.mean", i -> i - 0.2)
            .set("contract.norm.variance", i -> 1.5 - i / 2.0);
    var nothing = new double[60];
    double[] bias = rep.at(nothing);
    // what one cell in the middle adds around it is the kernel
    var kernel = new double[2][];
    for (int in = 0; in < 2; in++) {
      double[] impulse = nothing.clone();
      impulse[(2 * 6 + 2) * 2 + in] = 1;
      kernel[in] = rep.at(impulse);
    }
    double[] x = rep.input(7);
    var expected = new double[60];
    for (int i = 0; i < 5; i++) {
      for (int j = 0; j < 6; j++) {
        for (int out = 0; out < 2; out++) {
          double sum = bias[out];
          for (int p = -1; p <= 1; p++) {
            for (int q = -1; q <= 1; q++) {
              int row = i + p;
              int column = j + q;
              if (row < 0 || row >= 5 || column < 0 || column >= 6) {
                continue;
              }
              for (int in = 0; in < 2; in++) {
                int at = ((2 - p) * 6 + 2 - q) * 2 + out;
                sum += (kernel[in][at] - bias[out]) * x[(row * 6 + column) * 2 + in];
              }
            }
          }
          expected[(i * 6 + j) * 2 + out] = sum;
        }
      }
    }

    assertThat(bias).as("the same at the border").isEqualTo(repeat(bias, 2, 60));
    assertThat(rep.at(x)).containsExactly(expected, within(1e-12));
  }

  private static double[] repeat(double[] first, int period, int size) {
    return IntStream.range(0, size).mapToDouble(i -> first[i % period]).toArray();
  }

  @Test
  void metaSpikeFormerCostsWhatItsCodeSays() {
    Described attention = Described.of(TRAIN, x -> new SpikeDrivenAttention().mix(x, TWO_HEADS));
    Described convolution =
        Described.of(TRAIN, x -> new SpikingConvolution().mix(x, Setting.STANDARD));
    Setting blockwise =
        Setting.STANDARD.with(SpikingMlp.KERNEL, 3).with(SpikingMlp.SHORTCUT, "potentials");
    Described channels = Described.of(TRAIN, x -> new SpikingMlp().mix(x, blockwise));

    assertThat(attention.cost().parameters()).isEqualTo(4 * (2 * C * C + 9 * C + 6 * C));
    assertThat(convolution.cost().parameters())
        .isEqualTo(2 * C * C + 4 * C + 49 * 2 * C + 2 * C * C + 2 * C);
    assertThat(channels.cost().parameters()).isEqualTo(2 * 9 * 4 * C * C + 2 * 4 * C + 2 * C);
    assertThat(channels.cost().multiplyAdds()).isEqualTo(T * N * 2 * 9 * 4 * C * C);
  }

  @Test
  void asReleasedThereIsOneStep() {
    Setting released = TWO_HEADS.with(SpikeDrivenAttention.AS_RELEASED, true);
    Shape grid = Shape.of(H, W, C);
    long once =
        Described.of(grid, x -> new SpikeDrivenAttention().mix(x, released)).cost().multiplyAdds();
    long often =
        Described.of(grid, x -> new SpikeDrivenAttention().mix(x, TWO_HEADS)).cost().multiplyAdds();

    assertThat(often).isEqualTo(T * once);
  }

  @Test
  void sequencesHaveNoGridToConvolve() {
    assertThatThrownBy(
            () ->
                new SpikeDrivenAttention().mix(Tensor.input("x", Shape.of(5, C)), Setting.STANDARD))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Spike-driven attention needs a grid [height, width, channels], got [5, 8]");
  }

  // ---- the spiking MLP

  @Test
  void anMlpOfSpikesPutsOutSpikesAndOneOfPotentialsAnything() {
    Described after = lively(Described.of(TRAIN, x -> new SpikingMlp().mix(x, Setting.STANDARD)));
    Setting potentials = Setting.STANDARD.with(SpikingMlp.SHORTCUT, "potentials");
    Described before = lively(Described.of(TRAIN, x -> new SpikingMlp().mix(x, potentials)));
    double[] x = spikes(TRAIN, 2);
    for (int i = 0; i < x.length; i++) {
      x[i] *= 4;
    }

    assertThat(after.at(x)).containsOnly(0, 1).contains(0, 1);
    assertThat(Arrays.stream(before.at(x)).distinct().count()).isGreaterThan(2);
    assertThat(after.cost().parameters()).isEqualTo(2 * 4 * C * C + 2 * 5 * C);
  }

  // ---- trains from the stem to the head

  @Test
  void theStemOfSpikformerHasItsPapersSize() {
    Setting setting = Setting.STANDARD.with(TimeSteps.KEEP_TIME, true);
    Described stem =
        Described.of(Shape.of(33, 32, 3), x -> new SpikingPatchSplitting().embed(x, 16, setting));

    assertThat(stem.output().shape()).isEqualTo(Shape.of(T, 3, 2, 16));
    assertThat(stem.cost().parameters())
        .isEqualTo(9 * (3 * 2 + 2 * 4 + 4 * 8 + 8 * 16 + 16 * 16) + 2 * (2 + 4 + 8 + 16 + 16));
  }

  @Test
  void theStemPutsOutWholeNumbersOfSpikesOrTheirMean() {
    Shape image = Shape.of(16, 16, 3);
    Setting keep = Setting.STANDARD.with(TimeSteps.KEEP_TIME, true);
    Described train =
        lively(Described.of(image, x -> new SpikingPatchSplitting().embed(x, 16, keep)));
    Described mean =
        Described.of(image, x -> new SpikingPatchSplitting().embed(x, 16, Setting.STANDARD))
            .like(train);
    double[] x = train.input(3);
    double[] spikes = train.at(x);

    assertThat(spikes).containsAnyOf(1, 2);
    assertThat(Arrays.stream(spikes).boxed().toList()).isSubsetOf(0.0, 1.0, 2.0);
    double[] means =
        IntStream.range(0, 16)
            .mapToDouble(i -> IntStream.range(0, T).mapToDouble(t -> spikes[t * 16 + i]).sum() / T)
            .toArray();
    assertThat(mean.at(x)).containsExactly(means, within(1e-12));
  }

  @Test
  void maximaAreTakenAtEverySecondRowAndColumn() {
    Shape shape = Shape.of(2, 5, 4, 3);
    Described pool = Described.of(shape, TimeSteps::maxPool);
    double[] x = Arrays.stream(pool.input(2)).map(Math::abs).toArray();
    double[] y = pool.at(x);

    assertThat(pool.output().shape()).isEqualTo(Shape.of(2, 3, 2, 3));
    for (int i = 0; i < y.length; i++) {
      int c = i % 3;
      int column = i / 3 % 2;
      int row = i / 6 % 3;
      int t = i / 18;
      double greatest = 0;
      for (int p = 2 * row - 1; p <= 2 * row + 1; p++) {
        for (int q = 2 * column - 1; q <= 2 * column + 1; q++) {
          if (p >= 0 && p < 5 && q >= 0 && q < 4) {
            greatest = Math.max(greatest, x[((t * 5 + p) * 4 + q) * 3 + c]);
          }
        }
      }
      assertThat(y[i]).isCloseTo(greatest, within(1e-12));
    }
  }

  @Test
  void potentialsPassFromStemToStage() {
    Setting keep = Setting.STANDARD.with(TimeSteps.KEEP_TIME, true);
    Described stem =
        Described.of(
            Shape.of(9, 8, 3),
            x -> {
              Tensor train = Scope.in("stem", () -> new PotentialStem().embed(x, 4, keep));
              return Scope.in("down", () -> new PotentialDown().reduce(train, 8, Setting.STANDARD));
            });
    Described same =
        Described.of(
            TRAIN,
            x -> new PotentialDown().reduce(x, 5, Setting.STANDARD.with(PotentialDown.STRIDE, 1)));

    assertThat(stem.output().shape()).isEqualTo(Shape.of(T, 3, 2, 8));
    assertThat(stem.cost().parameters()).isEqualTo(49 * 3 * 4 + 2 * 4 + 9 * 4 * 8 + 2 * 8);
    assertThat(same.output().shape()).isEqualTo(Shape.of(T, H, W, 5));
  }

  /** Where neurons stand for the norm, they fire on the mean of each step's tokens. */
  @Test
  void theHeadReadsTrains() {
    Setting after = Setting.STANDARD.with(MeanPool.NORM, "after");
    Described head =
        Described.of(
            TRAIN,
            x ->
                new MeanPool()
                    .read(
                        x,
                        y -> new LeakyIntegrateAndFire().normalise(y, Setting.STANDARD),
                        C,
                        after));
    head.set("weight", i -> i / C == i % C ? 1 : 0).set("bias", 0);
    double[] x = IntStream.range(0, T * N * C).mapToDouble(i -> i % C == 0 ? 1.5 : 0.5).toArray();

    assertThat(head.at(x)).containsExactly(0.5, 0, 0, 0, 0, 0, 0, 0);
  }

  /** Large weights, so that something fires. */
  private static Described lively(Described described) {
    described.random(1);
    for (String name : described.names()) {
      if (name.endsWith("gain")) {
        described.set(name, 2);
      }
      if (name.endsWith("bias")) {
        described.set(name, i -> 1.2 * (i % 3) - 0.5);
      }
    }
    return described;
  }

  private static double[] spikes(Shape shape, long seed) {
    return new SplittableRandom(seed).doubles(shape.elements()).map(u -> u < 0.5 ? 1 : 0).toArray();
  }
}
