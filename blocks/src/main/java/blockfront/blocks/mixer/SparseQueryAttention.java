package blockfront.blocks.mixer;

import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Places;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/**
 * Attention with fewer heads of queries than the channels have room for, some of which share one
 * head of keys and values.
 *
 * <p>With all query heads, each with its own keys, it is {@link SoftmaxAttention}; with all query
 * heads in groups, grouped-query attention; with one group, multi-query attention.
 */
@AutoService(TokenMixer.class)
public final class SparseQueryAttention implements TokenMixer {

  public static final Knob<Integer> HEAD_DIM = SoftmaxAttention.HEAD_DIM;
  public static final Knob<Double> QUERIES =
      Knob.decimal(
          "query_share",
          "query heads, as a share of the heads that the channels have room for",
          0.5,
          0.001,
          1,
          0.25,
          0.5,
          1.0);
  public static final Knob<Integer> GROUP =
      Knob.integer(
          "group",
          "query heads that share a head of keys and values; 0 for all of them",
          2,
          0,
          1024,
          1,
          2,
          4);
  public static final Knob<Boolean> QKV_BIAS = SoftmaxAttention.QKV_BIAS;
  public static final Knob<Boolean> CAUSAL = SoftmaxAttention.CAUSAL;

  @Override
  public String id() {
    return "sqa";
  }

  @Override
  public String title() {
    return "Sparse query attention";
  }

  @Override
  public String summary() {
    return "Softmax attention with fewer query heads than usual, which cuts its cost, "
        + "and fewer still of keys and values, which several query heads share. "
        + "Grouped-query and multi-query attention are corners of it.";
  }

  @Override
  public String family() {
    return "Attention";
  }

  @Override
  public Source source() {
    return new Source(
        "Sparse Query Attention (SQA): A Computationally Efficient Attention "
            + "Mechanism with Query Heads Reduction",
        "Filipek",
        2025,
        "https://arxiv.org/abs/2510.01817");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.OPTIONAL, Traits.Layout.BOTH, "O(N²)", false, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(HEAD_DIM, QUERIES, GROUP, QKV_BIAS, CAUSAL);
  }

  @Override
  public long state(Shape tokens, Setting setting) {
    int channels = tokens.size(-1);
    int room = Heads.count(channels, setting.of(HEAD_DIM));
    int queries = queries(room, setting.of(QUERIES));
    int pairs = queries / group(queries, setting.of(GROUP));
    return 2L * pairs * (channels / room) * Tokens.count(tokens);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Tensor tokens = Tokens.sequence(x);
    int count = tokens.shape().size(0);
    int channels = tokens.shape().size(1);
    int room = Heads.count(channels, setting.of(HEAD_DIM));
    int size = channels / room;
    int queries = queries(room, setting.of(QUERIES));
    int pairs = queries / group(queries, setting.of(GROUP));
    int width = (queries + 2 * pairs) * size;
    Tensor qkv =
        Scope.in(
            "qkv",
            () ->
                setting.of(QKV_BIAS)
                    ? tokens.linear(width)
                    : tokens.linear(width, Init.TRUNCATED_NORMAL_002));
    Tensor query = Places.turned(Heads.split(qkv.slice(1, 0, queries * size), queries));
    Tensor key =
        Places.turned(Heads.split(qkv.slice(1, queries * size, (queries + pairs) * size), pairs));
    Tensor value = Heads.split(qkv.slice(1, (queries + pairs) * size, width), pairs);
    // the queries of a group one after another: [key heads, queries, channels of a head]
    Tensor together = query.reshape(pairs, queries / pairs * count, size);
    Tensor scores = together.times(1 / Math.sqrt(size)).matmulTransposed(key);
    Tensor placed = Places.biased(scores.reshape(queries, count, count)).reshape(scores.shape());
    Tensor weights = masked(placed, count, setting.of(CAUSAL)).softmax();
    Tensor joined = Heads.join(weights.matmul(value).reshape(queries, count, size));
    return Scope.in("out", () -> joined.linear(channels)).reshape(x.shape());
  }

  private static Tensor masked(Tensor scores, int tokens, boolean causal) {
    if (!causal) {
      return scores;
    }
    int groups = scores.shape().size(0);
    return scores
        .reshape(groups, scores.shape().size(1) / tokens, tokens, tokens)
        .plus(Heads.later(tokens))
        .reshape(scores.shape());
  }

  private static int queries(int room, double share) {
    double wanted = room * share;
    int queries = Math.clamp(Math.round(wanted), 1, room);
    if (Math.abs(queries - wanted) > 1e-9) {
      Scope.repaired(
          "A share of %s of %d heads is no number of heads; used %d"
              .formatted(share, room, queries));
    }
    return queries;
  }

  private static int group(int queries, int wanted) {
    if (wanted == 0) {
      return queries;
    }
    int group = Tokens.largestDivisor(queries, wanted);
    if (group != wanted) {
      Scope.repaired(
          "%d query heads do not fall into groups of %d; used groups of %d"
              .formatted(queries, wanted, group));
    }
    return group;
  }
}
