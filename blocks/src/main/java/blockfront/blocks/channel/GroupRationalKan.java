package blockfront.blocks.channel;

import blockfront.blocks.graph.Init;
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

/**
 * {@code F2(F1(x) W1 + b1) W2 + b2}: an MLP whose activations are learnt rational functions, one
 * for each of 8 groups of channels.
 *
 * <p>F1 starts as the identity, F2 as SiLU. An activation comes before its linear layer.
 */
@AutoService(ChannelMixer.class)
public final class GroupRationalKan implements ChannelMixer {

  public static final Knob<Integer> EXPANSION =
      Knob.integer("expansion", "hidden channels for each channel", 4, 1, 16, 1, 2, 3, 4);
  public static final Knob<String> INIT =
      Knob.option(
          "init",
          "weights of deviation 0.02, or such that the variance of the tokens is kept",
          "tn02",
          "variance");

  private static final int GROUPS = 8;
  private static final double[] IDENTITY = {0, 1, 0, 0, 0, 0};
  // fitted to SiLU on [-3, 3], where it is off by at most 1.4e-6
  private static final double[] SILU = {
    3.05e-7, .50000079, .24999783, .05326628, .00580303, .0002751961
  };
  private static final double[] SILU_DENOMINATOR = {-4.1e-6, .10652899, -1.27e-6, .000550233};

  /** {@code 1 / E[SiLU(z)^2]} for a standard normal z. */
  private static final double SILU_GAIN = 2.816;

  @Override
  public String id() {
    return "kat_grkan";
  }

  @Override
  public String title() {
    return "Group-rational KAN";
  }

  @Override
  public String summary() {
    return "An MLP that learns its activation functions, as quotients of polynomials shared by "
        + "groups of channels. A Kolmogorov-Arnold network that trains like a transformer.";
  }

  @Override
  public String family() {
    return "KAN";
  }

  @Override
  public Source source() {
    return new Source(
        "Kolmogorov-Arnold Transformer", "Yang and Wang", 2024, "https://arxiv.org/abs/2409.10594");
  }

  @Override
  public Traits traits() {
    return Traits.PER_TOKEN;
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(EXPANSION, INIT);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    int channels = x.shape().size(-1);
    int hidden = Math.multiplyExact(setting.of(EXPANSION), channels);
    boolean variance = setting.of(INIT).equals("variance");
    Tensor first = Scope.in("rational1", () -> rational(x, IDENTITY, new double[4]));
    Tensor expanded = Scope.in("expand", () -> linear(first, hidden, start(variance, 1, channels)));
    Tensor second = Scope.in("rational2", () -> rational(expanded, SILU, SILU_DENOMINATOR));
    return Scope.in("contract", () -> linear(second, channels, start(variance, SILU_GAIN, hidden)));
  }

  private static Tensor rational(Tensor x, double[] numerator, double[] denominator) {
    int channels = x.shape().size(-1);
    int groups = Tokens.largestDivisor(channels, GROUPS);
    if (groups != GROUPS) {
      Scope.repaired(
          "%d groups do not divide %d channels; used %d".formatted(GROUPS, channels, groups));
    }
    int order = denominator.length;
    Tensor a = Tensor.offset("numerator", new Init.Given(Values.of(numerator)), numerator.length);
    Values repeated = Values.of(groups * order, i -> denominator[i % order]);
    Tensor b = Tensor.offset("denominator", new Init.Given(repeated), groups, order);
    return x.rational(a, b);
  }

  private static Tensor linear(Tensor x, int out, Init init) {
    return x.linear(out, init).plus(Tensor.offset("bias", Init.ZEROS, out));
  }

  private static Init start(boolean variance, double gain, int in) {
    return variance ? new Init.Normal(Math.sqrt(gain / in)) : Init.TRUNCATED_NORMAL_002;
  }
}
