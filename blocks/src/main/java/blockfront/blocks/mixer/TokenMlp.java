package blockfront.blocks.mixer;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** {@code W2 GELU(W1 x + b1) + b2} over the tokens, for each channel alone. */
@AutoService(TokenMixer.class)
public final class TokenMlp implements TokenMixer {

  public static final Knob<Integer> HIDDEN =
      Knob.integer("hidden", "hidden tokens", 64, 1, 4096, 16, 32, 64, 128, 256);

  public static final Knob<Boolean> GATED =
      Knob.flag(
          "gated", "whether one half of the hidden tokens, after a SiLU, gates the other", false);

  @Override
  public String id() {
    return "token_mlp";
  }

  @Override
  public String title() {
    return "Token MLP";
  }

  @Override
  public String summary() {
    return "An MLP across the tokens, the same for every channel. Sees the whole image, at the "
        + "cost of weights that fit one image size.";
  }

  @Override
  public String family() {
    return "Token MLP";
  }

  @Override
  public Source source() {
    return new Source(
        "MLP-Mixer: An all-MLP Architecture for Vision",
        "Tolstikhin et al.",
        2021,
        "https://arxiv.org/abs/2105.01601");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.NEVER, Traits.Layout.BOTH, "O(N)", true, true);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(HIDDEN, GATED);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Tensor tokens = Tokens.sequence(x); // [tokens, channels]
    int count = tokens.shape().size(0);
    int hidden = setting.of(HIDDEN);
    // weights from the left, so that nothing is transposed
    Tensor expanded = Scope.in("expand", () -> linear(tokens, count, hidden));
    Tensor active = setting.of(GATED) ? gated(expanded, hidden) : expanded.apply(Function.GELU);
    return Scope.in("contract", () -> linear(active, active.shape().size(0), count))
        .reshape(x.shape());
  }

  private static Tensor gated(Tensor x, int hidden) {
    if (hidden % 2 != 0) {
      throw new IllegalArgumentException(
          "Token MLP cannot halve %d hidden tokens".formatted(hidden));
    }
    Tensor gate = x.slice(0, hidden / 2, hidden).apply(Function.SILU);
    return x.slice(0, 0, hidden / 2).times(gate);
  }

  private static Tensor linear(Tensor x, int in, int out) {
    return Tensor.weight("weight", Init.TRUNCATED_NORMAL_002, out, in)
        .matmul(x)
        .plus(Tensor.offset("bias", Init.ZEROS, out, 1));
  }
}
