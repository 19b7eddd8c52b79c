package blockfront.blocks.mixer;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Window;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;
import java.util.Optional;

/**
 * Gated linear attention over the rows of a grid, in both directions with decays of their own, on
 * {@code l = SiLU(DW3(x))}; {@code norm(o) c + norm(l) (1 - c)} with {@code c = sigmoid(l W + b)}
 * goes through a linear layer.
 */
@AutoService(TokenMixer.class)
public final class BidirectionalLinearAttention implements TokenMixer {

  public static final Knob<Integer> HEADS = Knob.integer("heads", "heads", 3, 1, 256, 1, 2, 3, 4);
  public static final Knob<Double> KEY_RATIO = GatedLinearAttention.KEY_RATIO;
  public static final Knob<Integer> GATE_RANK = GatedLinearAttention.GATE_RANK;
  public static final Knob<Double> TEMPERATURE = GatedLinearAttention.TEMPERATURE;
  public static final Knob<Boolean> CONVOLUTION_ACTIVATION =
      Knob.flag("convolution_activation", "whether a SiLU follows the convolution", true);
  public static final Knob<Boolean> OUT_ACTIVATION =
      Knob.flag("out_activation", "whether a SiLU precedes the last linear layer", false);
  public static final Knob<Integer> CHUNK = Chunks.CHUNK;

  private static final double GAIN = Math.pow(2, -2.5);

  @Override
  public String id() {
    return "vig_bigla";
  }

  @Override
  public String title() {
    return "Bidirectional linear attention";
  }

  @Override
  public String summary() {
    return "Gated linear attention along the image row by row, forwards and backwards at once,"
        + " beside a small convolution; each channel chooses between the two.";
  }

  @Override
  public String family() {
    return "Linear attention";
  }

  @Override
  public Source source() {
    return new Source(
        "ViG: Linear-complexity Visual Sequence Learning with Gated Linear Attention",
        "Liao et al.",
        2024,
        "https://arxiv.org/abs/2405.18425");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.NEVER, Traits.Layout.GRID, "O(N)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(
        HEADS, KEY_RATIO, GATE_RANK, TEMPERATURE, CONVOLUTION_ACTIVATION, OUT_ACTIVATION, CHUNK);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Shape shape = Tokens.grid("Bidirectional linear attention", x).shape();
    int channels = shape.size(2);
    int keys = Chunks.width(channels, setting.of(KEY_RATIO));
    int heads = Chunks.heads(setting.of(HEADS), keys, channels);
    Tensor filtered = Scope.in("conv", () -> local(x));
    Tensor local =
        Tokens.sequence(
            setting.of(CONVOLUTION_ACTIVATION) ? filtered.apply(Function.SILU) : filtered);
    Tensor qkv = Scope.in("qkv", () -> linear(local, 2 * keys + channels));
    Tensor rank = Scope.in("decay1", () -> linear(local, setting.of(GATE_RANK)));
    Tensor logits =
        Scope.in(
            "decay2", () -> Gates.linear(rank, 2 * keys, start(rank.shape().size(1), 2 * keys)));
    Tensor forwards = logits.slice(1, 0, keys);
    Tensor backwards = logits.slice(1, keys, 2 * keys);
    // the way back is the way forth of more heads
    Tensor read =
        LinearRecurrence.of(
                bothWays(qkv.slice(1, 0, keys).times(1 / Math.sqrt((double) keys / heads))),
                bothWays(qkv.slice(1, keys, 2 * keys)),
                bothWays(qkv.slice(1, 2 * keys, 2 * keys + channels)),
                2 * heads,
                Gates.decay(
                    Tensor.concatenate(1, forwards, Chunks.reversed(backwards)),
                    setting.of(TEMPERATURE)),
                setting.of(CHUNK),
                Optional.empty())
            .output();
    Tensor back = Chunks.reversed(read.slice(1, channels, 2 * channels));
    Tensor both = read.slice(1, 0, channels).plus(back).times(0.5);
    Tensor near = Scope.in("near", () -> Gates.normalised(local, heads, 1e-6));
    Tensor far = Scope.in("far", () -> Gates.normalised(both, heads, 1e-6));
    Tensor gate =
        Scope.in("gate", () -> Gates.linear(local, channels, start(channels, channels)))
            .apply(Function.SIGMOID);
    Tensor chosen = near.plus(far.minus(near).times(gate));
    Tensor active = setting.of(OUT_ACTIVATION) ? chosen.apply(Function.SILU) : chosen;
    return Scope.in("out", () -> linear(active, channels)).reshape(shape);
  }

  private static Tensor local(Tensor x) {
    int channels = x.shape().size(2);
    Tensor kernel = Tensor.weight("weight", start(9, 9 * channels), 3, 3, 1, channels);
    return x.convolve(kernel, Window.same(3), channels);
  }

  /** Tokens in their order, and beside them in the opposite one. */
  private static Tensor bothWays(Tensor x) {
    return Tensor.concatenate(1, x, Chunks.reversed(x));
  }

  private static Tensor linear(Tensor x, int out) {
    return x.linear(out, start(x.shape().size(1), out));
  }

  private static Init start(int in, int out) {
    return Init.xavier(in, out, GAIN);
  }
}
