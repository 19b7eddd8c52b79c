package blockfront.blocks.head;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Head;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;
import java.util.function.UnaryOperator;

/** {@code norm(relu(norm(mean) W1 + b1)²) W2 + b2}. */
@AutoService(Head.class)
public final class MlpHead implements Head {

  public static final Knob<Integer> EXPANSION =
      Knob.integer("expansion", "hidden channels for each channel", 4, 1, 16, 4);

  @Override
  public String id() {
    return "mlp_head";
  }

  @Override
  public String title() {
    return "MLP on the mean";
  }

  @Override
  public String summary() {
    return "Averages all tokens and reads the answer off the mean by an MLP with a norm.";
  }

  @Override
  public String family() {
    return "Head";
  }

  @Override
  public Source source() {
    return new Source(
        "MetaFormer Baselines for Vision", "Yu et al.", 2022, "https://arxiv.org/abs/2210.13452");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.NEVER, Traits.Layout.BOTH, "O(N)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(EXPANSION);
  }

  @Override
  public Tensor read(Tensor x, UnaryOperator<Tensor> norm, int classes, Setting setting) {
    Tensor mean = norm.apply(Tokens.sequence(x).mean(0));
    int hidden = Math.multiplyExact(setting.of(EXPANSION), mean.shape().size(1));
    Tensor active =
        Scope.in("expand", () -> mean.linear(hidden)).apply(Function.RELU).apply(Function.SQUARE);
    Tensor normed = Scope.in("norm", () -> active.layerNorm(1e-6));
    return Scope.in("contract", () -> normed.linear(classes)).reshape(classes);
  }
}
