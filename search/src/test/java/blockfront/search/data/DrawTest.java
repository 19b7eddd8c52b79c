package blockfront.search.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DrawTest {

  @Test
  void shuffledIndicesAreThoseThatWereThere() {
    int[] indices = IntStream.range(0, 100).toArray();
    Draw.shuffle(indices, 5, 0);
    assertThat(indices)
        .containsExactlyInAnyOrder(IntStream.range(0, 100).toArray())
        .isNotEqualTo(IntStream.range(0, 100).toArray());
  }

  @Test
  void everyIndexComesToEveryPlaceEquallyOften() {
    var counts = new int[4][4];
    for (int stream = 0; stream < 40_000; stream++) {
      int[] indices = {0, 1, 2, 3};
      Draw.shuffle(indices, 7, stream);
      for (int place = 0; place < 4; place++) {
        counts[indices[place]][place]++;
      }
    }
    for (int[] places : counts) {
      for (int count : places) {
        assertThat(count / 40_000.0).isCloseTo(0.25, within(0.01));
      }
    }
  }

  @Test
  void drawsStayBelowTheirBoundAndReachAllOfIt() {
    assertThat(IntStream.range(0, 1000).map(i -> Draw.below(5, Draw.bits(3, i, 0))).distinct())
        .containsExactlyInAnyOrder(0, 1, 2, 3, 4);
    assertThat(Draw.below(5, -1L)).isEqualTo(4);
    assertThat(Draw.below(5, 0L)).isZero();
  }

  @Test
  void bitsNeverChange() {
    assertThat(Draw.bits(1, 2, 3)).isEqualTo(0x8568F7C4E53B5A35L);
  }
}
