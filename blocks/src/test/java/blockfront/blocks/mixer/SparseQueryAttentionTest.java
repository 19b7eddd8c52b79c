package blockfront.blocks.mixer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.testing.Described;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SparseQueryAttentionTest {

  private static final int N = 6;
  private static final int C = 16;
  private static final int D = 2; // so there is room for 8 heads
  private static final Shape TOKENS = Shape.of(N, C);

  @Test
  void allHeadsWithKeysOfTheirOwnArePlainAttention() {
    Described sparse = sparse(1, 1).random(1);

    assertThat(sparse.atRandom(2)).containsExactly(plain().like(sparse).atRandom(2), within(1e-12));
  }

  @Test
  void sharedKeysArePlainAttentionWithTheSameKeysInEachGroup() {
    Described grouped = sparse(1, 4).random(1);
    double[] weight = grouped.values("qkv.weight");
    double[] bias = grouped.values("qkv.bias");
    int width = bias.length;
    Described plain =
        plain()
            .set("qkv.weight", i -> weight[i / (3 * C) * width + repeated(i % (3 * C))])
            .set("qkv.bias", i -> bias[repeated(i)])
            .set("out.weight", i -> grouped.values("out.weight")[i])
            .set("out.bias", i -> grouped.values("out.bias")[i]);

    assertThat(grouped.atRandom(2)).containsExactly(plain.atRandom(2), within(1e-12));
  }

  /** Which of 8 query and 2 times 2 key and value heads a column of plain attention repeats. */
  private static int repeated(int column) {
    if (column < C) {
      return column;
    }
    int head = column % C / D;
    int kind = column / C - 1;
    return C + kind * 2 * D + head / 4 * D + column % D;
  }

  /** The variants that the paper names: query heads and heads of keys, of 8. */
  @ParameterizedTest
  @CsvSource({
    "SQA, 0.5, 2, 4, 2",
    "sSQA, 0.5, 1, 4, 4",
    "xSQA, 0.25, 1, 2, 2",
    "xSMQA, 0.25, 0, 2, 1",
    "GQA, 1, 2, 8, 4",
    "MQA, 1, 0, 8, 1"
  })
  void costIsThatOfTheVariant(String name, double share, int group, int queries, int pairs) {
    Described variant = sparse(share, group);
    int width = D * (2 * queries + 2 * pairs);
    int biases = D * (queries + 2 * pairs) + C;

    assertThat(variant.cost().parameters()).as(name).isEqualTo(C * width + biases);
    assertThat(variant.cost().multiplyAdds())
        .as(name)
        .isEqualTo((long) N * C * width + 2L * N * N * queries * D);
  }

  @Test
  void halfTheQueriesHalveTheProducts() {
    assertThat(sparse(0.5, 2).cost().softmax()).isEqualTo(plain().cost().softmax() / 2);
  }

  @Test
  void whatDoesNotDivideIsRepaired() {
    var noted =
        Scope.collectingRepairs(
            () -> new SparseQueryAttention().mix(Tensor.input("x", TOKENS), setting(0.375, 2)));

    assertThat(noted.repairs())
        .containsExactly("3 query heads do not fall into groups of 2; used groups of 1");
    assertThat(
            Scope.collectingRepairs(
                    () ->
                        new SparseQueryAttention().mix(Tensor.input("x", TOKENS), setting(0.3, 1)))
                .repairs())
        .containsExactly("A share of 0.3 of 8 heads is no number of heads; used 2");
  }

  private static Described sparse(double share, int group) {
    return Described.of(TOKENS, x -> new SparseQueryAttention().mix(x, setting(share, group)));
  }

  private static Setting setting(double share, int group) {
    return Setting.STANDARD
        .with(SparseQueryAttention.HEAD_DIM, D)
        .with(SparseQueryAttention.QUERIES, share)
        .with(SparseQueryAttention.GROUP, group);
  }

  private static Described plain() {
    Setting setting = Setting.STANDARD.with(SoftmaxAttention.HEAD_DIM, D);
    return Described.of(TOKENS, x -> new SoftmaxAttention().mix(x, setting));
  }
}
