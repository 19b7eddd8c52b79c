package blockfront.blocks.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class SharingTest {

  private static final Tensor X = Tensor.input("x", Shape.of(3, 4));

  @Test
  void laterPassesUseTheParametersOfTheFirst() {
    var sharing = new Sharing();
    Tensor once = sharing.pass(() -> twoLayers(X));
    Tensor twice = sharing.pass(() -> twoLayers(once));

    assertThat(Parameters.of(List.of(twice)).byName().keySet())
        .containsExactly("a.weight", "a.bias", "b.weight", "b.bias");
  }

  @Test
  void eachSharingHasItsOwn() {
    Tensor once = new Sharing().pass(() -> twoLayers(X));
    Tensor twice = new Sharing().pass(() -> twoLayers(once));

    assertThat(Parameters.of(List.of(twice)).byName()).hasSize(8);
  }

  @Test
  void sharingsNest() {
    var outer = new Sharing();
    Tensor x = X;
    for (int i = 0; i < 2; i++) {
      Tensor in = x;
      x =
          outer.pass(
              () -> {
                var inner = new Sharing();
                Tensor first = inner.pass(() -> twoLayers(in));
                return inner.pass(() -> twoLayers(first)).linear(4);
              });
    }

    assertThat(Parameters.of(List.of(x)).byName().keySet())
        .containsExactly("a.weight", "a.bias", "b.weight", "b.bias", "weight", "bias");
  }

  @Test
  void severalOfARoleAreToldApartByTheirTurn() {
    var sharing = new Sharing();
    Tensor first = sharing.pass(() -> X.linear(4).linear(4));
    Tensor second = sharing.pass(() -> X.linear(4).linear(4));

    assertThat(Parameters.of(List.of(first.plus(second))).byName()).hasSize(4);
  }

  @Test
  void whatIsSharedKeepsItsShape() {
    var sharing = new Sharing();
    Tensor first = sharing.pass(() -> X.linear(4));

    assertThatThrownBy(() -> sharing.pass(() -> first.linear(5)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Parameter ' weight' is shared with shape [4, 4], asked for with [4, 5]");
  }

  private static Tensor twoLayers(Tensor x) {
    Tensor a = Scope.in("a", () -> x.linear(4));
    return Scope.in("b", () -> a.linear(4));
  }
}
