package blockfront.blocks.head;

import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Head;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.TimeSteps;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;
import java.util.function.UnaryOperator;

/** {@code linear(mean(tokens))}, with the norm before or after the mean. */
@AutoService(Head.class)
public final class MeanPool implements Head {

  public static final Knob<String> NORM =
      Knob.option("norm", "whether to normalise before or after the mean", "before", "after");

  @Override
  public String id() {
    return "mean_pool";
  }

  @Override
  public String title() {
    return "Mean of the tokens";
  }

  @Override
  public String summary() {
    return "Averages all tokens and reads the answer off the mean.";
  }

  @Override
  public String family() {
    return "Head";
  }

  @Override
  public Source source() {
    return new Source("Network In Network", "Lin et al.", 2013, "https://arxiv.org/abs/1312.4400");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.NEVER, Traits.Layout.BOTH, "O(N)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(NORM);
  }

  @Override
  public Tensor read(Tensor x, UnaryOperator<Tensor> norm, int classes, Setting setting) {
    boolean before = setting.of(NORM).equals("before");
    if (TimeSteps.isTrain(x)) {
      // over the grid first: neurons in the place of a norm see one current a step
      Tensor train = before ? norm.apply(x).mean(1, 2) : norm.apply(x.mean(1, 2));
      return train.mean(0).linear(classes).reshape(classes);
    }
    Tensor tokens = Tokens.sequence(x);
    Tensor mean = before ? norm.apply(tokens).mean(0) : norm.apply(tokens.mean(0));
    return mean.linear(classes).reshape(classes);
  }
}
