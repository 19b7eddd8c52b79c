package blockfront.blocks.mixer;

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

/** {@code (attention(x) + dw(v)) W + b}: softmax attention, and a convolution of its values. */
@AutoService(TokenMixer.class)
public final class LocalDetailAttention implements TokenMixer {

  public static final Knob<Integer> HEAD_DIM =
      Knob.integer("head_dim", "channels of one head", 32, 1, 1024, 8, 16, 32, 64);

  private static final int SIZE = 3;

  @Override
  public String id() {
    return "smt_mhsa";
  }

  @Override
  public String title() {
    return "Attention with local detail";
  }

  @Override
  public String summary() {
    return "Softmax attention, to which a depthwise convolution of the values is added: the late "
        + "stages of SMT mix so.";
  }

  @Override
  public String family() {
    return "Attention";
  }

  @Override
  public Source source() {
    return new Source(
        "Scale-Aware Modulation Meet Transformer",
        "Lin et al.",
        2023,
        "https://arxiv.org/abs/2307.08579");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.NEVER, Traits.Layout.GRID, "O(N²)", false, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(HEAD_DIM);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Shape shape = Tokens.grid("Attention with local detail", x).shape();
    int channels = shape.size(2);
    Heads heads = Heads.of(x, setting.of(HEAD_DIM), true);
    Tensor attended = Heads.join(heads.scores(false).softmax().matmul(heads.value()));
    Tensor values = Heads.join(heads.value()).reshape(shape);
    Tensor local =
        Scope.in(
            "local",
            () ->
                values
                    .convolve(
                        Tensor.weight(
                            "weight",
                            new Init.Normal(Math.sqrt(2) / SIZE),
                            SIZE,
                            SIZE,
                            1,
                            channels),
                        Window.same(SIZE),
                        channels)
                    .plus(Tensor.offset("bias", Init.ZEROS, channels)));
    return Scope.in("out", () -> attended.reshape(shape).plus(local).linear(channels));
  }
}
