package blockfront.blocks.spi;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Tensor;
import java.util.List;

/**
 * A spiking neuron: a potential h gathers currents and is set back when it fires.
 *
 * <p>{@code h = v + (x - v) / tau}, {@code s = 1} where {@code h >= threshold} and 0 elsewhere,
 * then {@code v = h (1 - s)} or, softly, {@code v = h - threshold s}; v starts at 0. It is trained
 * with the derivative of something smoother than a step (<a
 * href="https://arxiv.org/abs/1901.09948">Neftci, Mostafa and Zenke, 2019</a>).
 *
 * @param leak how a potential decays
 * @param tau time constant in steps, at least 1
 * @param threshold where it fires
 * @param soft whether firing takes the threshold off, rather than all
 * @param spike the step, {@link Function#spike()}
 * @param detached whether no gradient flows through the setting back
 */
public record Neuron(
    Leak leak, double tau, double threshold, boolean soft, Function spike, boolean detached) {

  /** How a potential decays between two steps. */
  public enum Leak {
    /** By 1 / tau. */
    FIXED,
    /** By a share that is learnt, {@code 1 / tau} at first. */
    LEARNT,
    /** Not at all, and currents count in full. */
    NONE
  }

  public static final Knob<String> KIND =
      Knob.option(
          "neuron",
          "leaky integrate-and-fire; without leak; with a learned leak",
          "lif",
          "if",
          "plif");
  public static final Knob<String> SURROGATE =
      Knob.option("surrogate", "what the step is taken for in training", "sigmoid", "arctan");
  public static final Knob<String> RESET =
      Knob.option(
          "reset",
          "whether firing sets the potential to 0 or takes the threshold off",
          "hard",
          "soft");
  public static final Knob<Double> TAU =
      Knob.decimal("tau", "time constant of the leak, in steps", 2, 1.01, 1000, 2.0);
  public static final Knob<Double> THRESHOLD =
      Knob.decimal("threshold", "potential at which it fires", 1, 1e-3, 1000, 1.0);
  public static final Knob<Boolean> DETACH_RESET =
      Knob.flag("detach_reset", "whether no gradient flows through the reset", true);

  /** What a block that has neurons in it lets be set. */
  public static final List<Knob<?>> KNOBS =
      List.of(KIND, SURROGATE, RESET, TAU, THRESHOLD, DETACH_RESET);

  public Neuron {
    if (!spike.spike()) {
      throw new IllegalArgumentException("Neuron cannot fire by " + spike);
    }
  }

  /** As {@link #KNOBS} are set. */
  public static Neuron of(Setting setting) {
    return new Neuron(
        switch (setting.of(KIND)) {
          case "if" -> Leak.NONE;
          case "plif" -> Leak.LEARNT;
          default -> Leak.FIXED;
        },
        setting.of(TAU),
        setting.of(THRESHOLD),
        setting.of(RESET).equals("soft"),
        setting.of(SURROGATE).equals("arctan") ? Function.SPIKE_ARCTAN : Function.SPIKE_SIGMOID,
        setting.of(DETACH_RESET));
  }

  /** The same neuron, firing at another potential. */
  public Neuron firingAt(double other) {
    return new Neuron(leak, tau, other, soft, spike, detached);
  }

  /**
   * What it fires, step by step.
   *
   * @param current of each step, {@code [steps, ..]}
   * @return 0 or 1, of the same shape
   */
  public Tensor spikes(Tensor current) {
    int steps = current.shape().size(0);
    Decay decay = decay();
    var spikes = new Tensor[steps];
    Tensor potential = decay.first(current.slice(0, 0, 1));
    for (int step = 0; step < steps; step++) {
      if (step > 0) {
        Tensor kept = kept(potential, spikes[step - 1]);
        potential = decay.next(kept, current.slice(0, step, step + 1));
      }
      spikes[step] = potential.plus(-threshold).apply(spike);
    }
    return steps == 1 ? spikes[0] : Tensor.concatenate(0, spikes);
  }

  /** What firing leaves of a potential. */
  private Tensor kept(Tensor potential, Tensor spikes) {
    // a step of a spike is the spike, without its gradient
    Tensor fired = detached ? spikes.apply(Function.STEP) : spikes;
    return soft
        ? potential.minus(fired.times(threshold))
        : potential.times(fired.times(-1).plus(1));
  }

  /** The potential that a current makes of what was kept. */
  private interface Decay {

    Tensor first(Tensor current);

    Tensor next(Tensor kept, Tensor current);
  }

  private Decay decay() {
    return switch (leak) {
      case NONE -> new Full();
      case FIXED -> new Fixed(1 / tau);
      case LEARNT ->
          new Learnt(
              Tensor.offset("leak", new Init.Constant(-Math.log(tau - 1)), 1)
                  .apply(Function.SIGMOID));
    };
  }

  private record Full() implements Decay {
    @Override
    public Tensor first(Tensor current) {
      return current;
    }

    @Override
    public Tensor next(Tensor kept, Tensor current) {
      return kept.plus(current);
    }
  }

  private record Fixed(double share) implements Decay {
    @Override
    public Tensor first(Tensor current) {
      return current.times(share);
    }

    @Override
    public Tensor next(Tensor kept, Tensor current) {
      return kept.times(1 - share).plus(current.times(share));
    }
  }

  private record Learnt(Tensor share) implements Decay {
    @Override
    public Tensor first(Tensor current) {
      return current.times(share);
    }

    @Override
    public Tensor next(Tensor kept, Tensor current) {
      return kept.plus(current.minus(kept).times(share));
    }
  }
}
