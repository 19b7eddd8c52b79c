package blockfront.blocks.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ScopeTest {

  @Test
  void scopesNest() {
    assertThat(Scope.in("stages.0", () -> Scope.in("mixer", Scope::path)))
        .isEqualTo("stages.0.mixer");
    assertThat(Scope.path()).isEmpty();
  }

  @Test
  void anAbsolutePathForgetsWhereItIs() {
    assertThat(Scope.in("stages.0", () -> Scope.at("head", Scope::path))).isEqualTo("head");
  }

  @Test
  void tensorsRememberWhereTheyWereMade() {
    assertThat(Scope.in("stem", () -> Expression.input(3)).scope()).isEqualTo("stem");
  }

  @Test
  void repairsAreToldOnceForEachPlace() {
    var noted =
        Scope.collectingRepairs(
            () -> {
              Scope.repaired("outside");
              Scope.in("mixer", () -> twice("rounded"));
              return Scope.in("channel", () -> twice("rounded"));
            });

    assertThat(noted.repairs()).containsExactly("outside", "mixer: rounded", "channel: rounded");
    assertThat(noted.value()).isEqualTo("channel");
  }

  @Test
  void parametersAreNamedByScopeAndRole() {
    Tensor x = Expression.input(2, 3);
    Tensor stem = Scope.in("stem", () -> x.linear(3).linear(3));
    Tensor output = stem.linear(3, Init.ZEROS);

    assertThat(Parameters.of(List.of(output)).byName().sequencedKeySet())
        .containsExactly("stem.weight", "stem.bias", "stem.weight_2", "stem.bias_2", "weight");
  }

  @Test
  void aSharedParameterHasOneName() {
    Tensor weight = Expression.parameter(3, 3);
    Tensor output = Expression.input(2, 3).matmul(weight).matmul(weight);

    assertThat(Parameters.of(List.of(output)).tensors()).containsExactly(weight);
  }

  private static String twice(String repair) {
    Scope.repaired(repair);
    Scope.repaired(repair);
    return Scope.path();
  }
}
