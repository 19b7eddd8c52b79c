package blockfront.blocks.head;

import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.mixer.HopfieldAssociation;
import blockfront.blocks.spi.Head;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;
import java.util.function.UnaryOperator;

/** Learned states look the answer up among the tokens, as in a modern Hopfield network. */
@AutoService(Head.class)
public final class HopfieldPooling implements Head {

  public static final Knob<Integer> STATES =
      Knob.integer("states", "learned states that look", 1, 1, 1024, 1);
  public static final Knob<Integer> STEPS = HopfieldAssociation.STEPS;
  public static final Knob<Double> BETA = HopfieldAssociation.BETA;
  public static final Knob<Boolean> BETA_LEARNED = HopfieldAssociation.BETA_LEARNED;
  public static final Knob<Boolean> NORMS = HopfieldAssociation.NORMS;
  public static final Knob<Integer> HEAD_DIM = HopfieldAssociation.HEAD_DIM;
  public static final Knob<Boolean> QKV_BIAS = HopfieldAssociation.QKV_BIAS;

  @Override
  public String id() {
    return "hopfield_pooling";
  }

  @Override
  public String title() {
    return "Hopfield pooling";
  }

  @Override
  public String summary() {
    return "A learned state moves towards the tokens it resembles and reads the answer off them.";
  }

  @Override
  public String family() {
    return "Head";
  }

  @Override
  public Source source() {
    return new Source(
        "Hopfield Networks is All You Need",
        "Ramsauer et al.",
        2020,
        "https://arxiv.org/abs/2008.02217");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.NEVER, Traits.Layout.BOTH, "O(N)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(STATES, STEPS, BETA, BETA_LEARNED, NORMS, HEAD_DIM, QKV_BIAS);
  }

  @Override
  public Tensor read(Tensor x, UnaryOperator<Tensor> norm, int classes, Setting setting) {
    Tensor tokens = norm.apply(Tokens.sequence(x));
    int states = setting.of(STATES);
    int channels = tokens.shape().size(1);
    Tensor found =
        Scope.in(
            "pooling",
            () -> {
              Tensor state = Tensor.weight("states", Init.TRUNCATED_NORMAL_002, states, channels);
              Tensor joined = HopfieldAssociation.read(state, tokens, tokens, setting);
              return Scope.in("out", () -> joined.linear(channels));
            });
    return found.reshape(1, states * channels).linear(classes).reshape(classes);
  }
}
