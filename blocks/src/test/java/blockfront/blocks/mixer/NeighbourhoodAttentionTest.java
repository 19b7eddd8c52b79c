package blockfront.blocks.mixer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.position.RotaryPosition;
import blockfront.blocks.spi.Places;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.testing.Described;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NeighbourhoodAttentionTest {

  private static final int C = 8;
  private static final int HEADS = 2;

  @Test
  void neighbourhoodsSlideInwardsAtTheEdge() {
    assertThat(starts(8, 5)).containsExactly(0, 0, 0, 1, 2, 3, 3, 3);
    assertThat(starts(5, 5)).containsExactly(0, 0, 0, 0, 0);
    // of an even number, one more lies before than after
    assertThat(starts(8, 4)).containsExactly(0, 0, 0, 1, 2, 3, 4, 4);
  }

  private static List<Integer> starts(int length, int kernel) {
    return IntStream.range(0, length)
        .map(token -> NeighbourhoodAttention.key(token, 0, length, kernel, 1, false))
        .boxed()
        .toList();
  }

  @ParameterizedTest
  @CsvSource({"6, 5, 3, 1", "7, 9, 3, 2", "8, 7, 2, 3", "5, 5, 5, 1", "6, 8, 4, 1"})
  void tokensOfANeighbourhoodAreSeen(int rows, int columns, int kernel, int dilation) {
    Described described = near(Shape.of(rows, columns, C), setting(kernel, dilation)).random(1);
    double[] x = described.input(2);
    double[] table = described.values("bias_table");
    DenseAttention.Added added =
        (head, i, j) -> {
          int down = offset(i / columns, j / columns, rows, kernel, dilation);
          int right = offset(i % columns, j % columns, columns, kernel, dilation);
          return down < 0 || right < 0
              ? Double.NEGATIVE_INFINITY
              : table[(down * (2 * kernel - 1) + right) * HEADS + head];
        };

    assertThat(described.at(x))
        .containsExactly(attended(described, x, rows * columns, added), within(1e-12));
  }

  /** Of a key that is seen, its offset plus {@code kernel - 1}; negative if it is not seen. */
  private static int offset(int query, int key, int length, int kernel, int dilation) {
    if (query % dilation != key % dilation) {
      return -1;
    }
    int remainder = query % dilation;
    int i = query / dilation;
    int j = key / dilation;
    int places = (length - remainder + dilation - 1) / dilation;
    int before = kernel / 2;
    int after = kernel - 1 - before;
    // the rule as NATTEN states it
    int start = Math.max(i - before, 0) + (i + after >= places ? places - i - after - 1 : 0);
    return j >= start && j < start + kernel ? j - i + kernel - 1 : -1;
  }

  @Test
  void aNeighbourhoodAsLargeAsTheGridIsPlainAttention() {
    Described described = near(Shape.of(3, 3, C), setting(3, 1)).random(1).set("bias_table", 0);
    Described plain =
        Described.of(
                Shape.of(3, 3, C),
                x ->
                    new SoftmaxAttention()
                        .mix(x, Setting.STANDARD.with(SoftmaxAttention.HEAD_DIM, C / HEADS)))
            .like(described);

    assertThat(described.atRandom(2)).containsExactly(plain.atRandom(2), within(1e-12));
  }

  @Test
  void dilationIsANeighbourhoodWithinEachRemainder() {
    int side = 6;
    Described dilated = near(Shape.of(side, side, C), setting(3, 2)).random(1);
    Described plain = near(Shape.of(side / 2, side / 2, C), setting(3, 1)).like(dilated);
    double[] x = dilated.input(2);
    double[] all = dilated.at(x);

    for (int remainder = 0; remainder < 4; remainder++) {
      List<Integer> tokens = new ArrayList<>();
      for (int i = 0; i < side * side / 4; i++) {
        int row = i / (side / 2) * 2 + remainder / 2;
        int column = i % (side / 2) * 2 + remainder % 2;
        tokens.add(row * side + column);
      }
      assertThat(plain.at(of(tokens, x)))
          .as("remainder %d", remainder)
          .containsExactly(of(tokens, all), within(1e-12));
    }
  }

  private static double[] of(List<Integer> tokens, double[] x) {
    return tokens.stream()
        .flatMapToDouble(token -> IntStream.range(0, C).mapToDouble(c -> x[token * C + c]))
        .toArray();
  }

  @ParameterizedTest
  @CsvSource({"7, 3, 1", "9, 3, 2", "5, 4, 1"})
  void sequencesHaveNeighbourhoodsToo(int length, int kernel, int dilation) {
    Described described = near(Shape.of(length, C), setting(kernel, dilation)).random(1);
    double[] x = described.input(2);
    double[] table = described.values("bias_table");
    DenseAttention.Added added =
        (head, i, j) -> {
          int offset = offset(i, j, length, kernel, dilation);
          return offset < 0 ? Double.NEGATIVE_INFINITY : table[offset * HEADS + head];
        };

    assertThat(described.at(x))
        .containsExactly(attended(described, x, length, added), within(1e-12));
  }

  @Test
  void causalNeighbourhoodsEndAtTheToken() {
    int length = 9;
    int kernel = 3;
    int dilation = 2;
    Setting causal = setting(kernel, dilation).with(NeighbourhoodAttention.CAUSAL, true);
    Described described = near(Shape.of(length, C), causal).random(1);
    double[] x = described.input(2);
    double[] table = described.values("bias_table");
    DenseAttention.Added added =
        (head, i, j) -> {
          int back = i - j;
          boolean seen = back >= 0 && back % dilation == 0 && back / dilation < kernel;
          return seen
              ? table[(kernel - 1 - back / dilation) * HEADS + head]
              : Double.NEGATIVE_INFINITY;
        };

    assertThat(described.at(x))
        .containsExactly(attended(described, x, length, added), within(1e-12));
  }

  @Test
  void turnedQueriesAndKeysAreTurnedHereToo() {
    Shape grid = Shape.of(3, 3, C);
    var places = new Places(new RotaryPosition(), Setting.STANDARD, grid);
    Described near = places.tell(() -> near(grid, setting(3, 1))).random(1).set("bias_table", 0);
    Setting setting = Setting.STANDARD.with(SoftmaxAttention.HEAD_DIM, C / HEADS);
    Described plain = Described.of(grid, x -> new SoftmaxAttention().mix(x, setting)).like(near);
    Described turned =
        places
            .tell(() -> Described.of(grid, x -> new SoftmaxAttention().mix(x, setting)))
            .like(near);

    assertThat(near.atRandom(2)).containsExactly(turned.atRandom(2), within(1e-12));
    assertThat(near.atRandom(2)).isNotEqualTo(plain.atRandom(2));
  }

  @Test
  void onlyTheNeighbourhoodIsKept() {
    Setting causal = setting(5, 3).with(NeighbourhoodAttention.CAUSAL, true);

    assertThat(new NeighbourhoodAttention().state(Shape.of(100, C), causal))
        .as("keys and values of a token and the 12 before")
        .isEqualTo(2 * C * 13);
    assertThat(new NeighbourhoodAttention().state(Shape.of(7, C), causal)).isEqualTo(2 * C * 7);
  }

  @Test
  void costGrowsWithTheKernel() {
    var cost = near(Shape.of(6, 7, C), setting(5, 1)).cost();
    int n = 42;

    assertThat(cost.parameters()).isEqualTo(4 * C * C + 4 * C + 9 * 9 * HEADS);
    assertThat(cost.multiplyAdds()).isEqualTo(4L * n * C * C + 2L * n * 25 * C);
  }

  @Test
  void whatDoesNotFitIsRepaired() {
    assertThat(repairs(Shape.of(12, 15, C), setting(5, 4)))
        .containsExactly(
            "Neighbourhoods of 5 with dilation 4 do not fit 12x15 tokens; used 5 with dilation 2");
    assertThat(repairs(Shape.of(4, C), setting(7, 2)))
        .containsExactly(
            "Neighbourhoods of 7 with dilation 2 do not fit 4 tokens; used 4 with dilation 1");
  }

  private static List<String> repairs(Shape shape, Setting setting) {
    return Scope.collectingRepairs(
            () -> new NeighbourhoodAttention().mix(Tensor.input("x", shape), setting))
        .repairs();
  }

  private static double[] attended(
      Described described, double[] x, int tokens, DenseAttention.Added added) {
    double[] qkv =
        DenseAttention.linear(x, described.values("qkv.weight"), described.values("qkv.bias"));
    double[] seen =
        DenseAttention.attend(
            DenseAttention.columns(qkv, 3 * C, 0, C),
            DenseAttention.columns(qkv, 3 * C, C, 2 * C),
            DenseAttention.columns(qkv, 3 * C, 2 * C, 3 * C),
            tokens,
            HEADS,
            added);
    return DenseAttention.linear(
        seen, described.values("out.weight"), described.values("out.bias"));
  }

  private static Described near(Shape shape, Setting setting) {
    return Described.of(shape, x -> new NeighbourhoodAttention().mix(x, setting));
  }

  private static Setting setting(int kernel, int dilation) {
    return Setting.STANDARD
        .with(NeighbourhoodAttention.KERNEL, kernel)
        .with(NeighbourhoodAttention.DILATION, dilation)
        .with(NeighbourhoodAttention.HEAD_DIM, C / HEADS);
  }
}
