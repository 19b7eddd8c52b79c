package blockfront.blocks.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Gradient;
import blockfront.blocks.graph.Parameters;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import blockfront.blocks.norm.LeakyIntegrateAndFire;
import blockfront.blocks.reference.Array;
import blockfront.blocks.reference.Reference;
import blockfront.blocks.testing.Described;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class NeuronTest {

  private static final int LONG = 40;
  private static final int STEPS = 6;
  private static final int CELLS = 5;

  /**
   * {@code ceil(ln(1 - 1/I) / ln(1 - 1/tau))} steps to the first spike, and from each to the next.
   */
  @ParameterizedTest
  @CsvSource({"1.05, 5", "1.2, 3", "1.5, 2", "2, 1", "7, 1"})
  void aConstantCurrentFiresAsOftenAsTheFormulaSays(double current, int period) {
    assertThat((int) Math.ceil(Math.log(1 - 1 / current) / Math.log(0.5) - 1e-9)).isEqualTo(period);

    double[] spikes = train(neuron(Setting.STANDARD), current);

    for (int step = 0; step < LONG; step++) {
      assertThat(spikes[step]).as("step %d", step).isEqualTo((step + 1) % period == 0 ? 1 : 0);
    }
  }

  @ParameterizedTest
  @CsvSource({"1", "0.9", "0", "-5"})
  void aCurrentOfAtMostTheThresholdNeverFires(double current) {
    assertThat(train(neuron(Setting.STANDARD), current)).containsOnly(0);
  }

  @Test
  void withoutLeakEveryCurrentFiresInTheEnd() {
    Neuron neuron = neuron(Setting.STANDARD.with(Neuron.KIND, "if"));

    assertThat(train(neuron, 0.25)).startsWith(0, 0, 0, 1, 0, 0, 0, 1);
  }

  @Test
  void aSoftResetKeepsWhatIsAboveTheThreshold() {
    Setting hard = Setting.STANDARD.with(Neuron.KIND, "if");

    assertThat(train(neuron(hard), 0.75)).startsWith(0, 1, 0, 1, 0, 1);
    assertThat(train(neuron(hard.with(Neuron.RESET, "soft")), 0.75)).startsWith(0, 1, 1, 1, 0, 1);
  }

  @Test
  void aLearnedLeakStartsAsTheFixedOne() {
    for (double tau : new double[] {1.5, 2, 5}) {
      Setting fixed = Setting.STANDARD.with(Neuron.TAU, tau);

      assertThat(train(neuron(fixed.with(Neuron.KIND, "plif")), 1.3))
          .as("tau %s", tau)
          .containsExactly(train(neuron(fixed), 1.3));
    }
  }

  @ParameterizedTest
  @CsvSource({"SPIKE_SIGMOID", "SPIKE_ARCTAN"})
  void theSlopeAtTheThresholdIsOneAndFallsOnBothSides(Function function) {
    Tensor x = Tensor.input("x", Shape.of(3));
    Tensor spikes = x.apply(function);
    Tensor slope = gradient(spikes, Tensor.constant(one(), 1), x);
    var leaves = Map.of(x, Array.of(x, 1, -0.3, 0, 0.3));
    double expected =
        function == Function.SPIKE_SIGMOID
            ? 4 * sigmoid(1.2) * (1 - sigmoid(1.2))
            : 1 / (1 + Math.pow(0.3 * Math.PI, 2));

    assertThat(Reference.evaluate(spikes, leaves, 1).values()).containsExactly(0, 1, 1);
    assertThat(Reference.evaluate(slope, leaves, 1).values())
        .containsExactly(new double[] {expected, 1, expected}, within(1e-12));
  }

  static List<Setting> settings() {
    var all = new ArrayList<Setting>();
    for (String kind : Neuron.KIND.choices()) {
      for (String surrogate : Neuron.SURROGATE.choices()) {
        for (String reset : Neuron.RESET.choices()) {
          for (boolean detached : new boolean[] {true, false}) {
            all.add(
                Setting.STANDARD
                    .with(Neuron.KIND, kind)
                    .with(Neuron.SURROGATE, surrogate)
                    .with(Neuron.RESET, reset)
                    .with(Neuron.DETACH_RESET, detached)
                    .with(Neuron.TAU, 3.0));
          }
        }
      }
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("settings")
  void gradientsAreThoseOfBackPropagationThroughTimeByHand(Setting setting) {
    Neuron neuron = neuron(setting);
    Tensor x = Tensor.input("x", Shape.of(STEPS, CELLS));
    Tensor upstream = Tensor.input("upstream", Shape.of(STEPS, CELLS));
    Tensor spikes = neuron.spikes(x);
    List<Tensor> leaks = List.copyOf(Parameters.of(List.of(spikes)).byName().values());
    var wanted = new ArrayList<Tensor>(List.of(x));
    wanted.addAll(leaks);
    var random = new SplittableRandom(5);
    double[] current = random.doubles(STEPS * CELLS).map(_ -> 2 * random.nextGaussian()).toArray();
    double[] arriving = random.doubles(STEPS * CELLS).map(_ -> random.nextGaussian()).toArray();
    double leak = -0.4;
    var leaves = new HashMap<Tensor, Array>();
    leaves.put(x, Array.of(x, 1, current));
    leaves.put(upstream, Array.of(upstream, 1, arriving));
    leaks.forEach(each -> leaves.put(each, Array.of(each, 1, leak)));
    var byHand = new ByHand(neuron, leak, current, arriving);

    var outputs = new ArrayList<Tensor>(List.of(spikes));
    outputs.addAll(Gradient.of(spikes, upstream, wanted).values());
    List<Array> values = Reference.evaluate(outputs, leaves, 1);

    assertThat(values.getFirst().values()).containsExactly(byHand.spikes).contains(0, 1);
    assertThat(values.get(1).values()).containsExactly(byHand.ofCurrent, within(1e-12));
    if (!leaks.isEmpty()) {
      assertThat(values.get(2).at(0)).isCloseTo(byHand.ofLeak, within(1e-12));
    }
  }

  /** The equations of the neuron and of its gradient, written out step by step. */
  private static final class ByHand {
    final double[] spikes = new double[STEPS * CELLS];
    final double[] ofCurrent = new double[STEPS * CELLS];
    double ofLeak;

    ByHand(Neuron neuron, double leak, double[] current, double[] arriving) {
      double share =
          switch (neuron.leak()) {
            case NONE -> 1;
            case FIXED -> 1 / neuron.tau();
            case LEARNT -> sigmoid(leak);
          };
      double keep = neuron.leak() == Neuron.Leak.NONE ? 1 : 1 - share;
      for (int cell = 0; cell < CELLS; cell++) {
        var before = new double[STEPS + 1];
        var charged = new double[STEPS];
        for (int t = 0; t < STEPS; t++) {
          int at = t * CELLS + cell;
          charged[t] = keep * before[t] + share * current[at];
          spikes[at] = charged[t] >= 1 ? 1 : 0;
          before[t + 1] = neuron.soft() ? charged[t] - spikes[at] : charged[t] * (1 - spikes[at]);
        }
        double ofBefore = 0;
        for (int t = STEPS - 1; t >= 0; t--) {
          int at = t * CELLS + cell;
          double ofSpike = arriving[at];
          if (!neuron.detached()) {
            ofSpike -= ofBefore * (neuron.soft() ? 1 : charged[t]);
          }
          double ofCharge =
              ofSpike * slope(neuron.spike(), charged[t] - 1)
                  + ofBefore * (neuron.soft() ? 1 : 1 - spikes[at]);
          ofCurrent[at] = ofCharge * share;
          ofLeak += ofCharge * (current[at] - before[t]) * share * (1 - share);
          ofBefore = ofCharge * keep;
        }
      }
    }

    private static double slope(Function spike, double u) {
      return spike == Function.SPIKE_ARCTAN
          ? 1 / (1 + Math.pow(Math.PI * u, 2))
          : 4 * sigmoid(4 * u) * (1 - sigmoid(4 * u));
    }
  }

  @Test
  void whereThereIsNoTimeAxisItTellsHowOftenNeuronsFire() {
    Setting setting = Setting.STANDARD.with(TimeSteps.STEPS, 6);
    Described rates =
        Described.of(Shape.of(3, 2), x -> new LeakyIntegrateAndFire().normalise(x, setting));

    assertThat(rates.at(1.05, 1.2, 1.5, 2, 1, -1))
        .containsExactly(new double[] {1 / 6.0, 2 / 6.0, 3 / 6.0, 1, 0, 0}, within(1e-12));
  }

  @Test
  void onlyStepsFire() {
    assertThatThrownBy(() -> new Neuron(Neuron.Leak.NONE, 2, 1, false, Function.SIGMOID, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Neuron cannot fire by SIGMOID");
  }

  private static Neuron neuron(Setting setting) {
    return Neuron.of(setting);
  }

  private static double[] train(Neuron neuron, double current) {
    Described spikes = Described.of(Shape.of(LONG, 1), neuron::spikes);
    double[] currents = IntStream.range(0, LONG).mapToDouble(_ -> current).toArray();
    return Arrays.copyOf(spikes.at(currents), LONG);
  }

  private static Tensor gradient(Tensor output, Tensor upstream, Tensor wanted) {
    return List.copyOf(Gradient.of(output, upstream, List.of(wanted)).values()).getFirst();
  }

  private static Values one() {
    return Values.of(1);
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
