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

/**
 * Channels attend to channels: {@code relu(t q k') v} with queries and keys of length 1 over all
 * tokens, each channel a query.
 */
@AutoService(TokenMixer.class)
public final class SparseChannelAttention implements TokenMixer {

  public static final Knob<Integer> HEAD_DIM = SoftmaxAttention.HEAD_DIM;
  public static final Knob<String> WEIGHTING =
      Knob.option(
          "weighting",
          "what is done with the scores: relu as in DLGSANet, softmax as in Restormer",
          "relu",
          "softmax");

  @Override
  public String id() {
    return "sparse_gsa";
  }

  @Override
  public String title() {
    return "Sparse channel attention";
  }

  @Override
  public String summary() {
    return "Channels attend to channels over the whole image, and a ReLU in place of the "
        + "softmax keeps only what fits. Its cost grows with the tokens only.";
  }

  @Override
  public String family() {
    return "Channel attention";
  }

  @Override
  public Source source() {
    return new Source(
        "DLGSANet: Lightweight Dynamic Local and Global Self-Attention Networks for "
            + "Image Super-Resolution",
        "Li et al.",
        2023,
        "https://arxiv.org/abs/2301.02031");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.NEVER, Traits.Layout.GRID, "O(N)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(HEAD_DIM, WEIGHTING);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Tensor grid = Tokens.grid("Sparse channel attention", x);
    int channels = grid.shape().size(2);
    int heads = Heads.count(channels, setting.of(HEAD_DIM));
    Tensor wide = Scope.in("qkv", () -> grid.linear(3 * channels, Init.TRUNCATED_NORMAL_002));
    Tensor qkv = Tokens.sequence(Scope.in("local", () -> Convolutions.depthwiseUnbiased(wide)));
    Tensor query = unit(split(qkv.slice(1, 0, channels), heads));
    Tensor key = unit(split(qkv.slice(1, channels, 2 * channels), heads));
    Tensor value = split(qkv.slice(1, 2 * channels, 3 * channels), heads);
    Tensor scores =
        query.matmulTransposed(key).times(Tensor.offset("temperature", Init.ONES, heads, 1, 1));
    Tensor weights =
        setting.of(WEIGHTING).equals("softmax") ? scores.softmax() : scores.apply(Function.RELU);
    Tensor joined = weights.matmul(value).reshape(channels, qkv.shape().size(0)).permute(1, 0);
    return Scope.in("out", () -> joined.linear(channels, Init.TRUNCATED_NORMAL_002))
        .reshape(x.shape());
  }

  /** {@code [heads, channels of a head, tokens]}. */
  private static Tensor split(Tensor x, int heads) {
    return x.permute(1, 0).reshape(heads, x.shape().size(1) / heads, x.shape().size(0));
  }

  /** Of length 1 over the last axis; zeros stay zeros. */
  private static Tensor unit(Tensor x) {
    Tensor length = x.apply(Function.SQUARE).sum(-1).plus(1e-12).apply(Function.SQRT);
    return x.dividedBy(length);
  }
}
