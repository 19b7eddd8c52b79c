package blockfront.blocks.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShapeTest {

  @Test
  void isReadAsItIsWritten() {
    assertThat(Shape.parse("28x28x1")).isEqualTo(Shape.of(28, 28, 1));
    assertThat(Shape.parse(Shape.of(7).text())).isEqualTo(Shape.of(7));
    assertThat(Shape.of(28, 28, 1).text()).isEqualTo("28x28x1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "28x", "0x3", "-1", "28 x 28", "28X28", "9999999999"})
  void othersAreNotRead(String text) {
    assertThatThrownBy(() -> Shape.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Shape '%s' is not sizes joined by 'x', as in 28x28x1", text);
  }

  @Test
  void sizesArePositive() {
    assertThatThrownBy(() -> Shape.of(3, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Shape needs positive sizes, got [3, 0]");
    assertThatThrownBy(Shape::of)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Shape needs positive sizes, got []");
  }

  @Test
  void axesCountFromEitherEnd() {
    Shape shape = Shape.of(5, 4, 3);

    assertThat(shape.size(0)).isEqualTo(5);
    assertThat(shape.size(-1)).isEqualTo(3);
    assertThat(shape.with(-2, 9)).isEqualTo(Shape.of(5, 9, 3));
    assertThat(shape.withLast(9)).isEqualTo(Shape.of(5, 4, 9));
    assertThat(shape.permuted(List.of(2, 0, 1))).isEqualTo(Shape.of(3, 5, 4));
    assertThat(shape.elements()).isEqualTo(60);
  }

  @Test
  void sizesOfOneAndMissingAxesStretch() {
    assertThat(Shape.of(3, 1, 5).broadcast(Shape.of(4, 1))).isEqualTo(Shape.of(3, 4, 5));
    assertThat(Shape.of(5).broadcast(Shape.of(2, 3, 5))).isEqualTo(Shape.of(2, 3, 5));
  }

  @Test
  void otherSizesDoNot() {
    assertThatThrownBy(() -> Shape.of(3, 4).broadcast(Shape.of(2, 4)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot combine [3, 4] with [2, 4]: sizes 3 and 2 differ");
  }
}
