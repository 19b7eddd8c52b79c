package blockfront.blocks.mixer;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Rotary;
import blockfront.blocks.spi.SequenceConvolution;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/**
 * MossFormer's gated unit. With {@code [v, u] = F(x)} and queries and keys that are four scaled
 * copies of one {@code z = F(x)}, {@code a = relu(q k' / G)² [v, u]} within groups of G tokens
 * {@code + q' (k'' [v, u]) / n} over all n; the result is {@code F((a_u v) sigmoid(a_v u))}. F is a
 * scale norm, a linear layer, SiLU and a residual convolution over 17 tokens; half of the channels
 * are those of the token before.
 */
@AutoService(TokenMixer.class)
public final class JointAttention implements TokenMixer {

  public static final Knob<Integer> GROUP =
      Knob.integer("group", "tokens that attend to each other exactly", 256, 1, 4096, 64, 256);
  public static final Knob<Integer> KEYS =
      Knob.integer("keys", "channels of queries and keys", 128, 1, 1024, 32, 128);
  public static final Knob<Double> DROPOUT =
      Knob.decimal("dropout", "share of numbers left out in training", 0.0, 0, 0.9, 0.0, 0.1);
  public static final Knob<Boolean> CAUSAL = Knob.CAUSAL;

  private static final int KERNEL = 17;
  private static final int TURNING = 32;

  @Override
  public String id() {
    return "mossformer_joint";
  }

  @Override
  public String title() {
    return "Joint local and global attention";
  }

  @Override
  public String summary() {
    return "A gated unit whose two halves gate each other after attention: exact within a group of "
        + "tokens, linear over the whole sequence. Made for sound.";
  }

  @Override
  public String family() {
    return "Linear attention";
  }

  @Override
  public Source source() {
    return new Source(
        "MossFormer: Pushing the Performance Limit of Monaural Speech Separation using Gated"
            + " Single-Head Transformer with Convolution-Augmented Joint Self-Attentions",
        "Zhao and Ma",
        2023,
        "https://arxiv.org/abs/2302.11824");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.OPTIONAL, Traits.Layout.BOTH, "O(N)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(GROUP, KEYS, DROPOUT, CAUSAL);
  }

  @Override
  public long state(Shape tokens, Setting setting) {
    int channels = tokens.size(-1);
    long keys = setting.of(KEYS);
    // sums of earlier groups; keys and contents of this one; what shift and convolutions reach
    long earlier = 4 * keys * channels;
    long group = Math.min(setting.of(GROUP), Tokens.count(tokens)) * (keys + 4L * channels);
    return earlier + group + channels / 2 + (KERNEL - 1) * (5L * channels + keys);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Tensor tokens = Tokens.sequence(x);
    int channels = tokens.shape().size(1);
    Tensor shifted = shifted(tokens);
    Tensor both = Scope.in("hidden", () -> unit(shifted, 4 * channels, setting));
    Tensor base = Scope.in("keys", () -> unit(shifted, setting.of(KEYS), setting));
    Tensor seen = attention(base, both, setting); // [tokens, 4 channels]
    int half = 2 * channels;
    Tensor value = both.slice(1, 0, half);
    Tensor gate = both.slice(1, half, 2 * half);
    Tensor seenValue = seen.slice(1, 0, half);
    Tensor seenGate = seen.slice(1, half, 2 * half);
    Tensor joint = seenGate.times(value).times(seenValue.times(gate).apply(Function.SIGMOID));
    return Scope.in("out", () -> unit(joint, channels, setting)).reshape(x.shape());
  }

  /** The first half of the channels from the token before. */
  private static Tensor shifted(Tensor x) {
    int count = x.shape().size(0);
    int half = x.shape().size(1) / 2;
    if (half == 0) {
      return x;
    }
    Tensor late = x.slice(1, 0, half).pad(0, 1, 0).slice(0, 0, count);
    return Tensor.concatenate(1, late, x.slice(1, half, x.shape().size(1)));
  }

