package blockfront.blocks.spi;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Sharing;
import blockfront.blocks.graph.Tensor;

/**
 * {@code (norm(GELU(x W1 + b1)) * norm(x W2 + b2)) W3 + b3}: Activator's unit, which stands in the
 * place of a channel mixer or of a token mixer.
 *
 * <p>(<a href="https://arxiv.org/abs/2405.15953">Abdullah and Aydin, 2024</a>.)
 */
public final class ActivatorUnit {

  public static final Knob<Integer> EXPANSION =
      Knob.integer("expansion", "hidden channels for each channel", 2, 1, 16, 1, 2, 3, 4);
  public static final Knob<Boolean> AS_RELEASED =
      Knob.flag(
          "as_released", "whether both sides of the gate use one norm, as was released", true);

  private ActivatorUnit() {}

  public static Tensor of(Tensor x, Setting setting) {
    int channels = x.shape().size(-1);
    int hidden = Math.multiplyExact(setting.of(EXPANSION), channels);
    Tensor gate = Scope.in("gate", () -> x.linear(hidden)).apply(Function.GELU);
    Tensor content = Scope.in("expand", () -> x.linear(hidden));
    var norm = new Sharing();
    Tensor left = norm.pass(() -> Scope.in("norm", () -> gate.layerNorm(1e-5)));
    Tensor right =
        setting.of(AS_RELEASED)
            ? norm.pass(() -> Scope.in("norm", () -> content.layerNorm(1e-5)))
            : Scope.in("norm2", () -> content.layerNorm(1e-5));
    return Scope.in("contract", () -> left.times(right).linear(channels));
  }
}
