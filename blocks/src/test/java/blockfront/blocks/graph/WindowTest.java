package blockfront.blocks.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class WindowTest {

  @Test
  void aCentredWindowKeepsTheGrid() {
    assertThat(Window.same(7).rows(5)).isEqualTo(5);
    assertThat(Window.same(7).columns(1)).isEqualTo(1);
  }

  @Test
  void positionsFollowStrideDilationAndPadding() {
    assertThat(Window.square(3, 2, 1).rows(9)).isEqualTo(5);
    assertThat(Window.square(3, 2, 1).rows(8)).isEqualTo(4);
    assertThat(new Window(3, 2, 1, 2, 0, 0, 1, 0).rows(9)).isEqualTo(5);
    assertThat(new Window(3, 2, 1, 2, 0, 0, 1, 0).columns(9)).isEqualTo(8);
  }

  @Test
  void aWindowTooWideHasNoPosition() {
    assertThat(Window.square(4, 1, 0).rows(3)).isZero();
    assertThat(Window.square(4, 4, 0).rows(3)).isZero();
  }

  @Test
  void sizesArePositive() {
    assertThatThrownBy(() -> Window.square(3, 0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Window needs positive sizes, got 3x3 with stride 0 and dilation 1");
  }

  @Test
  void paddingIsNotNegative() {
    assertThatThrownBy(() -> new Window(3, 3, 1, 1, 0, 1, -1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Window needs padding of at least 0, got 0, 1, -1, 0");
  }

  @Test
  void anEvenWindowHasNoCentre() {
    assertThatThrownBy(() -> Window.same(4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Window of even size 4 cannot keep the grid's size");
  }
}