  private static Tensor unit(Tensor x, int out, Setting setting) {
    Tensor normed = Scope.in("norm", () -> scaleNorm(x));
    Tensor active = normed.linear(out).apply(Function.SILU);
    Tensor filtered =
        Scope.in(
            "conv",
            () ->
                setting.of(CAUSAL)
                    ? SequenceConvolution.causal(active, KERNEL, Init.TRUNCATED_NORMAL_002)
                    : SequenceConvolution.centred(active, KERNEL, Init.TRUNCATED_NORMAL_002));
    Tensor sum = active.plus(filtered);
    double dropout = setting.of(DROPOUT);
    return dropout == 0
        ? sum
        : sum.times(Tensor.keepMask(dropout, sum.shape().size(0), sum.shape().size(1)));
  }

  /** {@code g x / max(|x| / sqrt(channels), 1e-5)}, one g. */
  private static Tensor scaleNorm(Tensor x) {
    Tensor square = x.apply(Function.SQUARE).mean(1).plus(-1e-10);
    Tensor length = square.apply(Function.RELU).plus(1e-10).apply(Function.SQRT);
    return x.times(Tensor.offset("scale", Init.ONES, 1)).dividedBy(length);
  }

  private static Tensor attention(Tensor base, Tensor content, Setting setting) {
    int count = base.shape().size(0);
    int keys = base.shape().size(1);
    Tensor scale = Tensor.offset("scale", new Init.Normal(0.02), 4, keys);
    Tensor shift = Tensor.offset("shift", Init.ZEROS, 4, keys);
    // query and key of the groups, query and key of the whole
    Tensor copies =
        Rotary.sequence(
            base.reshape(count, 1, keys).times(scale).plus(shift), 0, Math.min(TURNING, keys));
    int group = setting.of(GROUP);
    int size = Math.min(group, count);
    int groups = Math.ceilDiv(count, size);
    Tensor near = grouped(copy(copies, 0), groups, size);
    Tensor nearKey = grouped(copy(copies, 1), groups, size);
    Tensor far = copy(copies, 2);
    Tensor farKey = copy(copies, 3);
    Tensor cut = grouped(content, groups, size);
    Tensor weights =
        near.times(1.0 / group)
            .matmulTransposed(nearKey)
            .apply(Function.RELU)
            .apply(Function.SQUARE);
    boolean causal = setting.of(CAUSAL);
    Tensor seen =
        causal ? weights.times(Tensor.constant(Chunks.lower(size, 0), size, size)) : weights;
    int width = content.shape().size(1);
    Tensor local = seen.matmul(cut).reshape(groups * size, width).slice(0, 0, count);
    if (!causal) {
      return local.plus(far.times(1.0 / count).matmul(farKey.transposedMatmul(content)));
    }
    return groups == 1
        ? local
        : local.plus(
            before(
                    grouped(far.times(1.0 / group), groups, size),
                    grouped(farKey, groups, size),
                    cut)
                .reshape(groups * size, width)
                .slice(0, 0, count));
  }

  /** Linear attention to earlier groups only; all {@code [groups, size, width]}. */
  private static Tensor before(Tensor query, Tensor key, Tensor content) {
    int groups = query.shape().size(0);
    Tensor sums = key.transposedMatmul(content); // [groups, keys, width]
    int keys = sums.shape().size(1);
    int width = sums.shape().size(2);
    Tensor earlier =
        Tensor.constant(Op.Purpose.SUM, Chunks.lower(groups, 1), groups, groups)
            .matmul(sums.reshape(groups, keys * width))
            .reshape(groups, keys, width);
    return query.matmul(earlier);
  }

  private static Tensor copy(Tensor copies, int index) {
    return copies
        .slice(1, index, index + 1)
        .reshape(copies.shape().size(0), copies.shape().size(2));
  }

  /** Zeros fill the last group. */
  private static Tensor grouped(Tensor x, int groups, int size) {
    int width = x.shape().size(1);
    return x.pad(0, 0, groups * size - x.shape().size(0)).reshape(groups, size, width);
  }
}
