package blockfront.blocks.channel;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import blockfront.blocks.spi.ChannelMixer;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** An MLP in K pieces of which a gate runs the first k for each token; k may be 0. */
@AutoService(ChannelMixer.class)
public final class AdaptiveComputation implements ChannelMixer {

  public static final Knob<Integer> EXPANSION =
      Knob.integer("expansion", "hidden channels for each channel, all learners", 4, 1, 16, 2, 4);
  public static final Knob<Integer> LEARNERS =
      Knob.integer("learners", "pieces that the hidden channels are cut into", 4, 1, 16, 2, 4, 8);
  public static final Knob<Integer> GATE =
      Knob.integer("gate", "hidden channels of the gate", 16, 1, 1024, 16);
  public static final Knob<Boolean> AS_RELEASED =
      Knob.flag("as_released", "whether the last learner never runs, as was released", false);

  @Override
  public String id() {
    return "acm_ffn";
  }

  @Override
  public String title() {
    return "Adaptive computation";
  }

  @Override
  public String summary() {
    return "An MLP cut into small learners. A gate decides for each token how many of them "
        + "run, none to all; training weighs every number of learners, answering takes the "
        + "likeliest.";
  }

  @Override
  public String family() {
    return "Dynamic";
  }

  @Override
  public Source source() {
    return new Source(
        "Adaptive Computation Modules: Granular Conditional Computation for Efficient "
            + "Inference",
        "Wójcik et al.",
        2023,
        "https://arxiv.org/abs/2312.10193");
  }

  @Override
  public Traits traits() {
    return Traits.PER_TOKEN;
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(EXPANSION, LEARNERS, GATE, AS_RELEASED);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Tensor tokens = Tokens.sequence(x);
    int count = tokens.shape().size(0);
    int channels = tokens.shape().size(1);
    int hidden = Math.multiplyExact(setting.of(EXPANSION), channels);
    int learners = Tokens.largestDivisor(hidden, setting.of(LEARNERS));
    if (learners != setting.of(LEARNERS)) {
      Scope.repaired(
          "%d learners do not divide %d hidden channels; used %d"
              .formatted(setting.of(LEARNERS), hidden, learners));
    }
    Tensor logits = Scope.in("gate", () -> gate(tokens, setting.of(GATE), learners + 1));
    Tensor share = Scope.training() ? logits.softmax() : greatest(logits);
    Tensor runs = runs(share, learners, setting.of(AS_RELEASED));
    Tensor expanded = Scope.in("expand", () -> tokens.linear(hidden)).apply(Function.GELU);
    Tensor kept =
        expanded
            .reshape(count, learners, hidden / learners)
            .times(runs.reshape(count, learners, 1))
            .reshape(count, hidden);
    return Scope.in("contract", () -> kept.linear(channels)).reshape(x.shape());
  }

  private static Tensor gate(Tensor x, int width, int choices) {
    Tensor hidden = Scope.in("expand", () -> x.linear(width)).apply(Function.RELU);
    return Scope.in("contract", () -> hidden.linear(choices));
  }

  /** How far each learner runs, from the share of each number of learners {@code 0 .. K}. */
  private static Tensor runs(Tensor share, int learners, boolean asReleased) {
    // learner j runs wherever more than j do
    var each = new Tensor[learners];
    Tensor more = share.slice(1, learners, learners + 1);
    for (int learner = learners - 1; learner >= 0; learner--) {
      each[learner] = more;
      more = more.plus(share.slice(1, learner, learner + 1));
    }
    if (asReleased) {
      each[learners - 1] = each[learners - 1].times(0);
    }
    return Tensor.concatenate(1, each);
  }

  /** 1 at the greatest of each row, the first of equals; 0 elsewhere. */
  static Tensor greatest(Tensor logits) {
    int choices = logits.shape().size(1);
    var marks = new Tensor[choices];
    for (int i = 0; i < choices; i++) {
      Tensor mine = logits.slice(1, i, i + 1);
      // an earlier one beats it unless it is less, a later one only if it is more
      Tensor mark = Tensor.constant(Values.of(1, _ -> 1), 1);
      for (int j = 0; j < choices; j++) {
        Tensor theirs = logits.slice(1, j, j + 1);
        if (j < i) {
          mark = mine.minus(theirs).apply(Function.STEP).times(mark);
        } else if (j > i) {
          mark = theirs.minus(mine).apply(Function.STEP).times(-1).plus(1).times(mark);
        }
      }
      marks[i] = mark;
    }
    return Tensor.concatenate(1, marks);
  }
}
