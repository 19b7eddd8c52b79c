package blockfront.blocks.mixer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.graph.Shape;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.testing.Described;
import org.junit.jupiter.api.Test;

class WideAttentionTest {

  private static final Shape TOKENS = Shape.of(5, 8);

  @Test
  void headsThatFillTheChannelsArePlainAttention() {
    Described wide = wide(2, 4).random(1);
    Setting plain = Setting.STANDARD.with(SoftmaxAttention.HEAD_DIM, 4);
    Described attention =
        Described.of(TOKENS, x -> new SoftmaxAttention().mix(x, plain)).like(wide);

    assertThat(wide.atRandom(2)).containsExactly(attention.atRandom(2), within(1e-12));
  }

  @Test
  void allFourMatricesGrowWithTheHeads() {
    Described wide = wide(6, 4);
    int inner = 6 * 4;

    assertThat(wide.cost().parameters()).isEqualTo(4 * 8 * inner + 3 * inner + 8);
    assertThat(wide.cost().multiplyAdds()).isEqualTo(5L * 4 * 8 * inner + 2L * 5 * 5 * inner);
  }

  private static Described wide(int heads, int headDim) {
    Setting setting =
        Setting.STANDARD.with(WideAttention.HEADS, heads).with(WideAttention.HEAD_DIM, headDim);
    return Described.of(TOKENS, x -> new WideAttention().mix(x, setting));
  }
}
