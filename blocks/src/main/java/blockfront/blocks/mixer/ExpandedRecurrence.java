package blockfront.blocks.mixer;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
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
 * {@code S_t = diag(f_t) S_{t-1} + (1 - f_t) v_t'}, {@code o_t = q_t S_t / sqrt(d)} with {@code f =
 * b + (1 - b) sigmoid(x F)}, {@code q = SiLU(x Q)}; b grows from layer to layer.
 */
@AutoService(TokenMixer.class)
public final class ExpandedRecurrence implements TokenMixer {

  public static final Knob<Integer> EXPANSION =
      Knob.integer("expansion", "channels of the keys of a head", 128, 1, 1024, 128, 32, 16);
  public static final Knob<Integer> CHUNK = Chunks.CHUNK;

  private static final Init START = new Init.Normal(0.02);

  @Override
  public String id() {
    return "hgrn2";
  }

  @Override
  public String title() {
    return "Gated recurrence with a wide state";
  }

  @Override
  public String summary() {
    return "A gated recurrence whose state is an outer product: what a token forgets makes room for"
        + " what it writes. Linear attention without a decay of its own to learn.";
  }

  @Override
  public String family() {
    return "Linear attention";
  }

  @Override
  public Source source() {
    return new Source(
        "HGRN2: Gated Linear RNNs with State Expansion",
        "Qin et al.",
        2024,
        "https://arxiv.org/abs/2404.07904");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.ALWAYS, Traits.Layout.BOTH, "O(N)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(EXPANSION, CHUNK);
  }

  @Override
  public long state(Shape tokens, Setting setting) {
    int channels = tokens.size(-1);
    int wanted = Math.max(1, channels / Math.min(channels, setting.of(EXPANSION)));
    return Chunks.state(Tokens.largestDivisor(channels, wanted), channels, channels);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Tensor tokens = Tokens.sequence(x);
    int channels = tokens.shape().size(1);
    int heads = Heads.count(channels, Math.min(channels, setting.of(EXPANSION)));
    Tensor query = Scope.in("query", () -> tokens.linear(channels, START)).apply(Function.SILU);
    Tensor opened =
        Scope.in("forget", () -> tokens.linear(channels, START)).apply(Function.SIGMOID);
    Tensor value = Scope.in("value", () -> tokens.linear(channels, START));
    Tensor forget = Gates.above(Gates.lowerBound(channels), opened);
    Tensor read =
        LinearRecurrence.of(
                query.times(1 / Math.sqrt((double) channels / heads)),
                forget.times(-1).plus(1),
                value,
                heads,
                new LinearRecurrence.PerChannel(Gates.logarithm(forget), Gates.LEAST),
                setting.of(CHUNK),
                Optional.empty())
            .output();
    Tensor normed = Scope.in("norm", () -> read.rmsNorm(Gates.EPSILON));
    return Scope.in("out", () -> normed.linear(channels, START)).reshape(x.shape());
  }
}
